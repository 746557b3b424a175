import { baseName } from '../documents/format.ts';
import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { Hosts } from '../seen-host.ts';
import { tellVariable } from './variable.ts';

/** `.env`, `.env.production`, `production.env`, `.envrc`. A value that goes on over lines in quotes is read past. */
export const dotenv: Format = {
  id: 'dotenv',
  name: '.env (names of variables)',
  fits: (name) => (/^\.env(?:rc|[._-].+)?$|\.env(?:\.[a-z]+)?$/i.test(baseName(name)) ? 1 : 0),
  reader: (traces, options) => {
    const names = { traces, hosts: new Hosts(traces, options, 'variable', 'configured') };
    let open: string | null = null;
    let begin = 1;
    return lineReader(
      traces,
      (text, line) => {
        if (open !== null) {
          if (text.trimEnd().endsWith(open)) open = null;
          return;
        }
        const row = text.trim();
        if (row === '' || row.startsWith('#')) return;
        const [, name, value = ''] = /^(?:export\s+)?([^\s=:]{1,200})\s*[=:]\s*(.*)$/.exec(row) ?? [];
        if (name === undefined) {
          traces.skip(line, 'this is no NAME=value');
          return;
        }
        tellVariable(names, name, line, value.replace(/\s+#.*$/, ''));
        const quote = value[0];
        const isQuoted = quote === '"' || quote === "'" || quote === '`';
        if (isQuoted && value.indexOf(quote, 1) === -1) {
          open = quote;
          begin = line;
        }
      },
      () => {
        if (open !== null) traces.skip(begin, 'a quote is not closed: what follows was taken for its value');
      },
    );
  },
};
