import { named } from '../documents/format.ts';
import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { tellPackage } from './package.ts';

const MODULE = /^("?)([^\s"]+)\1\s+v\S+/;

/** What is marked `// indirect` is transitive. */
export const goMod: Format = {
  id: 'go-mod',
  name: 'go.mod',
  fits: named(/^go\.mod$/),
  reader: (traces) => {
    let block = '';
    return lineReader(traces, (text, line) => {
      const row = text.trim();
      if (row === ')') block = '';
      else if (/^[a-z]+\s*\($/.test(row)) block = row.replace(/\s*\($/, '');
      else {
        const isRequired = block === 'require' || (block === '' && /^require\s/.test(row));
        if (!isRequired || row.startsWith('//')) return;
        const [, , name] = MODULE.exec(block === '' ? row.slice('require'.length).trim() : row) ?? [];
        if (name === undefined) traces.skip(line, 'this is no module with a version', 'require');
        else {
          const grade = /\/\/\s*indirect/.test(row) ? 'transitive' : 'capable';
          tellPackage(traces, { registry: 'go', name, grade, line });
        }
      }
    });
  },
};

/** Holds what was ever looked at for a build; `go.mod` beside it says what is asked for. */
export const goSum: Format = {
  id: 'go-sum',
  name: 'go.sum',
  fits: named(/^go\.sum$/),
  reader: (traces) =>
    lineReader(traces, (text, line) => {
      const [, name] = /^(\S+) v\S+ h1:\S+\s*$/.exec(text) ?? [];
      if (name !== undefined) tellPackage(traces, { registry: 'go', name, grade: 'transitive', line });
      else if (text.trim() !== '') traces.skip(line, 'this is no module, version and hash');
    }),
};
