import { jsonFormat, named } from '../documents/format.ts';
import { at, membersOf, type Tree, textIn } from '../documents/tree.ts';
import type { Traces } from '../trace.ts';
import { LockedPackages, tellPackage } from './package.ts';

const groups: readonly [name: string, dev: boolean][] = [
  ['dependencies', false],
  ['optionalDependencies', false],
  ['peerDependencies', false],
  ['devDependencies', true],
];

/** `npm:other@1` asks for another name; `file:`, `link:` and `workspace:` for no package of a registry. */
function asked(name: string, version: Tree): string | null {
  const text = textIn(version) ?? '';
  if (/^(?:file|link|workspace|portal):/.test(text)) return null;
  return text.startsWith('npm:') ? withoutVersion(text.slice(4)) : name;
}

/** The name in `@scope/name@version`. */
export function withoutVersion(text: string): string {
  const mark = text.indexOf('@', 1);
  return mark === -1 ? text : text.slice(0, mark);
}

export const packageJson = jsonFormat(
  { id: 'package-json', name: 'package.json (npm)', fits: named(/^package\.json$/) },
  (tree, traces) => {
    const product = new Set(
      ['dependencies', 'optionalDependencies'].flatMap((group) => namesIn(at(tree, group))),
    );
    for (const [group, dev] of groups) {
      tellUnread(traces, at(tree, group), group);
      for (const [name, version] of membersOf(at(tree, group))) {
        const real = asked(name, version);
        if (real === null || (dev && product.has(name))) continue;
        tellPackage(traces, { registry: 'npm', name: real, grade: 'capable', line: version.line, dev });
      }
    }
  },
);

const namesIn = (tree: Tree | undefined): string[] => [...membersOf(tree)].map(([name]) => name);

/** Tells a member that has to be an object and isn't. */
export function tellUnread(traces: Traces, tree: Tree | undefined, field: string): void {
  if (tree !== undefined && tree.is !== 'table') traces.skip(tree.line, 'this is no object', field);
}

/**
 * Versions 2 and 3 say what the project asks for. Version 1 doesn't: there, what nothing else in it requires is what the project
 * asks for, and the rest counts as transitive.
 */
export const packageLock = jsonFormat(
  {
    id: 'package-lock',
    name: 'package-lock.json (npm)',
    fits: named(/^(?:package-lock|npm-shrinkwrap)\.json$/),
  },
  (tree, traces) => {
    const packages = new LockedPackages(traces, 'npm');
    const entries = at(tree, 'packages');
    tellUnread(traces, entries, 'packages');
    tellUnread(traces, at(tree, 'dependencies'), 'dependencies');
    if (entries?.is === 'table') readPackages(entries, packages);
    else readVersion1(at(tree, 'dependencies'), packages);
    packages.tell();
  },
);

const INSTALLED = 'node_modules/';

function readPackages(entries: Tree, packages: LockedPackages): void {
  for (const [path, entry] of membersOf(entries)) {
    const mark = path.lastIndexOf(INSTALLED);
    if (mark === -1) {
      const own = textIn(at(entry, 'name'));
      if (own !== undefined) packages.own(own);
      for (const [group, dev] of groups) {
        for (const [name, version] of membersOf(at(entry, group))) {
          const real = asked(name, version);
          if (real !== null) packages.direct(real, version.line, dev);
        }
      }
      continue;
    }
    const link = at(entry, 'link');
    const isLink = link?.is === 'leaf' && link.value === true;
    const name = path.slice(mark + INSTALLED.length);
    if (isLink) packages.own(name);
    else packages.locked(textIn(at(entry, 'name')) ?? name, entry.line);
  }
}

function readVersion1(dependencies: Tree | undefined, packages: LockedPackages): void {
  const required = new Set<string>();
  const waiting: Tree[] = dependencies === undefined ? [] : [dependencies];
  for (let level = waiting.pop(); level !== undefined; level = waiting.pop()) {
    for (const [name, entry] of membersOf(level)) {
      packages.locked(name, entry.line);
      for (const [inner] of membersOf(at(entry, 'requires'))) required.add(inner);
      const below = at(entry, 'dependencies');
      if (below !== undefined) waiting.push(below);
    }
  }
  for (const [name, entry] of membersOf(dependencies)) {
    const dev = at(entry, 'dev');
    if (!required.has(name)) packages.direct(name, entry.line, dev?.is === 'leaf' && dev.value === true);
  }
}
