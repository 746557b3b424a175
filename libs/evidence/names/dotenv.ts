import { baseName } from '../documents/format.ts';
import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { Hosts } from '../seen-host.ts';
import { tellVariable } from './variable.ts';

const PEM_END = '-----END ';

/** Whether a quote ends in the text: one that is escaped is part of the value. */
function closes(text: string, quote: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\' && quote === '"') at += 1;
    else if (text[at] === quote) return true;
  }
  return false;
}

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
          if (open === PEM_END ? text.includes(PEM_END) : closes(text, open)) open = null;
          return;
        }
        const row = text.trim();
        if (row === '' || row.startsWith('#')) return;
        const [, name, value = ''] = /^(?:export\s+)?([^\s=:]{1,200})\s*[=:]\s*(.*)$/.exec(row) ?? [];
        if (name === undefined) {
          traces.skip(line, 'this is no NAME=value');
          return;
        }
        // A key that is written without quotes: its lines may end like names of variables.
        if (value.includes('-----BEGIN ') && !value.includes(PEM_END)) {
          open = PEM_END;
          begin = line;
        }
        tellVariable(names, name, line, value.replace(/\s+#.*$/, ''));
        const quote = value[0];
        const isQuoted = quote === '"' || quote === "'" || quote === '`';
        if (isQuoted && !closes(value.slice(1), quote)) {
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
