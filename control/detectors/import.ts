import { setImmediate as breathe } from 'node:timers/promises';
import type pg from 'pg';
import {
  type By,
  inOneTransaction,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
} from '../platform/index.ts';
import { countryOf, languageOf } from './place.ts';
import { type Prepared, prepare } from './prepare.ts';
import { type Format, readList } from './read.ts';
import type { Imported } from './schemas.ts';
import type { Sealing } from './sealing.ts';
import type { DetectorTables } from './tables.ts';

export interface ImportDeps {
  platform: Platform;
  sealing: () => Promise<Sealing>;
  /** The ledger's pseudonym of an identifier. */
  pseudonymOf: (identifier: string) => Promise<string>;
}

export interface AskedImport {
  format: Format;
  content: string;
  preview: boolean;
  skipRefused: boolean;
}

/** Forms of all lists together: what a snapshot carries and a worker keeps in its memory. */
export const MOST_FORMS = 600_000;
const MOST_SHOWN = 100;
/** As many are hashed in the vault at once. */
const AT_ONCE = 64;
const ROWS_AT_ONCE = 1000;

/**
 * Puts what was handed in in the place of all that the list holds: twice changes nothing. A preview writes nothing. Throws
 * Problem 404, 409 `too_many_phrases`, 422 (rows are refused: see `skipRefused`).
 */
export async function importList(
  deps: ImportDeps,
  id: string,
  asked: AskedImport,
  by: By,
): Promise<Imported> {
  const { platform } = deps;
  const list = await platform.db
    .withTables<DetectorTables>()
    .selectFrom('known_list')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (list === undefined) throw notFound('list');
  const read = await readList(list.kind, asked.format, asked.content);
  const sealing = await deps.sealing();
  const { prepared, refused, forms } = await prepare(read, list.class ?? 'person.name', sealing);
  const [first] = refused;
  if (first !== undefined && !asked.preview && !asked.skipRefused)
    throw invalid(
      'content',
      `${refused.length} ${refused.length === 1 ? 'row is' : 'rows are'} refused, the first at line ${first.line}: ${first.field} ${first.message}. Mend them, or leave them out (skipRefused)`,
    );

  const { known, fresh } = await compare(deps, id, prepared);
  const result: Imported = {
    entries: prepared.length,
    forms,
    added: fresh.filter(({ external }) => !known.has(external)).length,
    changed: fresh.filter(({ external }) => known.has(external)).length,
    gone: known.size - (prepared.length - fresh.filter(({ external }) => !known.has(external)).length),
    refused: refused.length,
    rows: refused.slice(0, MOST_SHOWN),
    ignored: read.ignored.slice(0, 50),
  };
  if (asked.preview) return result;
  const rows = await rowsOf(deps, sealing, known, fresh);
  await inOneTransaction(platform.pool, async (client, tx) => {
    const tables = tx.withTables<DetectorTables>();
    const held = await tables
      .selectFrom('known_list')
      .select('revision')
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (held === undefined) throw notFound('list');
    if (held.revision !== list.revision)
      throw new Problem(
        409,
        'list_changed',
        'The list was changed meanwhile. Look at it and take this in again.',
      );
    await expectRoom(client, id, forms);
    await write(client, id, prepared, rows);
    await tables
      .updateTable('known_list')
      .set((eb) => ({
        revision: eb('revision', '+', '1'),
        entries: prepared.length,
        forms,
        imported_at: new Date(platform.clock.now()),
        imported_by: by.actor.name,
      }))
      .where('id', '=', id)
      .execute();
    const { rows: _, ignored: __, ...counts } = result;
    await recordChange(tx, platform, {
      ...by,
      act: 'known_list.import',
      subject: { kind: 'known_list', id },
      detail: { ...counts, name: list.name },
    });
  });
  platform.events.publish('connections');
  return result;
}

/** What is there, by what it is known by, and what of the import is not there or says something else. */
async function compare({ platform }: ImportDeps, id: string, prepared: readonly Prepared[]) {
  const { rows } = await platform.pool.query<{ id: string; external: string; digest: string }>(
    'SELECT id, external, digest FROM known_entry WHERE list = $1',
    [id],
  );
  const known = new Map(rows.map((row) => [row.external, row]));
  const fresh = prepared.filter(({ external, digest }) => known.get(external)?.digest !== digest);
  return { known, fresh };
}

interface Row extends Prepared {
  id: string;
  subjects: string;
  country: string | null;
  language: string | null;
  sealed: Buffer;
}

async function rowsOf(
  { platform, pseudonymOf }: ImportDeps,
  sealing: Sealing,
  known: ReadonlyMap<string, { id: string }>,
  fresh: readonly Prepared[],
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let start = 0; start < fresh.length; start += AT_ONCE) {
    const some = fresh.slice(start, start + AT_ONCE).map(async (one): Promise<Row> => {
      const id = known.get(one.external)?.id ?? newId(platform.clock, platform.random);
      const { email, externalId, country, language } = one.entry;
      const names = [email, externalId].filter((name) => name !== undefined);
      const subjects = await Promise.all(names.map((name) => pseudonymOf(name)));
      return {
        ...one,
        id,
        subjects: subjects.join(' '),
        country: country === undefined ? null : countryOf(country),
        language: language === undefined ? null : languageOf(language),
        sealed: sealing.seal(id, one.entry),
      };
    });
    rows.push(...(await Promise.all(some)));
    await breathe();
  }
  return rows;
}

/** No list takes what another one has room for already. */
async function expectRoom(client: pg.PoolClient, id: string, forms: number): Promise<void> {
  const { rows } = await client.query<{ forms: string }>(
    'SELECT coalesce(sum(forms), 0) AS forms FROM known_list WHERE id <> $1',
    [id],
  );
  if (Number(rows[0]?.forms ?? 0) + forms <= MOST_FORMS) return;
  throw new Problem(
    409,
    'too_many_phrases',
    `Gateways know at most ${MOST_FORMS} forms of names and words, over all lists. Take fewer in, or remove a list.`,
  );
}

async function write(
  client: pg.PoolClient,
  id: string,
  prepared: readonly Prepared[],
  rows: readonly Row[],
): Promise<void> {
  await client.query('DELETE FROM known_entry WHERE list = $1 AND NOT external = ANY($2)', [
    id,
    prepared.map(({ external }) => external),
  ]);
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
    const some = rows.slice(start, start + ROWS_AT_ONCE);
    await client.query(
      `INSERT INTO known_entry (id, list, external, digest, subjects, country, language, sealed, forms)
       SELECT r.id, $1, r.external, r.digest, string_to_array(r.subjects, ' '), r.country, r.language, r.sealed, r.forms
       FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::bytea[])
         AS r (id, external, digest, subjects, country, language, sealed, forms)
       ON CONFLICT (list, external) DO UPDATE
         SET digest = excluded.digest, subjects = excluded.subjects, country = excluded.country,
           language = excluded.language, sealed = excluded.sealed, forms = excluded.forms`,
      [
        id,
        some.map((row) => row.id),
        some.map(({ external }) => external),
        some.map(({ digest }) => digest),
        some.map(({ subjects }) => subjects),
        some.map(({ country }) => country),
        some.map(({ language }) => language),
        some.map(({ sealed }) => sealed),
        some.map(({ forms }) => forms),
      ],
    );
  }
}
