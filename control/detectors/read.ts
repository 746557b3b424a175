import { setImmediate as breathe } from 'node:timers/promises';
import { invalid, type Problem, readLongCsv } from '../platform/index.ts';
import { type Entry, type EntryField, EntrySchema } from './entry.ts';
import type { ListKind } from './tables.ts';

export const formats = ['csv', 'json', 'lines'] as const;
export type Format = (typeof formats)[number];

/** An entry as it was handed in: where it stands, from 1. */
export interface ReadEntry {
  line: number;
  entry: Entry;
}

export interface RefusedRow {
  line: number;
  field: string;
  message: string;
}

/** What a text holds: entries, and rows that are none. `ignored`: columns that say nothing here. */
export interface ReadList {
  entries: ReadEntry[];
  refused: RefusedRow[];
  ignored: string[];
}

/** Entries of one list. */
export const MOST_ENTRIES = 100_000;
/** Of one object: more than any directory says of a person. */
const MOST_MEMBERS = 200;
/** Characters of one import. */
export const LONGEST_IMPORT = 16 * 1024 * 1024;

/** What columns are called: in small letters, without what stands between words. */
const columnsOf: Readonly<Record<EntryField | 'kind', readonly string[]>> = {
  kind: ['kind', 'type'],
  name: ['name', 'fullname', 'displayname', 'term', 'word'],
  given: ['given', 'givenname', 'firstname', 'vorname'],
  family: ['family', 'familyname', 'lastname', 'surname', 'nachname'],
  email: ['email', 'mail', 'emailaddress'],
  phone: ['phone', 'phonenumber', 'telephone', 'mobile', 'telefon'],
  alias: ['alias', 'handle', 'username'],
  employer: ['employer', 'customer', 'company', 'organisation', 'organization'],
  country: ['country', 'countrycode', 'countryregion', 'land'],
  language: ['language', 'languagecode', 'preferredlanguage', 'locale', 'sprache'],
  externalId: ['externalid', 'id', 'employeeid', 'customerid'],
};
/** What alone names nobody. */
const beside: ReadonlySet<string> = new Set(['kind', 'country', 'language']);
const fields = Object.keys(columnsOf) as (EntryField | 'kind')[];
const kinds: ReadonlyMap<string, Entry['kind']> = new Map([
  ['', 'person'],
  ['person', 'person'],
  ['organisation', 'organisation'],
  ['organization', 'organisation'],
  ['company', 'organisation'],
  ['customer', 'organisation'],
]);

/** Reads a list as it was handed in; whatever else this process has to do has its turn meanwhile. Throws Problem 422 naming `content` for what is no list at all. */
export async function readList(kind: ListKind, format: Format, content: string): Promise<ReadList> {
  const broken = content.indexOf('\ufffd');
  if (broken !== -1 || content.includes('\0')) {
    const line = content.slice(0, Math.max(broken, content.indexOf('\0'))).split('\n').length;
    throw invalid(
      'content',
      `line ${line} was not written in UTF-8; save the file as UTF-8 and take it again`,
    );
  }
  const read = await readers[format](kind, content);
  if (read.entries.length + read.refused.length === 0) throw invalid('content', 'holds no entry');
  if (read.entries.length > MOST_ENTRIES) throw tooMany();
  return read;
}

/** Between so many rows others have their turn. */
const AT_ONCE = 500;

const readers: Readonly<Record<Format, (kind: ListKind, content: string) => Promise<ReadList>>> = {
  csv: readTable,
  json: readDocument,
  async lines(kind, content) {
    const entries: ReadEntry[] = [];
    let line = 0;
    // Not split at once: so many lines are more than this process has room for.
    for (let at = content.startsWith('\ufeff') ? 1 : 0; at < content.length; line++) {
      const end = content.indexOf('\n', at);
      const text = content.slice(at, end === -1 ? content.length : end).trim();
      at = end === -1 ? content.length : end + 1;
      if (text === '') continue;
      if (entries.length === MOST_ENTRIES) throw tooMany();
      entries.push({ line: line + 1, entry: { kind: kindOf(kind), name: text } });
    }
    return { entries, refused: [], ignored: [] };
  },
};

const tooMany = (): Problem =>
  invalid('content', `holds more than ${MOST_ENTRIES} entries; make lists of it`);
const kindOf = (kind: ListKind): Entry['kind'] => (kind === 'words' ? 'term' : 'person');

async function readTable(kind: ListKind, content: string): Promise<ReadList> {
  const { columns, rows } = await readLongCsv(content, 'content', LONGEST_IMPORT);
  const known = new Map<EntryField | 'kind', string>();
  const ignored: string[] = [];
  for (const column of columns) {
    const plain = column.toLowerCase().replace(/[^\p{L}]/gu, '');
    const field = fields.find((one) => columnsOf[one].includes(plain));
    if (field === undefined || (kind === 'words' && field !== 'name')) ignored.push(column);
    else if (known.has(field))
      throw invalid('content', `two columns are the ${field}: "${column}" is the second`);
    else known.set(field, column);
  }
  const isNamed =
    kind === 'words' ? known.has('name') : fields.some((one) => !beside.has(one) && known.has(one));
  if (!isNamed)
    throw invalid(
      'content',
      kind === 'words'
        ? 'has no column "term": the first line must name it'
        : 'has no column that is known: name, given, family, email, phone, alias, employer, id',
    );
  const read: ReadList = { entries: [], refused: [], ignored };
  for (const [at, row] of rows.entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await breathe();
    const given: Record<string, string> = {};
    for (const [field, column] of known) given[field] = row.get(column) ?? '';
    take(read, kind, row.line, given);
  }
  return read;
}

async function readDocument(kind: ListKind, content: string): Promise<ReadList> {
  const read: ReadList = { entries: [], refused: [], ignored: [] };
  const ignored = new Set<string>();
  for (const [at, row] of documentOf(content).entries()) {
    if (at % AT_ONCE === AT_ONCE - 1) await breathe();
    const given: Record<string, string> = {};
    let wrong: string | null = null;
    for (const [member, value] of Object.entries(row)) {
      const plain = member.toLowerCase().replace(/[^\p{L}]/gu, '');
      const field = fields.find((one) => columnsOf[one].includes(plain));
      if (field === undefined || (kind === 'words' && field !== 'name')) ignored.add(member);
      else if (typeof value === 'string') given[field] = value.trim();
      else if (value !== null) wrong ??= field;
    }
    if (wrong === null) take(read, kind, at + 1, given);
    else read.refused.push({ line: at + 1, field: wrong, message: 'is no text' });
  }
  return { ...read, ignored: [...ignored].slice(0, 50) };
}

function documentOf(content: string): Readonly<Record<string, unknown>>[] {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // What a parser says quotes what stands there.
    throw invalid('content', 'is no JSON; it is a list of objects such as {"name": "…"}');
  }
  if (Array.isArray(value) && value.length > MOST_ENTRIES) throw tooMany();
  if (Array.isArray(value) && value.every(isRow)) return value;
  throw invalid('content', 'is no list of objects such as {"name": "…"}, of at most 200 members each');
}

function isRow(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = Object.keys(value);
  return members.length <= MOST_MEMBERS && members.every((member) => member.length <= 100);
}

/** Keeps a row, or says what is wrong with it. */
function take(read: ReadList, kind: ListKind, line: number, given: Record<string, string>): void {
  const { kind: said = '', ...rest } = given;
  const entryKind = kind === 'words' ? 'term' : kinds.get(said.toLowerCase());
  if (entryKind === undefined) {
    read.refused.push({ line, field: 'kind', message: 'is neither person nor organisation' });
    return;
  }
  const filled = Object.fromEntries(Object.entries(rest).filter(([, text]) => text !== ''));
  read.entries.push({ line, entry: EntrySchema.parse({ kind: entryKind, ...filled }) });
}
