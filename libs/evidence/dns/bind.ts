import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { ownOf } from '../seen-host.ts';
import { tellRecord } from './record.ts';

/** A record that goes on over lines in parentheses may have this many characters. */
const LONGEST_RECORD = 65_536;
const CLASSES = /^(?:IN|CH|HS|ANY)$/i;
const TTL = /^(?:\d+[smhdw]?)+$/i;
const NAMED_TYPES = /^(?:TXT|SPF|MX|NS|CNAME|ALIAS|ANAME)$/i;

interface Token {
  text: string;
  isQuoted: boolean;
}

/** A zone file (RFC 1035): `$ORIGIN`, records over several lines, quoted strings. `$INCLUDE` is told, and not followed. */
export const bind: Format = {
  id: 'bind',
  name: 'DNS zone file (BIND)',
  fits: (name, head) => {
    const isSaid = /(?:^|\/)(?:db\.[^/]+|[^/]+\.(?:zone|bind))$/i.test(name);
    const looks =
      /^\S*\s+(?:\d+\w?\s+)?(?:IN\s+)?SOA\s+\S+\s+\S+/im.test(head) || /^\$(?:ORIGIN|TTL)\s/im.test(head);
    if (looks) return 0.95;
    return isSaid && /\s(?:MX|TXT|NS|CNAME|A)\s/.test(head) ? 0.9 : 0;
  },
  reader: (traces, options) => {
    const own = ownOf(options);
    let origin = '';
    let zone: string | undefined;
    let owner = '@';
    let tokens: Token[] = [];
    let length = 0;
    let depth = 0;
    let begin = 1;
    let isContinued = false;
    const full = (name: string) => {
      if (name.endsWith('.')) return name;
      if (name === '@') return origin === '' ? '@' : origin;
      return origin === '' ? name : `${name}.${origin}`;
    };
    const directive = ([first, second]: readonly Token[], line: number) => {
      const word = first?.text.toUpperCase();
      if (word === '$ORIGIN' && second !== undefined) {
        origin = full(second.text);
        zone ??= origin;
      } else if (word === '$INCLUDE')
        traces.skip(line, 'it includes another file: read that too', '$INCLUDE');
      else if (word === '$GENERATE') traces.skip(line, 'generated records are not made', '$GENERATE');
    };
    const record = (all: readonly Token[], line: number) => {
      if (all[0]?.isQuoted === false && all[0].text.startsWith('$')) {
        directive(all, line);
        return;
      }
      let rest = all;
      if (!isContinued) {
        owner = full(rest[0]?.text ?? '@');
        rest = rest.slice(1);
      }
      while (rest[0] !== undefined && (CLASSES.test(rest[0].text) || TTL.test(rest[0].text)))
        rest = rest.slice(1);
      const [type, ...data] = rest;
      if (type === undefined) {
        traces.skip(line, 'a record has no type');
        return;
      }
      if (type.text.toUpperCase() === 'SOA') {
        zone ??= owner;
        if (origin === '') origin = owner === '@' ? '' : owner;
      }
      if (!NAMED_TYPES.test(type.text)) return;
      if (data.length === 0) {
        traces.skip(line, 'a record has no value', type.text.toLowerCase().slice(0, 10));
        return;
      }
      const isText = /^(?:TXT|SPF)$/i.test(type.text);
      const value = isText ? data.map(({ text }) => text).join('') : full(data.at(-1)?.text ?? '');
      tellRecord(traces, { name: owner, type: type.text, value, line, zone }, own);
    };
    return lineReader(
      traces,
      (text, line) => {
        if (depth === 0) {
          tokens = [];
          length = 0;
          begin = line;
          isContinued = /^\s/.test(text);
        }
        length += text.length;
        if (length > LONGEST_RECORD) {
          traces.skip(begin, `a record is longer than ${LONGEST_RECORD} characters`);
          depth = 0;
          return;
        }
        for (const [, quoted, plain, bracket] of text
          .replace(/^((?:[^";]|"(?:[^"\\]|\\.)*")*);.*$/, '$1')
          .matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"()]+)|([()])/g)) {
          if (bracket !== undefined) depth = Math.max(0, depth + (bracket === '(' ? 1 : -1));
          else tokens.push({ text: unescaped(quoted ?? plain ?? ''), isQuoted: quoted !== undefined });
        }
        if (depth === 0 && tokens.length > 0) record(tokens, begin);
      },
      () => {
        if (depth > 0) traces.skip(begin, 'a parenthesis is not closed');
      },
    );
  },
};

const unescaped = (text: string): string =>
  text.replace(/\\(?:(\d{3})|(.))/g, (_, code, char) =>
    code === undefined ? char : String.fromCharCode(Number(code) % 256),
  );
