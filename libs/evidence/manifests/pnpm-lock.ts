import { named } from '../documents/format.ts';
import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { withoutVersion } from './npm.ts';
import { LockedPackages } from './package.ts';

const ROW = /^( *)('[^']*'|"[^"]*"|[^\s#'"][^:]*(?::(?!\s|$)[^:]*)*):(?:\s+(.*))?$/;
const groups = new Map([
  ['dependencies', false],
  ['optionalDependencies', false],
  ['devDependencies', true],
]);

/**
 * `pnpm-lock.yaml`, versions 5 to 9. Read by lines, not as YAML: pnpm writes one shape, and a general parser takes seconds for
 * what this does in a fraction of one.
 */
export const pnpmLock: Format = {
  id: 'pnpm-lock',
  name: 'pnpm-lock.yaml',
  fits: named(/^pnpm-lock\.ya?ml$/),
  reader: (traces) => {
    const packages = new LockedPackages(traces, 'npm');
    /** Names that the current line stands below, with their indents. */
    const above: { indent: number; name: string }[] = [];
    let asked: { name: string; line: number; dev: boolean } | null = null;
    const settle = (version: string | undefined) => {
      if (asked === null) return;
      if (version?.startsWith('link:') === true) packages.own(asked.name);
      else packages.direct(realName(asked.name, version), asked.line, asked.dev);
      asked = null;
    };
    return lineReader(
      traces,
      (text, line) => {
        const [, spaces, key, value] = ROW.exec(text) ?? [];
        if (spaces === undefined || key === undefined) return;
        const name = unquoted(key);
        while ((above.at(-1)?.indent ?? -1) >= spaces.length) above.pop();
        const path = above.map((part) => part.name);
        if (above.length < 8) above.push({ indent: spaces.length, name });
        const group = path.at(-1) ?? '';
        const isProject = path.length === 1 || (path.length === 3 && path[0] === 'importers');
        if (isProject && groups.has(group)) {
          settle(undefined);
          asked = { name, line, dev: groups.get(group) === true };
          if (value !== undefined && value !== '') settle(unquoted(value));
        } else if (name === 'version' && asked !== null && path.at(-1) === asked.name) {
          settle(unquoted(value ?? ''));
        } else if (path.length === 1 && path[0] === 'packages') {
          settle(undefined);
          packages.locked(lockedName(name), line);
        }
      },
      () => {
        settle(undefined);
        packages.tell();
      },
    );
  },
};

const unquoted = (text: string): string => (/^(['"]).*\1$/.test(text) ? text.slice(1, -1) : text);

/** An alias has the real name before its version: `other@1.0.0`, `/other@1.0.0`, `/other/1.0.0`. */
function realName(name: string, version: string | undefined): string {
  if (version === undefined || !/^(?:\/|@?[a-z][^(]*@\d)/i.test(version)) return name;
  return lockedName(version);
}

/** `@scope/name@1.0.0(peer@2.0.0)`, before version 9 with `/` in front, before version 6 `/@scope/name/1.0.0_peer`. */
function lockedName(key: string): string {
  const plain = key.startsWith('/') ? key.slice(1) : key;
  if (plain.indexOf('@', 1) !== -1) return withoutVersion(plain);
  return plain
    .split('/')
    .slice(0, plain.startsWith('@') ? 2 : 1)
    .join('/');
}
