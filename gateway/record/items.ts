import type { ReviewSighting, TreatedField } from '@drawbridge/minimise';
import { CROSSING_VERSION, fieldClasses } from '@drawbridge/protocol';
import type { Minimised } from '../crossing.ts';
import type { RandomTexts } from './random.ts';
import { quoted, remembering, whole } from './text.ts';

const LINKS = 50;
const PSEUDONYM = 44;
const PATH = 200;
const NAME = 200;

/** Paths come from vendor packs. */
const pathText = remembering((path) => quoted(path, PATH));

/** The class under which a field is recorded: one that the vocabulary does not know is unmapped. */
export function knownClass(name: string): string {
  return Object.hasOwn(fieldClasses, name) ? name : 'event.unmapped';
}

/** One subject's data in one crossing, as the payload keeps it: each a `PayloadItem` in JSON with its own salt. */
export function encodeItems(items: Minimised['items'], random: RandomTexts): Buffer[] {
  const [only] = items;
  if (items.length === 1 && only) return [encodeItem([only], random)];
  const bySubject = new Map<string | null, Minimised['items'][number][]>();
  for (const each of items) {
    const same = bySubject.get(each.item.subject);
    if (same) same.push(each);
    else bySubject.set(each.item.subject, [each]);
  }
  return Array.from(bySubject.values(), (same) => encodeItem(same, random));
}

function encodeItem(same: Minimised['items'], random: RandomTexts): Buffer {
  const subject = same[0]?.item.subject ?? null;
  const kind = same.find(({ item }) => item.subjectKind !== null)?.item.subjectKind ?? null;
  const salt = random.token();
  return Buffer.from(
    `{"v":${CROSSING_VERSION},"s":${subject === null ? 'null' : quoted(subject, PSEUDONYM)},"k":${
      kind === null ? 'null' : `"${kind}"`
    },"l":[${links(same, subject)}],"f":[${fields(same)}],"r":[${sightings(same)}],"salt":"${salt}"}`,
  );
}

function links(same: Minimised['items'], subject: string | null): string {
  if (same.every(({ item }) => item.links.length === 0)) return '';
  const found = new Set<string>();
  for (const { item } of same) {
    for (const link of item.links) if (link !== subject && found.size < LINKS) found.add(link);
  }
  return Array.from(found, (link) => quoted(link, PSEUDONYM)).join(',');
}

function fields(same: Minimised['items']): string {
  const [only] = same;
  if (same.length === 1 && only) return listed(only.item.fields, fieldText);
  const counted = new Map<string, TreatedField>();
  for (const { item } of same) {
    for (const field of item.fields) {
      const key = `${field.path}\n${field.class}\n${field.treatment}\n${field.shape}`;
      const before = counted.get(key);
      counted.set(key, before ? { ...before, count: before.count + field.count } : field);
    }
  }
  return listed(counted.values(), fieldText);
}

function fieldText({ path, class: name, treatment, shape, count }: TreatedField): string {
  // `#` begins the keyed hash of a name that an app made up: of those there is no end.
  const place = path.startsWith('#') ? quoted(path, PATH) : pathText(path);
  return `[${place},"${knownClass(name)}","${treatment}","${shape}",${Math.max(1, whole(count))}]`;
}

function sightings(same: Minimised['items']): string {
  if (same.every(({ sightings }) => sightings.length === 0)) return '';
  const seen = new Map<string, ReviewSighting>();
  for (const { sightings } of same) {
    for (const sighting of sightings) {
      const key = `${sighting.kind} ${sighting.hash}`;
      if (seen.get(key)?.name === undefined) seen.set(key, sighting);
    }
  }
  return listed(seen.values(), sightingText);
}

function sightingText({ hash, kind, shape, name }: ReviewSighting): string {
  const named = name === undefined ? '' : `,"n":${quoted(name, NAME)}`;
  return `{"h":${quoted(hash, PSEUDONYM)},"k":"${kind}","s":"${shape}"${named}}`;
}

function listed<T>(values: Iterable<T>, text: (value: T) => string): string {
  let out = '';
  for (const value of values) out += out === '' ? text(value) : `,${text(value)}`;
  return out;
}
