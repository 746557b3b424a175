import { createHash } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import {
  type By,
  canonicalJson,
  decodeCursor,
  invalid,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { comparable, type Known } from '../vendors/index.ts';
import type { ReadImport } from './entry.ts';
import { type ImportKind, importKinds, labelOf } from './kinds.ts';
import { createLookup, type Imported } from './lookup.ts';
import { readApart } from './reading.ts';
import type {
  AboutVendor,
  ImportedAnswerView,
  ImportedVendorQuery,
  ImportedVendorView,
  ImportQuery,
  SourceView,
  TakenImport,
} from './schemas.ts';
import { oneImport, writeImport } from './store.ts';
import type { ImportTables } from './tables.ts';

/** Files that are in hand at once: each may take memory of its whole size, and more to be read. */
const MOST_IN_HAND = 8;
/** Bytes of one file. The largest published one has 10 MB. */
export const LARGEST_IMPORT = 32 * 1024 * 1024;
const MOST_SHOWN_DOMAINS = 200;
const MOST_ENTRIES_OF_VENDOR = 50;

interface PageQuery {
  cursor?: string | undefined;
  limit: number;
}
interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** What others say of vendors, as the organisation took it in. */
export interface Imports {
  /**
   * Takes a file in; what the source said before is replaced as a whole, or not at all. Throws Problem 409 `older_version`, 413,
   * 422, 429 `busy`.
   */
  take(source: string, query: ImportQuery, content: AsyncIterable<Uint8Array>, by: By): Promise<TakenImport>;
  /** Takes all of it out. Throws Problem 404. */
  remove(source: string, by: By): Promise<void>;
  list(query: PageQuery): Promise<Page<SourceView>>;
  vendors(source: string, query: ImportedVendorQuery): Promise<Page<ImportedVendorView>>;
  answers(source: string, query: PageQuery): Promise<Page<ImportedAnswerView>>;
  /** What sources say of one vendor: by its domains, else by its name. */
  about(vendor: string): Promise<AboutVendor>;
  lookup(): Promise<Imported>;
}

type SourceRow = Selectable<ImportTables['vendor_import']>;

export function createImports(platform: Platform, known: () => Promise<Known>): Imports {
  const rows = platform.db.withTables<ImportTables>();
  let inHand = 0;
  let reading: Promise<unknown> = Promise.resolve();

  /** One after the other: the heap that a file may take to be read is taken once. */
  async function readAlone(kind: ImportKind, bytes: Uint8Array): Promise<ReadImport> {
    const read = () => readApart(kind, bytes);
    const mine = reading.then(read, read);
    reading = mine;
    return mine;
  }

  async function received(
    kind: ImportKind,
    content: AsyncIterable<Uint8Array>,
  ): Promise<{ bytes: Uint8Array; read: ReadImport }> {
    if (inHand >= MOST_IN_HAND)
      throw new Problem(429, 'busy', `${MOST_IN_HAND} files are being taken in. Wait a moment, and repeat.`);
    inHand += 1;
    try {
      const bytes = await whole(content);
      return { bytes, read: await readAlone(kind, bytes) };
    } finally {
      inHand -= 1;
    }
  }

  async function find(source: string): Promise<SourceRow> {
    const row = await rows
      .selectFrom('vendor_import')
      .selectAll()
      .where('source', '=', source)
      .executeTakeFirst();
    if (row === undefined) throw notFound('import');
    return row;
  }

  return {
    lookup: createLookup(platform),

    async take(source, { version, asOf, file, preview }, content, by) {
      const [kind, vendor = null] = source.split(':') as [ImportKind, string?];
      const { bytes, read } = await received(kind, content);
      const sha256 = createHash('sha256').update(bytes).digest();
      const now = new Date(platform.clock.now());
      const made: SourceRow = {
        source,
        kind,
        vendor,
        version: read.version ?? version ?? missing('version', 'the file does not say which version it is'),
        as_of: read.asOf ?? asOf ?? missing('asOf', 'the file does not say of which day it is'),
        file,
        sha256,
        bytes: String(bytes.length),
        vendors: read.vendors.length,
        domains: read.vendors.reduce((sum, one) => sum + one.domains.length, 0),
        answers: read.answers.length,
        left_out: read.left,
        imported_at: now,
        by_id: by.actor.id,
        by_name: by.actor.name,
      };
      if (made.as_of > now.toISOString().slice(0, 10)) throw invalid('asOf', 'lies ahead');
      const done = await platform.db.transaction().execute(async (tx): Promise<TakenImport> => {
        await oneImport(tx);
        const all = tx.withTables<ImportTables>();
        const was = await all
          .selectFrom('vendor_import')
          .selectAll()
          .where('source', '=', source)
          .executeTakeFirst();
        if (was !== undefined && made.as_of < was.as_of) {
          throw new Problem(
            409,
            'older_version',
            `Version ${was.version} of ${was.as_of} is there, and this one is of ${made.as_of}. Take that one out first if the older one shall hold.`,
          );
        }
        const counts = await difference(tx, source, read);
        const isSame =
          was !== undefined &&
          was.version === made.version &&
          was.as_of === made.as_of &&
          was.sha256.equals(sha256);
        if (isSame) return { import: sourceView(was), isNew: false, counts };
        if (preview === 'true') return { import: sourceView(made), isNew: true, counts };
        await all.deleteFrom('vendor_import').where('source', '=', source).execute();
        await all
          .insertInto('vendor_import')
          .values({ ...made, bytes: bytes.length, left_out: JSON.stringify(read.left) })
          .execute();
        await writeImport(tx, source, read);
        await recordChange(tx, platform, {
          ...by,
          act: 'vendor_import.take',
          subject: { kind: 'vendor_import', id: source },
          detail: { version: made.version, asOf: made.as_of, sha256: sha256.toString('hex'), ...counts },
        });
        return { import: sourceView(made), isNew: true, counts };
      });
      if (done.isNew && preview !== 'true') platform.events.publish('discovery');
      return done;
    },

    async remove(source, by) {
      await platform.db.transaction().execute(async (tx) => {
        await oneImport(tx);
        const gone = await tx
          .withTables<ImportTables>()
          .deleteFrom('vendor_import')
          .where('source', '=', source)
          .returning(['version'])
          .executeTakeFirst();
        if (gone === undefined) throw notFound('import');
        await recordChange(tx, platform, {
          ...by,
          act: 'vendor_import.remove',
          subject: { kind: 'vendor_import', id: source },
          detail: { version: gone.version },
        });
      });
      platform.events.publish('discovery');
    },

    async list({ cursor, limit }) {
      let query = rows.selectFrom('vendor_import').selectAll();
      if (cursor !== undefined) {
        query = query.where('source', '>', decodeCursor(cursor, z.tuple([z.string()]))[0]);
      }
      const found = await query
        .orderBy('source')
        .limit(limit + 1)
        .execute();
      return page(found, limit, (row) => [row.source], sourceView);
    },

    async vendors(source, { cursor, limit, q }) {
      const of = await find(source);
      let query = rows.selectFrom('imported_vendor').selectAll().where('source', '=', source);
      if (q !== undefined && q !== '')
        query = query.where(sql<boolean>`strpos(lower(name), ${q.toLowerCase()}) > 0`);
      if (cursor !== undefined)
        query = query.where('key', '>', decodeCursor(cursor, z.tuple([z.string()]))[0]);
      const found = await query
        .orderBy('key')
        .limit(limit + 1)
        .execute();
      return page(
        found,
        limit,
        (row) => [row.key],
        (row) => vendorView(of, row),
      );
    },

    async answers(source, { cursor, limit }) {
      await find(source);
      let query = rows.selectFrom('imported_answer').selectAll().where('source', '=', source);
      if (cursor !== undefined) {
        query = query.where('question', '>', decodeCursor(cursor, z.tuple([z.string()]))[0]);
      }
      const found = await query
        .orderBy('question')
        .limit(limit + 1)
        .execute();
      return page(
        found,
        limit,
        (row) => [row.question],
        ({ source: _, ...view }) => view,
      );
    },

    async about(vendor) {
      const facts = (await known()).get(vendor);
      const domains = facts?.domains.map(({ is }) => is) ?? [];
      const names = [facts?.name, facts?.legal_name?.is].flatMap((name) =>
        name === undefined ? [] : [comparable(name)],
      );
      const compared = [...new Set([...names, vendor.replaceAll('-', ' ')])];
      const [found, sources] = await Promise.all([
        rows
          .selectFrom('imported_vendor')
          .selectAll()
          .where(({ eb, or }) =>
            or([eb('compared', 'in', compared), sql<boolean>`domains && ${domains}::text[]`]),
          )
          .orderBy('source')
          .orderBy('key')
          .limit(MOST_ENTRIES_OF_VENDOR)
          .execute(),
        rows.selectFrom('vendor_import').selectAll().execute(),
      ]);
      const bySource = new Map(sources.map((one) => [one.source, one]));
      const entries = found.flatMap((row) => {
        const of = bySource.get(row.source);
        // Taken out between the two readings.
        if (of === undefined) return [];
        const by = row.domains.some((domain) => domains.includes(domain))
          ? ('domain' as const)
          : ('name' as const);
        return [{ ...vendorView(of, row), by }];
      });
      const answered = await Promise.all(
        sources
          .filter((one) => one.vendor === vendor)
          .map(async (one) => ({ import: sourceView(one), ...(await countAnswers(platform, one.source)) })),
      );
      return { layer: 'declared', entries, answers: answered };
    },
  };
}

async function countAnswers({ db }: Pick<Platform, 'db'>, source: string) {
  const found = await db
    .withTables<ImportTables>()
    .selectFrom('imported_answer')
    .select(['answer', sql<number>`count(*)::int`.as('count')])
    .where('source', '=', source)
    .groupBy('answer')
    .execute();
  const count = (answer: string) => found.find((one) => one.answer === answer)?.count ?? 0;
  return { yes: count('yes'), no: count('no'), notApplicable: count('not_applicable') };
}

/** What is new, other and gone against what the source said before. */
async function difference(tx: Tx, source: string, read: ReadImport): Promise<TakenImport['counts']> {
  const all = tx.withTables<ImportTables>();
  const before = new Map<string, string>();
  for (const { key, name, domains, facts } of await all
    .selectFrom('imported_vendor')
    .select(['key', 'name', 'domains', 'facts'])
    .where('source', '=', source)
    .execute()) {
    before.set(key, canonicalJson({ name, domains, facts }));
  }
  for (const { source: _, question, ...rest } of await all
    .selectFrom('imported_answer')
    .selectAll()
    .where('source', '=', source)
    .execute()) {
    before.set(question, canonicalJson(rest));
  }
  const after = new Map<string, string>();
  for (const { key, name, domains, ...facts } of read.vendors) {
    after.set(key, canonicalJson({ name, domains, facts }));
  }
  for (const { question, ...rest } of read.answers) after.set(question, canonicalJson(rest));
  const counts = { new: 0, changed: 0, gone: 0, same: 0 };
  for (const [key, is] of after) {
    const was = before.get(key);
    counts[was === undefined ? 'new' : was === is ? 'same' : 'changed'] += 1;
  }
  for (const key of before.keys()) if (!after.has(key)) counts.gone += 1;
  return counts;
}

/** Throws Problem 413, 422. */
async function whole(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > LARGEST_IMPORT) {
      throw new Problem(413, 'too_large', `A file that is taken in has at most ${LARGEST_IMPORT} bytes.`);
    }
    chunks.push(chunk);
  }
  if (bytes === 0) throw invalid('content', 'is empty');
  return Buffer.concat(chunks);
}

const missing = (field: string, why: string): never => {
  throw invalid(field, `${why}; say it`);
};

const sourceView = (row: SourceRow): SourceView => ({
  source: row.source,
  kind: row.kind,
  name: importKinds[row.kind].name,
  licence: importKinds[row.kind].licence,
  home: importKinds[row.kind].home,
  label: labelOf(row.kind, row.version, row.imported_at),
  vendor: row.vendor,
  version: row.version,
  asOf: row.as_of,
  file: row.file,
  sha256: row.sha256.toString('hex'),
  bytes: Number(row.bytes),
  vendors: row.vendors,
  domains: row.domains,
  answers: row.answers,
  left: row.left_out,
  importedAt: row.imported_at.toISOString(),
  importedBy: row.by_name,
});

const vendorView = (
  of: SourceRow,
  { source, key, name, domains, facts }: Selectable<ImportTables['imported_vendor']>,
): ImportedVendorView => ({
  source,
  said: labelOf(of.kind, of.version, of.imported_at),
  asOf: of.as_of,
  key,
  name,
  domains: domains.slice(0, MOST_SHOWN_DOMAINS),
  ...facts,
});
