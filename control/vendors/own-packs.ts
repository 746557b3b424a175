import type { Pack } from '@drawbridge/protocol';
import { sql } from 'kysely';
import { type By, notFound, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import type { Catalogue, EnteredPack } from './catalogue.ts';
import { fieldMapsOf } from './like.ts';
import { LARGEST_PACK, problemLine, readPack } from './load.ts';
import type { VendorTables } from './tables.ts';

/** What a connection needs of its vendor's pack. */
export interface PackUse {
  connection: string;
  service: string;
  region: string;
}

export interface OwnPacksDeps {
  platform: Platform;
  catalogue: Catalogue;
  /** The connections of a vendor, seen from within a transaction. */
  usesOf: (tx: Tx, vendor: string) => Promise<readonly PackUse[]>;
}

export interface OwnPackVersion {
  version: number;
  author: string;
  reason: string;
  createdAt: string;
}

/** A pack that was entered, as the API shows it beside its summary. */
export interface OwnPack {
  vendor: string;
  version: number;
  /** As it was entered. */
  text: string;
  /** Newest first, 50 at most. */
  versions: OwnPackVersion[];
}

/** Packs that people enter over the API. Every write is recorded with actor and reason, and in force at once. */
export interface OwnPacks {
  /** Reads what is stored into the catalogue. Resolves with what could not be used, one line each. */
  load(): Promise<string[]>;
  /** What could not be used when they were last read. */
  problems(): readonly string[];
  read(vendor: string): Promise<OwnPack>;
  /** Throws Problem 422 that names every field that is wrong, 409 where the vendor has a pack. */
  create(text: string, by: By): Promise<OwnPack>;
  /** A new version. Throws Problem 409 `pack_in_use` where a connection would lose its service or region. */
  replace(vendor: string, text: string, basedOn: number, by: By): Promise<OwnPack>;
  /** Throws Problem 409 `pack_in_use` while a connection uses it. */
  remove(vendor: string, by: By): Promise<void>;
}

const VERSIONS_SHOWN = 50;

export function createOwnPacks({ platform, catalogue, usesOf }: OwnPacksDeps): OwnPacks {
  /** Those that were entered may not refer to each other: which of them is read first must not matter. */
  const maps = () =>
    fieldMapsOf(catalogue.packs.filter(({ vendor }) => catalogue.origin(vendor) !== 'entered'));

  const read = (text: string): Pack => {
    if (text.length > LARGEST_PACK) {
      const message = `has ${text.length} characters as text; a pack has at most ${LARGEST_PACK}`;
      throw new Problem(422, 'pack_invalid', `pack: ${message}`, [{ field: 'pack', message }]);
    }
    const found = readPack('pack', text, maps());
    if ('pack' in found) return found.pack;
    const errors = found.problems
      .slice(0, 50)
      .map(({ field, line, message }) => ({ field: `pack.${field}`, message: `${message} (line ${line})` }));
    const [first] = errors;
    throw new Problem(
      422,
      'pack_invalid',
      `The pack can not be used. ${first?.field}: ${first?.message}`,
      errors,
    );
  };

  async function write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const result = await platform.db.transaction().execute(work);
    await load();
    platform.events.publish('connections');
    return result;
  }

  let unusable: readonly string[] = [];
  let loading: Promise<unknown> = Promise.resolve();
  /** One after another: what was read first must not be put in place last. */
  function load(): Promise<string[]> {
    const loaded = loading.then(loadNow);
    loading = loaded.catch(() => undefined);
    return loaded;
  }

  async function loadNow(): Promise<string[]> {
    const rows = await platform.db
      .withTables<VendorTables>()
      .selectFrom('own_pack')
      .innerJoin('own_pack_version', (join) =>
        join
          .onRef('own_pack_version.vendor', '=', 'own_pack.vendor')
          .onRef('own_pack_version.version', '=', 'own_pack.version'),
      )
      .where('is_removed', '=', false)
      .select(['own_pack.vendor', 'own_pack.version', 'text'])
      .orderBy('own_pack.vendor')
      .execute();
    const others = maps();
    const packs: EnteredPack[] = [];
    const problems: string[] = [];
    for (const { vendor, version, text } of rows) {
      const found = readPack(vendor, text, others);
      if ('pack' in found) packs.push({ pack: found.pack, version });
      else problems.push(...found.problems.map(problemLine));
    }
    catalogue.setEntered(packs);
    for (const { pack } of packs) {
      if (catalogue.origin(pack.vendor) !== 'entered')
        problems.push(`${pack.vendor}: another pack speaks of this vendor now`);
    }
    unusable = problems;
    return problems;
  }

  return {
    load,
    problems: () => unusable,

    async read(vendor) {
      return readOwn(platform.db, vendor);
    },

    async create(text, by) {
      const pack = read(text);
      return write(async (tx) => {
        await holdVendor(tx, pack.vendor);
        if (
          catalogue.origin(pack.vendor) !== undefined ||
          (await versionInForce(tx, pack.vendor)) !== undefined
        ) {
          throw new Problem(
            409,
            'vendor_taken',
            `There is a pack of "${pack.vendor}" already; take another id.`,
            [{ field: 'pack.vendor', message: 'another pack speaks of this vendor' }],
          );
        }
        await insertVersion(tx, platform, pack.vendor, text, by);
        await recordChange(tx, platform, {
          ...by,
          act: 'pack.create',
          subject: { kind: 'pack', id: pack.vendor },
        });
        return readOwn(tx, pack.vendor);
      });
    },

    async replace(vendor, text, basedOn, by) {
      const pack = read(text);
      if (pack.vendor !== vendor) {
        throw new Problem(422, 'pack_invalid', 'A new version speaks of the same vendor.', [
          { field: 'pack.vendor', message: `must be "${vendor}"` },
        ]);
      }
      return write(async (tx) => {
        await holdVendor(tx, vendor);
        const { version } = await readOwn(tx, vendor);
        if (version !== basedOn) {
          throw new Problem(
            412,
            'version_conflict',
            `Version ${version} is in force, not ${basedOn}. Read it again.`,
          );
        }
        for (const use of await usesOf(tx, vendor)) {
          const service = pack.services.find(({ id }) => id === use.service);
          if (service?.regions.some(({ id }) => id === use.region) !== true) throw inUse(vendor, use);
        }
        await insertVersion(tx, platform, vendor, text, by);
        await recordChange(tx, platform, {
          ...by,
          act: 'pack.change',
          subject: { kind: 'pack', id: vendor },
        });
        return readOwn(tx, vendor);
      });
    },

    async remove(vendor, by) {
      await write(async (tx) => {
        await holdVendor(tx, vendor);
        await readOwn(tx, vendor);
        const [use] = await usesOf(tx, vendor);
        if (use !== undefined) throw inUse(vendor, use);
        await tx
          .withTables<VendorTables>()
          .updateTable('own_pack')
          .set({ is_removed: true })
          .where('vendor', '=', vendor)
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'pack.remove',
          subject: { kind: 'pack', id: vendor },
        });
      });
    },
  };
}

/** Keeps a vendor's pack and the making of its connections apart until the transaction ends. */
async function holdVendor(tx: Tx, vendor: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`pack ${vendor}`}, 0))`.execute(tx);
}

/**
 * Keeps a vendor's pack as the catalogue has it until the transaction ends. Throws Problem 409 where another version was
 * entered, or it was removed, and this process has not read that yet.
 */
export async function holdPack(tx: Tx, catalogue: Catalogue, vendor: string): Promise<void> {
  await holdVendor(tx, vendor);
  const known = catalogue.enteredVersion(vendor);
  if (known === undefined || known === (await versionInForce(tx, vendor))) return;
  throw new Problem(
    409,
    'pack_changed',
    `The pack of "${vendor}" was changed or removed a moment ago. Try again.`,
  );
}

function inUse(vendor: string, { connection, service, region }: PackUse): Problem {
  return new Problem(
    409,
    'pack_in_use',
    `The connection ${connection} uses ${vendor}/${service} in the region "${region}". Packs stay while a connection needs them.`,
  );
}

async function versionInForce(tx: Tx, vendor: string): Promise<number | undefined> {
  const row = await tx
    .withTables<VendorTables>()
    .selectFrom('own_pack')
    .select('version')
    .where('vendor', '=', vendor)
    .where('is_removed', '=', false)
    .executeTakeFirst();
  return row?.version;
}

async function insertVersion(
  tx: Tx,
  platform: Platform,
  vendor: string,
  text: string,
  by: By,
): Promise<void> {
  const db = tx.withTables<VendorTables>();
  const before = await db
    .selectFrom('own_pack')
    .select('version')
    .where('vendor', '=', vendor)
    .executeTakeFirst();
  const version = (before?.version ?? 0) + 1;
  await db
    .insertInto('own_pack')
    .values({ vendor, version, is_removed: false })
    .onConflict((conflict) => conflict.column('vendor').doUpdateSet({ version, is_removed: false }))
    .execute();
  const createdAt = new Date(platform.clock.now());
  await db
    .insertInto('own_pack_version')
    .values({ vendor, version, text, author: by.actor.name, reason: by.reason, created_at: createdAt })
    .execute();
}

/** Throws Problem 404. */
async function readOwn(db: Platform['db'] | Tx, vendor: string): Promise<OwnPack> {
  const rows = await db
    .withTables<VendorTables>()
    .selectFrom('own_pack')
    .innerJoin('own_pack_version', 'own_pack_version.vendor', 'own_pack.vendor')
    .where('own_pack.vendor', '=', vendor)
    .where('is_removed', '=', false)
    // A text may have a megabyte: only the one in force is read.
    .select((eb) => [
      'own_pack_version.version',
      'author',
      'reason',
      'created_at',
      eb
        .case()
        .whenRef('own_pack_version.version', '=', 'own_pack.version')
        .then(eb.ref('text'))
        .end()
        .as('text'),
    ])
    .orderBy('own_pack_version.version', 'desc')
    .limit(VERSIONS_SHOWN)
    .execute();
  const [current] = rows;
  if (current?.text == null) throw notFound('pack that was entered here');
  return {
    vendor,
    version: current.version,
    text: current.text,
    versions: rows.map(({ version, author, reason, created_at }) => ({
      version,
      author,
      reason,
      createdAt: created_at.toISOString(),
    })),
  };
}
