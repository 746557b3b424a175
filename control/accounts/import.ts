import { sql } from 'kysely';
import {
  type By,
  inOneTransaction,
  invalid,
  newId,
  type Platform,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Directory } from './directory.ts';
import { type ImportedAccount, type Mapping, readExport, type Source } from './sources/index.ts';
import type { AccountTables } from './tables.ts';

export interface ImportDeps {
  platform: Platform;
  directory: () => Promise<Directory>;
  /** The ledger's pseudonym of an identifier. */
  pseudonymOf: (identifier: string) => Promise<string>;
}

export interface AskedImport {
  vendor: string;
  source: Source;
  content: string;
  mapping?: Mapping | undefined;
  asOf: Date;
  /** Only says what it would do. */
  preview: boolean;
}

export interface Imported {
  id: string | null;
  accounts: number;
  added: number;
  /** Known before, not in this export any more. None where the export is a part. */
  gone: number;
  complete: boolean;
}

interface Prepared extends ImportedAccount {
  id: string;
  external: string;
  subject: string | null;
}

/** As many are hashed in the vault at once. */
const AT_ONCE = 32;
const HOUR_MS = 3_600_000;

/**
 * Takes an export in: accounts are known by (vendor, source, the vendor's id), so that taking one in twice changes nothing.
 * Those that a complete export does not name any more are gone. Throws Problem 422.
 */
export async function importAccounts(deps: ImportDeps, asked: AskedImport, by: By): Promise<Imported> {
  const { platform } = deps;
  const now = platform.clock.now();
  if (asked.asOf.getTime() > now + HOUR_MS) throw invalid('asOf', 'lies ahead; say when the export was made');
  const read = readExport(asked.source, asked.content, asked.mapping);
  const prepared = await prepare(deps, asked, read.accounts);
  if (asked.source === 'entra_assignments') await nameHolders(deps, prepared);
  const directory = await deps.directory();

  return inOneTransaction(platform.pool, async (_, tx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtext(${`accounts ${asked.vendor} ${asked.source}`}))`.execute(
      tx,
    );
    await expectNewer(tx, asked);
    const known = await knownExternals(tx, asked);
    const named = new Set(prepared.map(({ external }) => external));
    const gone = read.complete
      ? [...known].flatMap(([external, state]) =>
          state !== 'gone' && !named.has(external) ? [external] : [],
        )
      : [];
    const result: Imported = {
      id: asked.preview ? null : newId(platform.clock, platform.random),
      accounts: prepared.length,
      added: prepared.filter(({ external }) => !known.has(external)).length,
      gone: gone.length,
      complete: read.complete,
    };
    if (result.id === null) return result;
    await keepAccounts(tx, asked, prepared, directory);
    await markGone(tx, asked, gone);
    await tx
      .withTables<AccountTables>()
      .insertInto('account_import')
      .values({
        id: result.id,
        at: new Date(now),
        actor: by.actor.name,
        vendor: asked.vendor,
        source: asked.source,
        as_of: asked.asOf,
        complete: read.complete,
        accounts: result.accounts,
        added: result.added,
        gone: result.gone,
      })
      .execute();
    const { id, ...counts } = result;
    await recordChange(tx, platform, {
      ...by,
      act: 'account.import',
      subject: { kind: 'vendor', id: asked.vendor },
      detail: { import: id, source: asked.source, asOf: asked.asOf.toISOString(), ...counts },
    });
    return result;
  });
}

async function prepare(
  { platform, pseudonymOf }: ImportDeps,
  { vendor, source }: AskedImport,
  accounts: readonly ImportedAccount[],
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (let start = 0; start < accounts.length; start += AT_ONCE) {
    const some = accounts.slice(start, start + AT_ONCE).map(
      async (account): Promise<Prepared> => ({
        ...account,
        id: newId(platform.clock, platform.random),
        external: await pseudonymOf(externalText(vendor, source, account.externalId)),
        subject: account.email === null ? null : await pseudonymOf(account.email),
      }),
    );
    prepared.push(...(await Promise.all(some)));
  }
  return prepared;
}

/** Assignments in Entra name people by an id only: the registration report of the same tenant knows whose it is. */
async function nameHolders({ platform, pseudonymOf }: ImportDeps, prepared: Prepared[]): Promise<void> {
  const rows = platform.db.withTables<AccountTables>();
  const tenants = await rows
    .selectFrom('account')
    .select('vendor')
    .distinct()
    .where('source', '=', 'entra_registration')
    .execute();
  for (const { vendor } of tenants) {
    const known = await rows
      .selectFrom('account')
      .select(['external', 'subject'])
      .where('vendor', '=', vendor)
      .where('source', '=', 'entra_registration')
      .execute();
    const subjectOf = new Map(known.map(({ external, subject }) => [external, subject]));
    for (const account of prepared) {
      const there = await pseudonymOf(externalText(vendor, 'entra_registration', account.externalId));
      account.subject ??= subjectOf.get(there) ?? null;
    }
  }
}

const externalText = (vendor: string, source: Source, externalId: string): string =>
  `account\n${vendor}\n${source}\n${externalId}`;

/** What an older export says is not written over what a newer one said. */
async function expectNewer(tx: Tx, { vendor, source, asOf }: AskedImport): Promise<void> {
  const newer = await tx
    .withTables<AccountTables>()
    .selectFrom('account_import')
    .select('as_of')
    .where('vendor', '=', vendor)
    .where('source', '=', source)
    .where('as_of', '>', asOf)
    .limit(1)
    .executeTakeFirst();
  if (newer === undefined) return;
  throw invalid('asOf', `an export of ${newer.as_of.toISOString()} is here already, which is newer`);
}

async function knownExternals(tx: Tx, { vendor, source }: AskedImport): Promise<Map<string, string>> {
  const rows = await tx
    .withTables<AccountTables>()
    .selectFrom('account')
    .select(['external', 'state'])
    .where('vendor', '=', vendor)
    .where('source', '=', source)
    .execute();
  return new Map(rows.map(({ external, state }) => [external, state]));
}

const ROWS_AT_ONCE = 1_000;

async function keepAccounts(
  tx: Tx,
  { vendor, source, asOf }: AskedImport,
  prepared: readonly Prepared[],
  directory: Directory,
): Promise<void> {
  const rows = tx.withTables<AccountTables>();
  const ids = await rows
    .selectFrom('account')
    .select(['id', 'external'])
    .where('vendor', '=', vendor)
    .where('source', '=', source)
    .execute();
  const idOf = new Map(ids.map(({ id, external }) => [external, id]));
  for (let start = 0; start < prepared.length; start += ROWS_AT_ONCE) {
    const values = prepared.slice(start, start + ROWS_AT_ONCE).map((account) => {
      const id = idOf.get(account.external) ?? account.id;
      const { email, name, externalId } = account;
      return {
        id,
        vendor,
        source,
        external: account.external,
        subject: account.subject,
        sealed: directory.seal(id, { email, name, externalId }),
        role: account.role,
        admin: account.admin,
        kind: account.kind,
        state: account.state,
        level: account.level,
        basis: account.basis,
        as_of: asOf,
        added_at: account.addedAt,
        last_active_at: account.lastActiveAt,
      };
    });
    await rows
      .insertInto('account')
      .values(values)
      .onConflict((conflict) =>
        conflict.columns(['vendor', 'source', 'external']).doUpdateSet((eb) => ({
          subject: eb.ref('excluded.subject'),
          sealed: eb.ref('excluded.sealed'),
          role: eb.ref('excluded.role'),
          admin: eb.ref('excluded.admin'),
          kind: eb.ref('excluded.kind'),
          state: eb.ref('excluded.state'),
          level: eb.ref('excluded.level'),
          basis: eb.ref('excluded.basis'),
          as_of: eb.ref('excluded.as_of'),
          added_at: eb.ref('excluded.added_at'),
          last_active_at: eb.ref('excluded.last_active_at'),
        })),
      )
      .execute();
  }
}

async function markGone(
  tx: Tx,
  { vendor, source, asOf }: AskedImport,
  gone: readonly string[],
): Promise<void> {
  if (gone.length === 0) return;
  await tx
    .withTables<AccountTables>()
    .updateTable('account')
    .set({ state: 'gone', as_of: asOf })
    .where('vendor', '=', vendor)
    .where('source', '=', source)
    .where(sql<boolean>`external = ANY(${gone})`)
    .execute();
}
