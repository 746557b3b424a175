import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type By, recordChange } from '../change.ts';
import { newId } from '../clock.ts';
import type { Db, Tx } from '../database.ts';
import type { Platform } from '../platform.ts';
import { notFound, Problem } from '../problem.ts';
import type { Sealer } from './sealing.ts';
import { type BlobType, TAIL_BYTES, typeOf } from './types.ts';

/** Bytes of one file. */
export const LARGEST_BLOB = 25 * 1024 * 1024;
/** Bytes that are sealed, stored and read at once. */
export const PART_BYTES = 1024 * 1024;
const LOCK = 4_400_441_38;
const HOUR_MS = 3600_000;
/** A file that nothing needs is kept so long: a page stores it before it stores what needs it. */
const UNUSED_MS = 24 * HOUR_MS;
/** One that did not arrive whole. */
const UNFINISHED_MS = HOUR_MS;

/** Bytes of all files together, with those that are still on their way. */
export const MOST_BLOB_BYTES = 2 * 1024 ** 3;

export interface BlobInfo {
  /** SHA-256 of the content, in lower-case hexadecimal. */
  hash: string;
  bytes: number;
  type: BlobType;
  storedAt: Date;
  storedBy: string;
}

/** What a thing has of files: by which name it calls each. */
export interface BlobRef {
  hash: string;
  name: string;
}

type Row = {
  id: string;
  hash: string | null;
  bytes: number;
  parts: number;
  type: string;
  stored_at: Date;
  stored_by: string;
};
type BlobTables = {
  blob: Row;
  blob_part: { blob: string; number: number; sealed: Buffer };
  blob_use: { hash: string; kind: string; id: string; name: string };
};

export interface StoredFile {
  info: BlobInfo;
  content: AsyncGenerator<Buffer<ArrayBuffer>>;
}

export interface Blobs {
  /**
   * Stores a file at its address; one that is there already stays as it is. Throws Problem 413 (too large, or all files together
   * would be), 415 (none of the types taken), 422 (the content has another hash).
   */
  put(hash: string, content: AsyncIterable<Uint8Array>, said: string, by: By): Promise<BlobInfo>;
  /**
   * Stores a file at the address that its content has. `tell` writes what needs it, in the same transaction, and records it: nothing
   * else tells that the file came. `kinds`: `any` keeps what is none of the types taken as bytes that nothing looks into. Throws as
   * `put` does.
   */
  take(
    content: AsyncIterable<Uint8Array>,
    said: string,
    by: By,
    tell: (tx: Tx, info: BlobInfo) => Promise<void>,
    kinds?: 'known' | 'any',
  ): Promise<BlobInfo>;
  /** Throws Problem 404. */
  info(hash: string): Promise<BlobInfo>;
  /** A file's content in parts; the reading is written into the log of changes. Throws Problem 404; a part that was changed ends it. */
  read(hash: string, by: By): Promise<StoredFile>;
  /** The same without a word in the log: whoever reads it so records it as what it is. Throws Problem 404. */
  open(hash: string): Promise<StoredFile>;
  /** Says which files a thing needs from now on. Throws Problem 422 that names `field` for one that is not stored. */
  use(tx: Tx, of: { kind: string; id: string }, files: readonly BlobRef[], field: string): Promise<void>;
  used(kind: string, ids: readonly string[]): Promise<ReadonlyMap<string, (BlobRef & BlobInfo)[]>>;
  /** Forgets what nothing needs and what did not arrive whole. Returns how many. */
  prune(): Promise<number>;
}

/** `isNew` is told of a file that was not there, `isKnown` of one that was. */
interface Storing {
  isNew: (tx: Tx, info: BlobInfo) => Promise<void>;
  isKnown?: (tx: Tx, info: BlobInfo) => Promise<void>;
  kinds?: 'known' | 'any';
}

/** `most`: bytes of all files together. */
export function createBlobs(
  platform: Platform,
  sealer: () => Promise<Sealer>,
  most = MOST_BLOB_BYTES,
): Blobs {
  const rows = platform.db.withTables<BlobTables>();
  const now = () => platform.clock.now();

  async function find(hash: string): Promise<Row | undefined> {
    return rows.selectFrom('blob').selectAll().where('hash', '=', hash).executeTakeFirst();
  }

  /** The file that is there already. A page stored it again to refer to it: its day begins anew. */
  async function keepOn(db: Db | Tx, hash: string): Promise<Row | undefined> {
    return db
      .withTables<BlobTables>()
      .updateTable('blob')
      .set({
        stored_at: sql<Date>`CASE WHEN EXISTS (SELECT FROM blob_use WHERE blob_use.hash = blob.hash)
        THEN stored_at ELSE ${new Date(now())} END`,
      })
      .where('hash', '=', hash)
      .returningAll()
      .executeTakeFirst();
  }

  /** Throws Problem 408 for one that was forgotten meanwhile. */
  async function note(db: typeof rows, id: string, is: Partial<Row>): Promise<void> {
    const written = await db.updateTable('blob').set(is).where('id', '=', id).executeTakeFirst();
    if (written.numUpdatedRows === 0n) throw tooSlow();
  }

  async function total(): Promise<number> {
    const { sum } = await rows
      .selectFrom('blob')
      .select(sql<number>`coalesce(sum(bytes), 0)::bigint`.as('sum'))
      .executeTakeFirstOrThrow();
    return sum;
  }

  /** `expected`: null, whatever it has. */
  async function store(
    content: AsyncIterable<Uint8Array>,
    said: string,
    by: By,
    expected: string | null,
    { isNew, isKnown, kinds = 'known' }: Storing,
  ): Promise<BlobInfo> {
    const { seal } = await sealer();
    const id = newId(platform.clock, platform.random);
    const first = { id, hash: null, bytes: 0, parts: 0, type: '' };
    const stored = { stored_at: new Date(now()), stored_by: by.actor.name };
    await rows
      .insertInto('blob')
      .values({ ...first, ...stored })
      .execute();
    const told = createHash('sha256');
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let [bytes, parts, isText] = [0, 0, true];
    let [head, tail] = [Buffer.alloc(0), Buffer.alloc(0)];
    try {
      for await (const part of inParts(content)) {
        bytes += part.length;
        if (bytes > LARGEST_BLOB) throw tooLarge(`A file has at most ${LARGEST_BLOB} bytes.`);
        // Counted before it is stored: many that come at once, and none of them whole, count too.
        await note(rows, id, { bytes });
        if ((await total()) > most) throw overTotal(most);
        told.update(part);
        isText &&= isTextPart(decoder, part);
        if (parts === 0) head = Buffer.from(part.subarray(0, 16));
        tail = Buffer.from(Buffer.concat([tail, part]).subarray(-TAIL_BYTES));
        await rows
          .insertInto('blob_part')
          .values({ blob: id, number: parts, sealed: seal([id, parts], part) })
          .execute();
        parts += 1;
      }
      isText &&= isTextPart(decoder, null);
      if (bytes === 0) throw new Problem(422, 'empty_file', 'The file is empty.');
      const hash = told.digest('hex');
      if (expected !== null && hash !== expected) {
        const said = 'The content has another SHA-256 than the address it was sent to. Send it again.';
        throw new Problem(422, 'other_content', said, [{ field: 'hash', message: said }]);
      }
      const type = typeOf(head, tail, isText, said) ?? (kinds === 'any' ? 'application/octet-stream' : null);
      if (type === null) {
        throw new Problem(
          415,
          'file_type',
          'This is none of the files that are kept: PDF, PNG, JPEG, Word or Excel (docx, xlsx), or text in UTF-8.',
        );
      }
      return await platform.db.transaction().execute(async (tx) => {
        const all = tx.withTables<BlobTables>();
        // Two who send one file at once: the second finds it there. And all that came meanwhile counts.
        await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);
        const twin = await keepOn(tx, hash);
        if (twin !== undefined) {
          await all.deleteFrom('blob').where('id', '=', id).execute();
          const info = infoOf(twin, hash);
          await isKnown?.(tx, info);
          return info;
        }
        await note(all, id, { hash, bytes, parts, type });
        const info = infoOf({ bytes, type, ...stored }, hash);
        await isNew(tx, info);
        return info;
      });
    } catch (error) {
      await rows.deleteFrom('blob').where('id', '=', id).where('hash', 'is', null).execute();
      throw error;
    }
  }

  async function open(hash: string): Promise<StoredFile> {
    const row = await find(hash);
    if (row === undefined) throw notFound('file');
    const { open: unseal } = await sealer();
    const { id, parts } = row;
    async function* content(): AsyncGenerator<Buffer<ArrayBuffer>> {
      const told = createHash('sha256');
      for (let number = 0; number < parts; number++) {
        const part = await rows
          .selectFrom('blob_part')
          .select('sealed')
          .where('blob', '=', id)
          .where('number', '=', number)
          .executeTakeFirst();
        if (part === undefined) throw new Error(`part ${number} of file ${hash} is not there`);
        const bytes = Buffer.from(unseal([id, number], part.sealed));
        told.update(bytes);
        yield bytes;
      }
      if (told.digest('hex') !== hash) throw new Error(`file ${hash} is not what was stored`);
    }
    return { info: infoOf(row, hash), content: content() };
  }

  return {
    async put(hash, content, said, by) {
      const known = await keepOn(platform.db, hash);
      if (known !== undefined) return infoOf(known, hash);
      const isNew = (tx: Tx, { bytes, type }: BlobInfo): Promise<void> =>
        recordChange(tx, platform, {
          ...by,
          act: 'blob.store',
          subject: { kind: 'blob', id: hash },
          detail: { bytes, type },
        });
      return store(content, said, by, hash, { isNew });
    },

    take: (content, said, by, tell, kinds) =>
      store(content, said, by, null, {
        isNew: tell,
        isKnown: tell,
        ...(kinds === undefined ? {} : { kinds }),
      }),

    async info(hash) {
      const row = await find(hash);
      if (row === undefined) throw notFound('file');
      return infoOf(row, hash);
    },

    async read(hash, by) {
      const file = await open(hash);
      await platform.db
        .transaction()
        .execute((tx) =>
          recordChange(tx, platform, { ...by, act: 'blob.read', subject: { kind: 'blob', id: hash } }),
        );
      return file;
    },

    open,

    async use(tx, of, files, field) {
      const all = tx.withTables<BlobTables>();
      await all.deleteFrom('blob_use').where('kind', '=', of.kind).where('id', '=', of.id).execute();
      for (const [index, { hash, name }] of files.entries()) {
        // Locked, so that it is not forgotten meanwhile.
        const there = await all
          .selectFrom('blob')
          .select('id')
          .where('hash', '=', hash)
          .forKeyShare()
          .executeTakeFirst();
        if (there === undefined) {
          const message = 'is not stored; send the file to PUT /blobs/{hash} first';
          const place = `${field}.${index}.hash`;
          throw new Problem(422, 'invalid_request', `${place}: ${message}`, [{ field: place, message }]);
        }
        await all
          .insertInto('blob_use')
          .values({ ...of, hash, name })
          .onConflict((conflict) => conflict.columns(['kind', 'id', 'hash']).doUpdateSet({ name }))
          .execute();
      }
    },

    async used(kind, ids) {
      if (ids.length === 0) return new Map();
      const found = await rows
        .selectFrom('blob_use')
        .innerJoin('blob', 'blob.hash', 'blob_use.hash')
        .select(['blob_use.id as of', 'blob_use.name', 'blob_use.hash'])
        .select(['blob.bytes', 'blob.type', 'blob.stored_at', 'blob.stored_by'])
        .where('blob_use.kind', '=', kind)
        .where('blob_use.id', 'in', [...ids])
        .orderBy('blob_use.name')
        .execute();
      const files = found.map(({ of, name, hash, ...row }) => ({ of, name, ...infoOf(row, hash) }));
      return Map.groupBy(files, ({ of }) => of);
    },

    async prune() {
      const gone = await sql`DELETE FROM blob WHERE
        (hash IS NULL AND stored_at < ${new Date(now() - UNFINISHED_MS)})
        OR (hash IS NOT NULL AND stored_at < ${new Date(now() - UNUSED_MS)}
          AND NOT EXISTS (SELECT FROM blob_use WHERE blob_use.hash = blob.hash))`.execute(platform.db);
      return Number(gone.numAffectedRows ?? 0n);
    },
  };
}

const infoOf = (row: Pick<Row, 'bytes' | 'type' | 'stored_at' | 'stored_by'>, hash: string): BlobInfo => ({
  hash,
  bytes: row.bytes,
  type: row.type as BlobType,
  storedAt: row.stored_at,
  storedBy: row.stored_by,
});

const overTotal = (most: number): Problem =>
  tooLarge(
    `All files together have at most ${most} bytes; take out what needs them; a day later they are gone.`,
  );
const tooSlow = (): Problem =>
  new Problem(
    408,
    'too_slow',
    'The file did not arrive whole within an hour, and was forgotten. Send it again.',
  );
const tooLarge = (said: string): Problem => new Problem(413, 'too_large', said);

/** Whether the text goes on being UTF-8 without NUL; null: it ends here. */
function isTextPart(decoder: InstanceType<typeof TextDecoder>, part: Uint8Array | null): boolean {
  try {
    const text = part === null ? decoder.decode() : decoder.decode(part, { stream: true });
    return !text.includes('\0');
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** The same bytes in parts of `PART_BYTES`, the last one as long as it is. */
async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    let rest = chunk;
    while (length + rest.length >= PART_BYTES) {
      const fits = PART_BYTES - length;
      yield Buffer.concat([...held, rest.subarray(0, fits)]);
      rest = rest.subarray(fits);
      [held, length] = [[], 0];
    }
    if (rest.length > 0) held.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(held);
}
