import { type Cut, insertCuts, liftCuts } from '../connections/index.ts';
import { configurationRevision } from '../fleet/index.ts';
import type { IncidentBook } from '../incidents/index.ts';
import {
  type By,
  invalid,
  launcher,
  newId,
  type Platform,
  Problem,
  recordChange,
  type Sealer,
  type Tx,
} from '../platform/index.ts';
import type { Secrets } from '../vault/index.ts';
import type { Target } from './facts.ts';
import { type GatherDeps, targetOf } from './gather.ts';
import { labelOf } from './lists.ts';
import type { Begin } from './schemas.ts';
import { changedContracts, lockSeverance, tables } from './store.ts';
import type { SeveranceRow } from './tables.ts';
import { tellLater } from './tell.ts';

export interface SeverDeps extends GatherDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  book: IncidentBook;
  secrets: Pick<Secrets, 'currentEpoch' | 'endEpoch'>;
}

/** What is longer is meant to stay until somebody reopens it. */
const LONGEST_MS = 366 * 24 * 3_600_000;

const subject = (id: string) => ({ kind: 'severance', id }) as const;
const wordsOf = ({ kind, name, field }: Target): string =>
  kind === 'field_class' && field !== null
    ? `${labelOf(field.class)} to ${name}`
    : kind === 'connection'
      ? `connection ${name}`
      : kind === 'party'
        ? `vendors behind which ${name} stands`
        : name;

/**
 * Cuts something off. With an incident that is a drill nothing is cut: it is a rehearsal. Throws Problem 404, 409 for a merged
 * incident, and 422 that names the field.
 */
export async function beginSeverance(deps: SeverDeps, given: Begin, by: By): Promise<string> {
  const { platform } = deps;
  const now = platform.clock.now();
  const until = given.until === undefined ? null : new Date(given.until);
  if (until !== null && until.getTime() <= now) throw invalid('until', 'is not in the future');
  if (until !== null && until.getTime() > now + LONGEST_MS)
    throw invalid('until', 'is more than a year away: leave it out, and reopen it when it may open');
  if (given.target.kind === 'party' && given.target.vendors === undefined)
    throw invalid(
      'target.vendors',
      'is missing: choose which vendors of ours are cut off; the plan lists them',
    );
  const target = await targetOf(deps, given.target);
  const epochs = given.destroyPseudonyms === true ? await epochsOf(deps, target) : new Map<string, number>();
  const id = newId(platform.clock, platform.random);
  await platform.db.transaction().execute(async (tx) => {
    const contracts = target.field === null ? [] : await lockContracts(tx, target.connections);
    const words = wordsOf(target);
    const timed = until === null ? '' : `, until ${until.toISOString()}`;
    const cut = (await headOf(deps, given.incident))?.drill === true ? 'Rehearsed cutting off' : 'Cut off';
    const head =
      given.incident === undefined
        ? null
        : await deps.book.tell(
            tx,
            given.incident,
            { kind: 'severance', text: `${cut}: ${words}${timed}`, about: id },
            by,
          );
    const rehearsal = head?.drill ?? false;
    if (rehearsal && given.destroyPseudonyms === true)
      throw invalid('destroyPseudonyms', 'can not be rehearsed: a drill never destroys anything');
    await insertRow(tx, { id, target, until, rehearsal, given, by, now: new Date(now) });
    if (target.vendors.length > 0) {
      await tables(tx)
        .insertInto('severance_vendor')
        .values(
          target.vendors.map((vendor) => ({
            severance: id,
            vendor,
            epoch: epochs.get(vendor) ?? null,
            destroyed_at: null,
          })),
        )
        .execute();
    }
    if (!rehearsal) await hold(tx, id, target, contracts);
    await recordChange(tx, platform, {
      ...by,
      act: rehearsal ? 'severance.rehearse' : 'severance.begin',
      subject: subject(id),
      detail: {
        kind: target.kind,
        target: target.id,
        ...(target.field === null ? {} : { class: target.field.class, treatment: target.field.treatment }),
        vendors: target.vendors,
        connections: target.connections.map((one) => one.id),
        until: until?.toISOString() ?? null,
        incident: given.incident ?? null,
        destroys: [...epochs.keys()],
      },
    });
  });
  platform.events.publish('connections');
  platform.events.publish('severances');
  return id;
}

const headOf = async ({ book }: SeverDeps, incident: string | undefined) =>
  incident === undefined ? null : book.head(incident);

async function epochsOf(deps: SeverDeps, { kind, vendors }: Target): Promise<Map<string, number>> {
  if (kind === 'connection' || kind === 'field_class')
    throw invalid('destroyPseudonyms', 'goes with a whole vendor: other connections use the same pseudonyms');
  const found = new Map<string, number>();
  for (const vendor of vendors) {
    const epoch = await deps.secrets.currentEpoch(vendor);
    if (epoch !== null) found.set(vendor, epoch);
  }
  return found;
}

interface NewRow {
  id: string;
  target: Target;
  until: Date | null;
  rehearsal: boolean;
  given: Begin;
  by: By;
  now: Date;
}

async function insertRow(tx: Tx, { id, target, until, rehearsal, given, by, now }: NewRow): Promise<void> {
  await tables(tx)
    .insertInto('severance')
    .values({
      id,
      kind: target.kind,
      target: target.id,
      field_class: target.field?.class ?? null,
      treatment: target.field?.treatment ?? null,
      rehearsal,
      incident: given.incident ?? null,
      reason: by.reason,
      began_at: now,
      began_by: by.actor.id,
      began_by_name: by.actor.name,
      until,
      revision: null,
      version: null,
      ended_at: null,
      ended_by_name: null,
      end_reason: null,
      waits: null,
    })
    .execute();
}

interface HeldContract {
  id: string;
  contract_version: number;
}

/**
 * Connections whose contracts nobody changes until the transaction ends. Locked after the severance and before the incident,
 * in this order everywhere, so that no two wait for each other.
 */
async function lockContracts(tx: Tx, connections: readonly { id: string }[]): Promise<HeldContract[]> {
  if (connections.length === 0) return [];
  return tx
    .withTables<{ connection: HeldContract }>()
    .selectFrom('connection')
    .select(['id', 'contract_version'])
    .where(
      'id',
      'in',
      connections.map(({ id }) => id),
    )
    .orderBy('id')
    .forUpdate()
    .execute();
}

/** Contracts that were changed since, which stay as they are until the transaction ends. */
async function lockedChanges(tx: Tx, id: string) {
  const held = await tables(tx)
    .selectFrom('severance_contract')
    .select('connection as id')
    .where('severance', '=', id)
    .execute();
  await lockContracts(tx, held);
  return changedContracts(tx, id);
}

/** Vendors are held, not the connections that they have now: one that is connected later is cut off too. */
async function hold(
  tx: Tx,
  id: string,
  { kind, id: of, field, vendors }: Target,
  contracts: readonly HeldContract[],
): Promise<void> {
  const cuts: Cut[] =
    kind === 'connection'
      ? [{ vendor: null, connection: of, field: null }]
      : vendors.map((vendor) => ({ vendor, connection: null, field }));
  if (contracts.length > 0) {
    await tables(tx)
      .insertInto('severance_contract')
      .values(contracts.map((one) => ({ severance: id, connection: one.id, version: one.contract_version })))
      .execute();
  }
  await insertCuts(tx, id, cuts);
  await tables(tx)
    .updateTable('severance')
    .set({ revision: await configurationRevision(tx) })
    .where('id', '=', id)
    .execute();
}

/**
 * Ends what a severance holds; what others hold stays cut off. `contracts`: versions that somebody looked at. Throws Problem 404,
 * 409 `severance_over` where it has ended, and 409 `contract_changed` where a contract was changed that was not looked at.
 */
export async function reopenSeverance(
  deps: SeverDeps,
  id: string,
  contracts: Readonly<Record<string, number>>,
  by: By,
): Promise<void> {
  const { platform } = deps;
  await platform.db.transaction().execute(async (tx) => {
    const row = await lockSeverance(tx, id);
    if (row.ended_at !== null)
      throw new Problem(409, 'severance_over', 'It has ended already. Look at it again.');
    const changed = await lockedChanges(tx, id);
    const unseen = changed.filter(({ connection, now }) => contracts[connection] !== now);
    if (unseen.length > 0) {
      throw new Problem(
        409,
        'contract_changed',
        `${unseen.length === 1 ? 'A contract was' : `${unseen.length} contracts were`} changed while the class was cut off: ${unseen.map(({ name, was, now }) => `${name}, version ${was} then, ${now} now`).join('; ')}. Nothing opens before a person has looked. Look at what opens, then send it again with the versions that you looked at.`,
        undefined,
        { contracts: unseen },
      );
    }
    const text = `Reopened: what was cut off on ${row.began_at.toISOString()}`;
    const told = await tellLater(tx, deps.book, row, text, by);
    await end(tx, deps, row, { byTime: false, told, contracts: changed.length }, by);
  });
  platform.events.publish('connections');
  platform.events.publish('severances');
}

async function end(
  tx: Tx,
  { platform }: SeverDeps,
  row: SeveranceRow,
  how: { byTime: boolean; told: boolean; contracts: number },
  by: By,
): Promise<void> {
  const at = new Date(platform.clock.now());
  await liftCuts(tx, row.id, at);
  await tables(tx)
    .updateTable('severance')
    .set({
      ended_at: at,
      ended_by_name: by.actor.name,
      end_reason: by.reason,
      by_time: how.byTime,
      waits: null,
    })
    .where('id', '=', row.id)
    .execute();
  await recordChange(tx, platform, {
    ...by,
    act: how.byTime ? 'severance.end' : 'severance.reopen',
    subject: subject(row.id),
    detail: {
      kind: row.kind,
      target: row.target,
      rehearsal: row.rehearsal,
      changedContracts: how.contracts,
      incidentTold: how.told,
    },
  });
}

const itsTime: By = { actor: launcher, reason: 'Its time was over' };

/**
 * Opens what is to open by now. Where a contract was changed under a class that is cut off, it stays cut off, and says that it
 * waits for a person. Returns how many it looked at. Several processes may do it at once.
 */
export async function endDue(deps: SeverDeps): Promise<number> {
  const { platform } = deps;
  const due = await tables(platform.db)
    .selectFrom('severance')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('waits', 'is', null)
    .where('until', '<=', new Date(platform.clock.now()))
    .orderBy('until')
    .limit(100)
    .execute();
  for (const seen of due) {
    await platform.db.transaction().execute(async (tx) => {
      // Whoever else ends it now, or reopened it, has the lock: there is nothing to tell then.
      const row = await lockSeverance(tx, seen.id);
      if (row.ended_at !== null || row.waits !== null) return;
      const changed = await lockedChanges(tx, row.id);
      if (changed.length === 0) {
        const told = await tellLater(tx, deps.book, row, 'Reopened by itself: its time was over', itsTime);
        await end(tx, deps, row, { byTime: true, told, contracts: 0 }, itsTime);
        return;
      }
      const text =
        'Its time was over, and it stays cut off: a contract was changed meanwhile. A person has to look and reopen it';
      const told = await tellLater(tx, deps.book, row, text, itsTime);
      await tables(tx)
        .updateTable('severance')
        .set({ waits: 'contract_changed' })
        .where('id', '=', row.id)
        .execute();
      await recordChange(tx, platform, {
        ...itsTime,
        act: 'severance.wait',
        subject: subject(row.id),
        detail: {
          why: 'contract_changed',
          connections: changed.map(({ connection }) => connection),
          incidentTold: told,
        },
      });
    });
  }
  if (due.length > 0) {
    platform.events.publish('connections');
    platform.events.publish('severances');
  }
  return due.length;
}

/** Destroys the secrets that were asked to be destroyed and are not yet, of one severance or of all. Asked again, it does nothing. */
export async function destroyAsked(deps: SeverDeps, only?: string): Promise<number> {
  const { platform } = deps;
  let asked = tables(platform.db)
    .selectFrom('severance_vendor')
    .innerJoin('severance', 'severance.id', 'severance_vendor.severance')
    .select(['severance', 'vendor', 'epoch', 'began_by', 'began_by_name', 'reason'])
    .where('epoch', 'is not', null)
    .where('destroyed_at', 'is', null);
  if (only !== undefined) asked = asked.where('severance', '=', only);
  const rows = await asked.orderBy('severance').orderBy('vendor').limit(200).execute();
  for (const { severance, vendor, epoch, began_by: id, began_by_name: name, reason } of rows) {
    if (epoch === null) continue;
    await deps.secrets.endEpoch(vendor, epoch, { actor: { id, name }, reason });
    await tables(platform.db)
      .updateTable('severance_vendor')
      .set({ destroyed_at: new Date(platform.clock.now()) })
      .where('severance', '=', severance)
      .where('vendor', '=', vendor)
      .execute();
  }
  if (rows.length > 0) platform.events.publish('severances');
  return rows.length;
}
