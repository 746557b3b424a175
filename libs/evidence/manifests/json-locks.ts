import { jsonFormat, named } from '../documents/format.ts';
import { at, itemsOf, membersOf, textIn } from '../documents/tree.ts';
import { tellUnread } from './npm.ts';
import { LockedPackages, tellPackage } from './package.ts';

export const composerJson = jsonFormat(
  { id: 'composer-json', name: 'composer.json (PHP)', fits: named(/^composer\.json$/) },
  (tree, traces) => {
    for (const [group, dev] of [
      ['require', false],
      ['require-dev', true],
    ] as const) {
      tellUnread(traces, at(tree, group), group);
      for (const [name, version] of membersOf(at(tree, group))) {
        // Others are parts of PHP itself: `php`, `ext-json`.
        if (!name.includes('/')) continue;
        tellPackage(traces, { registry: 'packagist', name, grade: 'capable', line: version.line, dev });
      }
    }
  },
);

/** Doesn't say what the project asks for: `composer.json` beside it does. */
export const composerLock = jsonFormat(
  { id: 'composer-lock', name: 'composer.lock (PHP)', fits: named(/^composer\.lock$/) },
  (tree, traces) => {
    for (const group of ['packages', 'packages-dev']) {
      for (const entry of itemsOf(at(tree, group))) {
        const name = at(entry, 'name');
        const text = textIn(name);
        if (name === undefined || text === undefined) {
          traces.skip(entry.line, 'a package has no name', `${group}.name`);
        } else
          tellPackage(traces, { registry: 'packagist', name: text, grade: 'transitive', line: name.line });
      }
    }
  },
);

export const nugetLock = jsonFormat(
  { id: 'nuget-lock', name: 'packages.lock.json (NuGet)', fits: named(/^packages\.lock\.json$/) },
  (tree, traces) => {
    const packages = new LockedPackages(traces, 'nuget');
    for (const [, framework] of membersOf(at(tree, 'dependencies'))) {
      for (const [name, entry] of membersOf(framework)) {
        const type = textIn(at(entry, 'type'));
        if (type === 'Project') packages.own(name);
        else if (type === 'Direct') packages.direct(name, entry.line);
        else packages.locked(name, entry.line);
      }
    }
    packages.tell();
  },
);

/** Doesn't say what the project asks for: `Pipfile` beside it does. */
export const pipfileLock = jsonFormat(
  { id: 'pipfile-lock', name: 'Pipfile.lock (Python)', fits: named(/^Pipfile\.lock$/) },
  (tree, traces) => {
    for (const group of ['default', 'develop']) {
      tellUnread(traces, at(tree, group), group);
      for (const [name, { line }] of membersOf(at(tree, group))) {
        tellPackage(traces, { registry: 'pypi', name, grade: 'transitive', line });
      }
    }
  },
);
