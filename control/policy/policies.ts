import { type By, type Platform, Problem, recordChange, type Tx } from '../platform/index.ts';
import { type Applied, applyAll, MOST_ACTIVE, tooMany } from './apply.ts';
import { lineDiff } from './diff.ts';
import { hashOfSet, readPolicy } from './engine.ts';
import { expectHeld, type Keeper, runExamples } from './guard.ts';
import type {
  NewPolicy,
  PolicyChange,
  PolicyChecked,
  PolicyDetail,
  PolicyVersionView,
  PolicyView,
} from './schemas.ts';
import type { PolicyFile, Starter } from './starters.ts';
import {
  findVersion,
  lockPolicies,
  type PolicyRow,
  readActive,
  readLatest,
  readOne,
  readVersions,
} from './store.ts';
import type { PolicyTables } from './tables.ts';
import { expectReadable, putInForce, saveVersion } from './write.ts';

export interface PolicyDeps {
  platform: Platform;
  /** Those that are shipped. Read when they are asked for. */
  starters: () => Promise<readonly Starter[]>;
  /** Who may change policies: activating a set that forbids it to all of them is refused. */
  keepers: () => Promise<readonly Keeper[]>;
}

/** Policies and their versions. Every write is recorded with actor and reason, and told as `policies`. */
export interface Policies {
  /** In order of names, and the hash of the set in force. */
  list(): Promise<{ items: PolicyView[]; hash: string | null }>;
  /** Throws Problem 404. */
  get(name: string): Promise<PolicyDetail>;
  /** One version, compared with the one before it. Throws Problem 404. */
  version(name: string, version: number): Promise<PolicyVersionView>;
  /** Policies that one can take over as they are. */
  starters(): Promise<(Starter & { taken: boolean })[]>;
  /** What is wrong with a text, and whether its examples would hold together with what is in force. Writes nothing. */
  check(given: Pick<NewPolicy, 'name' | 'text' | 'examples'>): Promise<PolicyChecked>;
  /** Throws Problem 422 `policy_invalid`, 409 `policy_there`, or what `activate` throws. */
  create(given: NewPolicy, by: By): Promise<PolicyDetail>;
  /** A new version. Throws Problem 404, 422 `policy_invalid`, 409 `policy_changed`, or what `activate` throws. */
  change(name: string, given: PolicyChange, by: By): Promise<PolicyDetail>;
  /**
   * Puts a version in force: the newest, or an earlier one. Throws Problem 404, 409 `example_fails` naming the examples
   * that would not hold, 409 `locks_out`, 409 `too_many_policies`.
   */
  activate(name: string, version: number | undefined, by: By): Promise<PolicyDetail>;
  /** Takes it out of force; where it is so already nothing is changed. Throws Problem 404. */
  deactivate(name: string, by: By): Promise<PolicyDetail>;
  /**
   * Saves all of these and puts them in force together, or none: what `drawbridge policies apply` does. What is as it was is
   * left alone. `only`: takes all others out of force. Throws as `activate`.
   */
  apply(given: readonly PolicyFile[], only: boolean, by: By): Promise<Applied>;
  /** Takes one that is not in force off the list. Throws Problem 404, 409 `policy_active`. */
  remove(name: string, by: By): Promise<void>;
}

export function createPolicies({ platform, starters, keepers }: PolicyDeps): Policies {
  const now = () => new Date(platform.clock.now());

  async function write<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const result = await platform.db.transaction().execute(async (tx) => {
      await lockPolicies(tx);
      return work(tx);
    });
    platform.events.publish('policies');
    return result;
  }

  async function activateIn(tx: Tx, row: PolicyRow, by: By): Promise<void> {
    if (row.active === row.version) return;
    const others = (await readActive(tx)).filter(({ name }) => name !== row.name);
    if (others.length >= MOST_ACTIVE) {
      throw tooMany();
    }
    // What was right once may not be for this build: its schema can have changed since.
    expectReadable(row.name, row.text);
    expectHeld([...others, row], await keepers());
    await putInForce(tx, platform, row, row.version, by);
  }

  async function detail(db: Platform['db'] | Tx, name: string): Promise<PolicyDetail> {
    const row = await readOne(db, name);
    const { examples: _, ...view } = policyView(row);
    const versions = (await readVersions(db, name)).map(versionView);
    return { ...view, text: row.text, examples: row.examples, versions };
  }

  async function versionOf(tx: Tx, name: string, version: number | undefined): Promise<PolicyRow> {
    const newest = await readOne(tx, name);
    if (version === undefined) return newest;
    const row = await findVersion(tx, name, version);
    if (row !== null) return row;
    throw noVersion(name, version);
  }

  return {
    async list() {
      const rows = await readLatest(platform.db);
      const active = await readActive(platform.db);
      // One that can not be read is to be seen here, and taken out of force.
      const isReadable = active.every(({ name, text }) => 'policy' in readPolicy(name, text));
      return { items: rows.map(policyView), hash: isReadable ? hashOfSet(active) : null };
    },

    get: (name) => detail(platform.db, name),

    async version(name, version) {
      const row = await findVersion(platform.db, name, version);
      if (row === null) throw noVersion(name, version);
      const before = version === 1 ? null : await findVersion(platform.db, name, version - 1);
      return {
        ...versionView(row),
        text: row.text,
        examples: row.examples,
        before: before?.version ?? null,
        lines: lineDiff(before?.text ?? '', row.text),
      };
    },

    async starters() {
      const taken = new Set((await readLatest(platform.db)).map(({ name }) => name));
      return (await starters()).map((starter) => ({ ...starter, taken: taken.has(starter.name) }));
    },

    async check({ name, text, examples }) {
      const read = readPolicy(name, text);
      if ('problems' in read) return { problems: read.problems, title: null, formatted: null, results: [] };
      const others = (await readActive(platform.db)).filter((row) => row.name !== name);
      const results = runExamples([...others, { name, text: read.policy.text, examples }]);
      return {
        problems: [],
        title: read.policy.title,
        formatted: read.policy.text,
        results: results.filter((result) => result.policy === name || !result.holds),
      };
    },

    create: (given, by) =>
      write(async (tx) => {
        const rows = tx.withTables<PolicyTables>();
        const there = await rows
          .selectFrom('policy')
          .selectAll()
          .where('name', '=', given.name)
          .executeTakeFirst();
        if (there !== undefined && there.removed_at === null) {
          const message = 'there is a policy of this name; change that one, or take another name';
          throw new Problem(409, 'policy_there', `name: ${message}`, [{ field: 'name', message }]);
        }
        await saveVersion(tx, platform, given, by);
        if (given.activate) await activateIn(tx, await readOne(tx, given.name), by);
        return detail(tx, given.name);
      }),

    change: (name, given, by) =>
      write(async (tx) => {
        const row = await readOne(tx, name);
        if (row.latest !== given.basedOn) {
          throw new Problem(
            409,
            'policy_changed',
            `Version ${row.latest} is the newest, and your change is based on ${given.basedOn}. Read it again and repeat your change.`,
            undefined,
            { current: row.latest },
          );
        }
        await saveVersion(tx, platform, { ...given, name }, by);
        if (given.activate) await activateIn(tx, await readOne(tx, name), by);
        return detail(tx, name);
      }),

    activate: (name, version, by) =>
      write(async (tx) => {
        await activateIn(tx, await versionOf(tx, name, version), by);
        return detail(tx, name);
      }),

    deactivate: (name, by) =>
      write(async (tx) => {
        const row = await readOne(tx, name);
        if (row.active === null) return detail(tx, name);
        await putInForce(tx, platform, row, null, by);
        return detail(tx, name);
      }),

    apply: (given, only, by) =>
      write(async (tx) => applyAll(tx, platform, given, { only, keepers: await keepers(), by })),

    remove: (name, by) =>
      write(async (tx) => {
        const row = await readOne(tx, name);
        if (row.active !== null) {
          throw new Problem(409, 'policy_active', 'It is in force: take it out of force first.');
        }
        await tx
          .withTables<PolicyTables>()
          .updateTable('policy')
          .set({ removed_at: now() })
          .where('name', '=', name)
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'policy.remove',
          subject: { kind: 'policy', id: name },
          detail: { version: row.latest, title: row.title },
        });
      }),
  };
}

const noVersion = (name: string, version: number): Problem =>
  new Problem(
    404,
    'not_found',
    `The policy ${name} has no version ${version}. Look in its list of versions.`,
  );

function policyView(row: PolicyRow): PolicyView {
  const read = readPolicy(row.name, row.text);
  const known = 'policy' in read ? read.policy : null;
  return {
    name: row.name,
    title: row.title,
    version: row.latest,
    active: row.active,
    decides: known?.decides ?? { crossings: false, acts: false },
    exceptions: known?.exceptions ?? false,
    examples: row.examples.length,
    author: row.author,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
  };
}

function versionView(row: PolicyRow) {
  return {
    version: row.version,
    title: row.title,
    author: row.author,
    reason: row.reason,
    createdAt: row.created_at.toISOString(),
    active: row.active === row.version,
  };
}
