import { named, textFormat } from '../documents/format.ts';
import { lineFinder, nameLines, tomlTree } from '../documents/toml.ts';
import { at, itemsOf, membersOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { LockedPackages, tellPackage } from './package.ts';

export const cargoToml: Format = textFormat(
  { id: 'cargo-toml', name: 'Cargo.toml (Rust)', fits: named(/^Cargo\.toml$/) },
  (text, traces) => {
    const tree = tomlTree(text);
    const lineOf = lineFinder(text);
    const group = (of: Tree | undefined, header: string, dev: boolean) => {
      for (const [alias, entry] of membersOf(of)) {
        if (at(entry, 'path') !== undefined) continue;
        const name = textIn(at(entry, 'package')) ?? alias;
        tellPackage(traces, { registry: 'cargo', name, grade: 'capable', line: lineOf(alias, header), dev });
      }
    };
    const all = (of: Tree | undefined, above: string) => {
      group(at(of, 'dependencies'), `${above}dependencies`, false);
      group(at(of, 'build-dependencies'), `${above}build-dependencies`, true);
      group(at(of, 'dev-dependencies'), `${above}dev-dependencies`, true);
    };
    all(tree, '');
    group(at(tree, 'workspace', 'dependencies'), 'workspace.dependencies', false);
    for (const [name, target] of membersOf(at(tree, 'target'))) all(target, `target.${name}.`);
  },
);

/** What has no source is the project's own, and what that depends on is direct. */
export const cargoLock: Format = textFormat(
  { id: 'cargo-lock', name: 'Cargo.lock (Rust)', fits: named(/^Cargo\.lock$/) },
  (text, traces) => {
    const packages = new LockedPackages(traces, 'cargo');
    const lines = nameLines(text, 'package');
    const entries = itemsOf(at(tomlTree(text), 'package'));
    const lineByName = new Map<string, number>();
    entries.forEach((entry, index) => {
      const name = textIn(at(entry, 'name'));
      if (name !== undefined) lineByName.set(name, lines[index] ?? 1);
      else traces.skip(lines[index] ?? 1, 'a package has no name', 'package.name');
    });
    for (const entry of entries) {
      const name = textIn(at(entry, 'name'));
      if (name === undefined) continue;
      if (at(entry, 'source') !== undefined) {
        packages.locked(name, lineByName.get(name) ?? 1);
        continue;
      }
      packages.own(name);
      for (const dependency of itemsOf(at(entry, 'dependencies'))) {
        const [asked] = (textIn(dependency) ?? '').split(' ');
        if (asked !== undefined && asked !== '') packages.direct(asked, lineByName.get(asked) ?? 1);
      }
    }
    packages.tell();
  },
);
