import { named } from '../documents/format.ts';
import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { LockedPackages } from './package.ts';

/** `specs` are locked; `DEPENDENCIES` at the end says what is asked for. Gems from a path are the project's own. */
export const gemfileLock: Format = {
  id: 'gemfile-lock',
  name: 'Gemfile.lock (Ruby)',
  fits: named(/^(?:Gemfile|gems)(?:\.lock|\.locked)$/),
  reader: (traces) => {
    const packages = new LockedPackages(traces, 'rubygems');
    let section = '';
    return lineReader(
      traces,
      (text, line) => {
        if (!text.startsWith(' ')) {
          section = text.trim();
          return;
        }
        const [, spaces = '', name = ''] = /^( +)([^\s!(]+)/.exec(text) ?? [];
        if (section === 'DEPENDENCIES' && spaces.length === 2) packages.direct(name, line);
        else if (spaces.length !== 4 || !/^(?:GEM|GIT|PATH)$/.test(section)) return;
        else if (section === 'PATH') packages.own(name);
        else packages.locked(name, line);
      },
      () => packages.tell(),
    );
  },
};
