import { baseName, jsonFormat, yamlFormat } from '../documents/format.ts';
import { at, itemsOf, membersOf, type Tree, textIn } from '../documents/tree.ts';
import type { Format } from '../format.ts';
import { ownOf } from '../seen-host.ts';
import { tellRecord, withoutDot } from './record.ts';

const TYPES = /^(?:TXT|SPF|MX|NS|CNAME|ALIAS)$/;

/** octoDNS keeps a zone in a file of the zone's name: `nordlicht.example.yaml`. */
export const octodns: Format = {
  ...yamlFormat(
    {
      id: 'octodns',
      name: 'DNS zone (octoDNS)',
      fits: (name, head) =>
        /^[^/]+\.[^/.]+\.?\.ya?ml$/.test(baseName(name)) &&
        /^\s+(?:- )?type:\s*['"]?(?:TXT|MX|NS|CNAME|ALIAS|A|AAAA)['"]?\s*$/m.test(head)
          ? 0.9
          : 0,
    },
    (tree, traces, options) => {
      const own = ownOf(options);
      for (const [name, entry] of membersOf(tree)) {
        for (const record of entry.is === 'list' ? entry.items : [entry]) {
          const type = textIn(at(record, 'type'));
          if (type === undefined) {
            traces.skip(record.line, 'a record has no type', 'type');
            continue;
          }
          if (!TYPES.test(type)) continue;
          const values = at(record, 'values') ?? at(record, 'value');
          for (const value of values?.is === 'list' ? values.items : values === undefined ? [] : [values]) {
            const text = textIn(value) ?? textIn(at(value, 'exchange')) ?? textIn(at(value, 'value'));
            if (text === undefined) {
              traces.skip(value.line, 'a value is no text', 'values');
              continue;
            }
            // octoDNS writes `;` as `\;`.
            const plain = text.replace(/\\(.)/g, '$1');
            tellRecord(traces, { name: name === '' ? '@' : name, type, value: plain, line: value.line }, own);
          }
        }
      }
    },
  ),
};

/** What `aws route53 list-resource-record-sets` prints. */
export const route53Records: Format = jsonFormat(
  {
    id: 'route53-records',
    name: 'DNS zone (Route 53 JSON)',
    fits: (_, head) => (/"ResourceRecordSets"\s*:/.test(head) ? 0.95 : 0),
  },
  (tree, traces, options) => {
    const own = ownOf(options);
    const sets = itemsOf(at(tree, 'ResourceRecordSets'));
    const zone = zoneOf(sets);
    for (const set of sets) {
      const name = textIn(at(set, 'Name'));
      const type = textIn(at(set, 'Type'));
      if (name === undefined || type === undefined) {
        traces.skip(set.line, 'a record set has no name or type', 'ResourceRecordSets');
        continue;
      }
      const alias = at(set, 'AliasTarget', 'DNSName');
      const target = textIn(alias);
      if (alias !== undefined && target !== undefined) {
        tellRecord(traces, { name: octal(name), type: 'ALIAS', value: target, line: alias.line, zone }, own);
      }
      for (const record of itemsOf(at(set, 'ResourceRecords'))) {
        const value = at(record, 'Value');
        const text = textIn(value);
        if (value === undefined || text === undefined)
          traces.skip(record.line, 'a record has no value', 'Value');
        else
          tellRecord(traces, { name: octal(name), type, value: joined(text), line: value.line, zone }, own);
      }
    }
  },
);

function zoneOf(sets: readonly Tree[]): string | undefined {
  const soa = sets.find((set) => textIn(at(set, 'Type')) === 'SOA');
  const name = textIn(at(soa, 'Name'));
  return name === undefined ? undefined : withoutDot(name);
}

/** Route 53 writes `*` as `\052`. */
const octal = (name: string): string =>
  name.replace(/\\([0-3][0-7]{2})/g, (_, code) => String.fromCharCode(Number.parseInt(code, 8)));

/** `"v=spf1 " "-all"` is one text. */
export function joined(text: string): string {
  if (!text.trimStart().startsWith('"')) return text;
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)]
    .map(([, part = '']) => part.replace(/\\(.)/g, '$1'))
    .join('');
}
