import { isDeepStrictEqual } from 'node:util';
import { type ContractDocument, ContractRulesSchema, type TreatmentSchema } from '@drawbridge/protocol';
import type { z } from '@hono/zod-openapi';
import { type By, invalid, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import type { Allowance, ContractChange, ContractVersionView } from './schemas.ts';
import { type ConnectionRow, checkMatch, lockConnection, readConnection, writeConnection } from './store.ts';
import type { ConnectionTables } from './tables.ts';

type Treatment = z.infer<typeof TreatmentSchema>;

/** Data contracts: versions that are never changed, each with its author and reason. */
export interface Contracts {
  /** The version in force, and the latest 50, newest first. */
  history(connection: string): Promise<{ current: ContractVersionView; versions: ContractVersionView[] }>;
  /**
   * Throws Problem 409 `contract_changed` where another version than `basedOn` is in force, and 412 where `ifMatch`,
   * the ETag as it was read, no longer holds; 409 `contract_tests_fail` where tests fail that are not named in `despite`.
   */
  change(connection: string, given: ContractChange, by: By, ifMatch?: string): Promise<ContractVersionView>;
  /** Lets a name cross. Where it already does so, the version in force is given back and nothing is written. */
  allow(connection: string, given: Allowance, by: By): Promise<ContractVersionView>;
  /** The same for several names on several connections: one new version of each, of all or of none. */
  allowAll(given: readonly NamesAllowed[], by: By): Promise<void>;
  /** By what changes are tested from now on, before they are in force. */
  testedBy(tests: RunTests): void;
}

/** Runs what is kept of a connection as tests under other rules. */
export type RunTests = (
  connection: string,
  rules: ContractDocument,
) => Promise<readonly { id: string; name: string; passed: boolean; problems: readonly string[] }[]>;

export interface NamesAllowed {
  connection: string;
  names: readonly Allowance[];
}

const MOST_PROPERTIES = 2000;
const VERSIONS_SHOWN = 50;

/** What the schema of rules does not say. Throws Problem 422 that names the field. */
export function checkRules(rules: ContractDocument, field: string): ContractDocument {
  if (Object.keys(rules.properties).length > MOST_PROPERTIES) {
    throw invalid(`${field}.properties`, `a contract names at most ${MOST_PROPERTIES} properties`);
  }
  return rules;
}

export function createContracts({
  platform,
  catalogue,
}: {
  platform: Platform;
  catalogue: Catalogue;
}): Contracts {
  type Next = (
    row: ConnectionRow,
    current: ContractDocument,
  ) => { rules: ContractDocument; act: string; failing?: readonly string[] } | null;

  async function writeIn(tx: Tx, id: string, by: By, next: Next): Promise<ContractVersionView> {
    const row = await lockConnection(tx, id);
    const current = await readVersion(tx, row, row.contract_version);
    const change = next(row, current.rules);
    if (change === null) return current;
    await insertVersion(tx, platform, row, change.rules, by);
    await recordChange(tx, platform, {
      ...by,
      act: change.act,
      subject: { kind: 'connection', id },
      detail: {
        contract: row.contract_id,
        version: row.contract_version + 1,
        ...(change.failing === undefined ? {} : { failing: change.failing }),
      },
    });
    return readVersion(tx, row, row.contract_version + 1);
  }

  let runTests: RunTests = async () => [];

  /** The names of tests that fail, all of which are meant to. Throws Problem 409 where one is not. */
  async function failingAsMeant(id: string, rules: ContractDocument, despite: readonly string[]) {
    const failing = (await runTests(id, rules)).filter(({ passed }) => !passed);
    const unmeant = failing.filter((test) => !despite.includes(test.id));
    if (unmeant.length === 0) return failing.map(({ name }) => name);
    const names = unmeant.map(({ name }) => `"${name}"`).join(', ');
    throw new Problem(
      409,
      'contract_tests_fail',
      `${unmeant.length === 1 ? 'A contract test fails' : `${unmeant.length} contract tests fail`} under these rules: ${names}. Change the rules or the tests, or name those that may fail, and say why.`,
      undefined,
      { failing },
    );
  }

  async function write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const result = await platform.db.transaction().execute(work);
    platform.events.publish('connections');
    return result;
  }

  const allowing =
    (names: readonly Allowance[]): Next =>
    (row, current) => {
      const kind = catalogue.service(row.vendor, row.service)?.kind ?? 'analytics';
      let rules = current;
      for (const one of names) rules = withAllowance(rules, one, kind, row.name) ?? rules;
      return rules === current ? null : { rules, act: 'contract.allow' };
    };

  return {
    async history(connection) {
      const row = await readConnection(platform.db, connection);
      const versions = await platform.db
        .withTables<ConnectionTables>()
        .selectFrom('contract_version')
        .selectAll()
        .where('connection', '=', connection)
        .where('version', '<=', row.contract_version)
        .orderBy('version', 'desc')
        .limit(VERSIONS_SHOWN)
        .execute();
      const views = versions.map((version) => versionView(row.contract_id, version));
      const current = views[0];
      if (current === undefined) throw new Error('a connection without a contract');
      return { current, versions: views };
    },

    testedBy(tests) {
      runTests = tests;
    },

    async change(connection, { rules, basedOn, despite = [] }, by, ifMatch) {
      const failing = await failingAsMeant(connection, rules, despite);
      const next: Next = (row) => {
        checkMatch(`"${row.contract_version}"`, ifMatch);
        if (row.contract_version !== basedOn) {
          throw new Problem(
            409,
            'contract_changed',
            `Version ${row.contract_version} is in force, and your change is based on ${basedOn}. Read it again and repeat your change.`,
            undefined,
            { current: row.contract_version },
          );
        }
        return {
          rules: checkRules(rules, 'rules'),
          act: 'contract.change',
          ...(failing.length === 0 ? {} : { failing }),
        };
      };
      return write((tx) => writeIn(tx, connection, by, next));
    },

    allow: (connection, given, by) => write((tx) => writeIn(tx, connection, by, allowing([given]))),

    async allowAll(given, by) {
      const inOrder = given.toSorted((a, b) => (a.connection < b.connection ? -1 : 1));
      await write(async (tx) => {
        // All before the first is written, which counts up the configuration: nobody waits for what waits for them.
        for (const { connection } of inOrder) await lockConnection(tx, connection);
        for (const { connection, names } of inOrder) await writeIn(tx, connection, by, allowing(names));
      });
    },
  };
}

/** Null where the rules say so already. Throws Problem 422 where the rules would grow past what they may hold. */
function withAllowance(
  current: ContractDocument,
  given: Allowance,
  serviceKind: 'analytics' | 'ai',
  called: string,
): ContractDocument | null {
  const { name } = given;
  const rules = structuredClone(current);
  if (given.kind === 'event_name' || given.kind === 'path_segment') {
    if (given.class !== undefined || given.treatment !== undefined) {
      throw invalid('kind', 'class and treatment are said of properties; an allowed name passes as it is');
    }
    if (rules.names.allowed.includes(name)) return null;
    rules.names.allowed.push(name);
  } else {
    const known = Object.hasOwn(rules.properties, name) ? rules.properties[name] : undefined;
    const allowed = {
      class: given.class ?? known?.class ?? (serviceKind === 'ai' ? 'content.metadata' : 'event.property'),
      treatment: treatmentOf(given.treatment),
    };
    if (isDeepStrictEqual(known, allowed)) return null;
    // A plain assignment would set the prototype for the name "__proto__".
    Object.defineProperty(rules.properties, name, {
      value: allowed,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  const checked = ContractRulesSchema.safeParse(checkRules(rules, 'contract'));
  if (checked.success) return rules;
  throw invalid('name', `the contract of "${called}" allows as many names as it may hold; remove some first`);
}

function treatmentOf(given: Allowance['treatment']): Treatment {
  if (given === undefined) return { do: 'pass' };
  return typeof given === 'string' ? { do: given } : given;
}

/** Puts rules in force as the next version of a connection’s contract. */
export async function insertVersion(
  tx: Tx,
  platform: Platform,
  row: ConnectionRow,
  rules: ContractDocument,
  by: By,
): Promise<void> {
  const version = row.contract_version + 1;
  await tx
    .withTables<ConnectionTables>()
    .insertInto('contract_version')
    .values({
      connection: row.id,
      version,
      rules: JSON.stringify(rules),
      author: by.actor.name,
      reason: by.reason,
      created_at: new Date(platform.clock.now()),
    })
    .execute();
  await writeConnection(tx, row.id, { contract_version: version });
}

async function readVersion(tx: Tx, row: ConnectionRow, version: number): Promise<ContractVersionView> {
  const found = await tx
    .withTables<ConnectionTables>()
    .selectFrom('contract_version')
    .selectAll()
    .where('connection', '=', row.id)
    .where('version', '=', version)
    .executeTakeFirstOrThrow();
  return versionView(row.contract_id, found);
}

function versionView(
  id: string,
  row: { version: number; rules: ContractDocument; author: string; reason: string; created_at: Date },
): ContractVersionView {
  return {
    id,
    version: row.version,
    rules: row.rules,
    author: row.author,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
  };
}
