import { named } from '../documents/format.ts';
import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { withoutVersion } from './npm.ts';
import { LockedPackages } from './package.ts';

/**
 * `yarn.lock`, classic and of Yarn 2 and later. Later ones name the project's own parts, and what these ask for is direct. Classic
 * ones don't: all they lock is transitive, and `package.json` beside them says the rest.
 */
export const yarnLock: Format = {
  id: 'yarn-lock',
  name: 'yarn.lock',
  fits: named(/^yarn\.lock$/),
  reader: (traces) => {
    const packages = new LockedPackages(traces, 'npm');
    let isOwn = false;
    let group = '';
    return lineReader(
      traces,
      (text, line) => {
        if (text.startsWith('#')) return;
        if (!text.startsWith(' ')) {
          group = '';
          isOwn = false;
          const [first] = text.replace(/:\s*$/, '').split(/,\s*/);
          if (!text.trimEnd().endsWith(':') || first === undefined || text.startsWith('__metadata')) return;
          const asked = first.replaceAll('"', '');
          const name = withoutVersion(asked);
          const range = asked.slice(name.length + 1);
          isOwn = /^(?:workspace|portal|link|file):/.test(range);
          if (isOwn) packages.own(name);
          else packages.locked(realName(name, range), line);
          return;
        }
        if (!isOwn) return;
        const [, spaces = '', key = '', value = ''] = /^( +)"?([^":]+)"?:\s*(.*)$/.exec(text) ?? [];
        if (spaces.length === 2) group = key;
        else if (spaces.length === 4 && (group === 'dependencies' || group === 'devDependencies')) {
          packages.direct(realName(key, value.replaceAll('"', '')), line, group === 'devDependencies');
        }
      },
      () => packages.tell(),
    );
  },
};

/** `alias@npm:real@1.0.0` is `real`. */
function realName(name: string, range: string): string {
  const [, real] = /^npm:(@?[a-z][^@\s]*)@/i.exec(range) ?? [];
  return real ?? name;
}
