import { sql } from 'kysely';
import type { Allowance, ConnectionView, Contracts } from '../connections/index.ts';
import { type By, invalid, type Platform, recordChange } from '../platform/index.ts';
import type { Catalogue } from '../vendors/index.ts';
import { mirrorsOf } from './mirrors.ts';
import { findAllQueued, type QueuedName } from './queue.ts';

/** Names to decide about at once. A hidden one is decided alone, by whoever knows it. */
export interface Choice {
  ids: readonly string[];
  /** On every connection of the vendor, not only where the name was seen. */
  everywhere: boolean;
}

export interface BulkDecision extends Choice {
  decision: 'allow' | 'keep';
  class?: Allowance['class'];
  treatment?: Allowance['treatment'];
}

export interface BulkDeps {
  allowNames: Contracts['allowAll'];
  connections: () => Promise<readonly Pick<ConnectionView, 'id' | 'name' | 'vendor' | 'service'>[]>;
  catalogue: Pick<Catalogue, 'service'>;
}

/** What a decision covers on one connection. */
export interface Covered {
  connection: { id: string; name: string };
  vendor: string;
  names: { name: string; kind: QueuedName['key']['kind']; paths: string[] }[];
}

/** Which connections and paths a decision to allow would cover. Throws Problem 404, or 422 for a hidden name. */
export async function coverage(platform: Platform, deps: BulkDeps, choice: Choice): Promise<Covered[]> {
  const queued = await shownNames(platform, choice.ids);
  const targets = await targetsOf(deps, queued, choice.everywhere);
  return targets.map(({ connection, names }) => {
    const service = deps.catalogue.service(connection.vendor, connection.service);
    return {
      connection: { id: connection.id, name: connection.name },
      vendor: connection.vendor,
      names: names.map(({ name, kind }) => ({
        name,
        kind,
        paths: service === undefined || kind !== 'property' ? [] : mirrorsOf(service, name),
      })),
    };
  });
}

/**
 * Decides about several names with one reason: one new contract version per connection. Throws Problem 404, or 422 for
 * a hidden name or a contract that is full; then nothing was decided anywhere.
 */
export async function decideAll(
  platform: Platform,
  deps: BulkDeps,
  given: BulkDecision,
  by: By,
): Promise<{ decided: number; connections: number }> {
  const queued =
    given.decision === 'allow'
      ? await shownNames(platform, given.ids)
      : await findAllQueued(platform, given.ids);
  const targets = await targetsOf(deps, queued, given.everywhere);
  if (given.decision === 'allow') {
    // First the contracts: killed in between, the names are still in the queue, and allowing them again changes nothing.
    const allowance = ({ name, kind }: Target['names'][number]): Allowance => {
      const isName = kind === 'event_name' || kind === 'path_segment';
      return isName ? { kind, name } : { kind, name, class: given.class, treatment: given.treatment };
    };
    await deps.allowNames(
      targets.map(({ connection, names }) => ({ connection: connection.id, names: names.map(allowance) })),
      by,
    );
  }
  const keys = targets.flatMap(({ connection, names }) =>
    names.map(({ kind, hash }) => ({ connection: connection.id, kind, hash })),
  );
  await platform.db.transaction().execute(async (tx) => {
    await sql`INSERT INTO review_decision (connection, kind, hash, decision, decided_at, decided_by, reason)
      SELECT k->>'connection', k->>'kind', k->>'hash', ${given.decision}, ${new Date(platform.clock.now())}::timestamptz,
        ${by.actor.id}, ${by.reason}
      FROM jsonb_array_elements(${JSON.stringify(keys)}::jsonb) AS k
      ON CONFLICT DO NOTHING`.execute(tx);
    for (const { connection, names } of targets) {
      await recordChange(tx, platform, {
        ...by,
        act: `review.${given.decision}`,
        subject: { kind: 'connection', id: connection.id },
        detail: { names: names.map(({ kind, hash }) => ({ kind, hash })) },
      });
    }
  });
  platform.events.publish('review');
  return { decided: queued.length, connections: targets.length };
}

async function shownNames(
  platform: Platform,
  ids: readonly string[],
): Promise<(QueuedName & { name: string })[]> {
  return (await findAllQueued(platform, ids)).map((queued, index) => {
    const { name } = queued;
    if (name === null) {
      throw invalid(
        `ids.${index}`,
        'this name is hidden: fewer than five subjects have sent it. Decide about it alone, by typing it',
      );
    }
    return { ...queued, name };
  });
}

interface Target {
  connection: Pick<ConnectionView, 'id' | 'name' | 'vendor' | 'service'>;
  names: { name: string; kind: QueuedName['key']['kind']; hash: string }[];
}

/** The connections that are covered, each with its names, each of these once. */
async function targetsOf(
  deps: BulkDeps,
  queued: readonly QueuedName[],
  everywhere: boolean,
): Promise<Target[]> {
  const connections = await deps.connections();
  const vendorOf = new Map(connections.map((connection) => [connection.id, connection.vendor]));
  return connections.flatMap((connection) => {
    const mine = queued.filter(
      ({ key }) =>
        key.connection === connection.id ||
        (everywhere && vendorOf.get(key.connection) === connection.vendor),
    );
    const names = new Map(
      mine.map(({ key, name }) => [
        `${key.kind} ${key.hash}`,
        { name: name ?? '', kind: key.kind, hash: key.hash },
      ]),
    );
    if (names.size === 0) return [];
    return [{ connection, names: [...names.values()].sort((a, b) => (a.name < b.name ? -1 : 1)) }];
  });
}
