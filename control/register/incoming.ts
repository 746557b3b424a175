import { z } from 'zod';
import { ImportError, readProboList } from '../imports/index.ts';
import { type CsvRow, invalid, Problem, readLongCsv, unescapedCell } from '../platform/index.ts';
import { type Column, columns, MOST_VENDORS, PortableSchema, type PortableVendor } from './portable.ts';
import { vendorFields } from './schemas.ts';
import { checkedValue, type Statement, type StatementKind } from './statements.ts';
import { statuses } from './status.ts';

/** Files of vendors that somebody hands in, read into one form. */

/** A vendor as a file has it. What is undefined is not in the file, and stays as it is. */
export type Incoming = Pick<PortableVendor, 'id' | 'name' | 'statements' | 'agreements' | 'reviews'> & {
  [Field in Exclude<keyof PortableVendor, 'id' | 'name' | 'statements' | 'agreements' | 'reviews'>]?:
    | PortableVendor[Field]
    | undefined;
};

export interface Read {
  vendors: Incoming[];
  /** Columns or members that nothing is made of. */
  unread: string[];
}

export const importFormats = ['json', 'csv', 'probo'] as const;
export type ImportFormat = (typeof importFormats)[number];

/** Characters of one file. */
export const LONGEST_FILE = 32 * 1024 * 1024;

export interface ReadOptions {
  /** Whose word it is, and of when, where the file does not say. */
  source: string;
  asOf: string;
  /** The id of a vendor that is publicly known by this domain. */
  knownBy: (domain: string) => string | undefined;
}

/** Throws Problem 422 that names the line or member. */
export async function readIncoming(
  format: ImportFormat,
  content: string,
  options: ReadOptions,
): Promise<Read> {
  if (content.length > LONGEST_FILE) {
    throw invalid('content', `is longer than ${LONGEST_FILE} characters; hand it in in parts`);
  }
  const read =
    format === 'csv'
      ? await readTable(content, options)
      : format === 'json'
        ? { vendors: readOwn(content), unread: [] }
        : readProbo(content, options);
  const seen = new Set<string>();
  for (const { id } of read.vendors) {
    if (seen.has(id)) throw invalid('content', `two entries are of the vendor "${id}"`);
    seen.add(id);
  }
  return read;
}

function readOwn(content: string): Incoming[] {
  const { vendors } = parsed(PortableSchema, content);
  return vendors.map((vendor, index) => {
    const taken = new Set<string>();
    const statements = vendor.statements.map((one, place) => {
      const field = `content.vendors.${index}.statements.${place}`;
      const name = `${one.kind} ${one.key}`;
      if (taken.has(name)) throw invalid(field, 'the same kind and key stands there twice');
      taken.add(name);
      return { ...one, value: checkedValue(one.kind, one.key, one.value, `${field}.`) };
    });
    return { ...vendor, statements };
  });
}

function parsed<T>(schema: z.ZodType<T>, content: string): T {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('content', 'is not JSON');
    throw error;
  }
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const issue = found.error.issues[0];
  throw invalid(
    ['content', ...(issue?.path.map(String) ?? [])].join('.'),
    issue?.message ?? 'is not of the form',
  );
}

/** Other names that tables have for a column. */
const synonyms: Readonly<Record<string, Column>> = {
  vendor: 'name',
  'vendor name': 'name',
  supplier: 'name',
  website: 'domain',
  url: 'domain',
  'business owner': 'owner',
  'business purpose': 'purpose',
  type: 'category',
  'legal name': 'legal_name',
};

async function readTable(content: string, options: ReadOptions): Promise<Read> {
  const table = await readLongCsv(content, 'content', LONGEST_FILE);
  const named = new Map<Column, string>();
  const unread: string[] = [];
  for (const name of table.columns) {
    const lower = name.toLowerCase();
    const column = columns.find((one) => one === lower) ?? synonyms[lower];
    if (column === undefined || named.has(column)) unread.push(name);
    else named.set(column, name);
  }
  if (!named.has('name')) {
    throw invalid('content', 'line 1: no column is called "name"; it says what each vendor is called');
  }
  if (table.rows.length > MOST_VENDORS) throw tooMany();
  return { vendors: table.rows.map((row) => ofRow(row, named, options)), unread };
}

const CellsSchema = z.object({ ...vendorFields, status: z.enum(statuses) }).partial();

function ofRow(row: CsvRow, named: ReadonlyMap<Column, string>, options: ReadOptions): Incoming {
  const cell = (column: Column): string | undefined => {
    const text = unescapedCell(row.get(named.get(column) ?? '') ?? '').trim();
    return text === '' ? undefined : text;
  };
  const given = Object.fromEntries(
    columns.flatMap((column) => {
      const text = column === 'domain' ? domainOf(cell(column)) : cell(column);
      if (text === undefined || column === 'id' || column === 'legal_name') return [];
      const isWord = column === 'status' || column === 'criticality';
      return [[column, isWord ? text.toLowerCase().replaceAll(' ', '_') : text]];
    }),
  );
  const found = CellsSchema.safeParse(given);
  if (!found.success) {
    const issue = found.error.issues[0];
    throw invalid('content', `line ${row.line}, column ${String(issue?.path[0])}: ${issue?.message}`);
  }
  const { name } = found.data;
  if (name === undefined) throw invalid('content', `line ${row.line}, column name: is empty`);
  return {
    ...found.data,
    name,
    id: idOf(cell('id'), name, found.data.domain, options, `line ${row.line}`),
    statements: stated([['legal_name', '', cell('legal_name')]], options, `line ${row.line}`),
    agreements: [],
    reviews: [],
  };
}

/** The list of vendors that Probo keeps, as vendors of one's own. */
function readProbo(content: string, options: ReadOptions): Read {
  const { vendors: listed, unread } = proboList(content);
  if (listed.length > MOST_VENDORS) throw tooMany();
  const vendors = listed.map((one, index): Incoming => {
    const where = `entry ${index + 1}`;
    const domain = domainOf(one.website);
    const pages = Object.entries(one.pages).filter(
      ([, url]) => z.url({ protocol: /^https?$/ }).safeParse(url).success,
    );
    return {
      id: idOf(undefined, one.name, domain, options, where),
      name: one.name,
      ...(domain === undefined ? {} : { domain }),
      ...(one.category === undefined ? {} : { category: one.category.slice(0, 60) }),
      statements: stated(
        [
          ['legal_name', '', one.legalName],
          ['headquarters', '', one.headquarters],
          ...pages.map(([page, url]) => ['page', page, url] as const),
        ],
        options,
        where,
      ),
      agreements: [],
      reviews: [],
    };
  });
  return { vendors, unread };
}

function proboList(content: string): ReturnType<typeof readProboList> {
  try {
    return readProboList(content);
  } catch (error) {
    if (error instanceof ImportError) throw invalid(error.field, error.message);
    throw error;
  }
}

function stated(
  given: readonly (readonly [kind: StatementKind, key: string, value: string | undefined])[],
  { source, asOf }: ReadOptions,
  where: string,
): Incoming['statements'] {
  return given.flatMap(([kind, key, value]) => {
    if (value === undefined) return [];
    const made: Statement = {
      kind,
      key,
      value: checkedValue(kind, key, value, `content, ${where}: `),
      source,
      asOf,
    };
    return [{ ...made, files: [] }];
  });
}

/** The host of an address, without `www.`; undefined where it is none. */
function domainOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const url = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(url)) return text;
  return new URL(url).hostname.replace(/^www\./, '');
}

function idOf(
  given: string | undefined,
  name: string,
  domain: string | null | undefined,
  { knownBy }: ReadOptions,
  where: string,
): string {
  const id = given ?? (domain ? knownBy(domain) : undefined) ?? slugOf(name);
  if (/^[a-z0-9][a-z0-9-]{0,60}$/.test(id)) return id;
  throw invalid(
    'content',
    `${where}: gives no id; say one of lower-case letters, digits and hyphens in a column "id"`,
  );
}

const slugOf = (name: string): string =>
  name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 61)
    .replace(/-+$/, '');

const tooMany = (): Problem =>
  new Problem(422, 'too_many_rows', `content: has more than ${MOST_VENDORS} vendors; hand it in in parts.`);
