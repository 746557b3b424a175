import { sql } from 'kysely';
import {
  type By,
  invalid,
  newId,
  notFound,
  type Platform,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import type { Identifier } from './identify.ts';
import type { Decide } from './schemas.ts';
import { placeAgain, readDecided, sumCandidates } from './store.ts';
import type { DiscoveryTables } from './tables.ts';

export interface DecideDeps {
  platform: Platform;
  identifier: () => Promise<Identifier>;
  known: () => Promise<Known>;
  /** Puts a vendor into the register where it is not yet. */
  ensureVendor: (tx: Tx, vendor: { id: string; name: string }, by: By) => Promise<void>;
}

type Item = Decide['items'][number];

/**
 * Decides about candidates, all or none: whose they are, that they are nobody's, that a domain's hosts stand each by itself, or
 * takes a decision back. What was decided holds for all evidence that comes later. Throws Problem 404, 422.
 */
export async function decide(deps: DecideDeps, { items }: Decide, by: By): Promise<void> {
  const { platform } = deps;
  const [identifier, known] = await Promise.all([deps.identifier(), deps.known()]);
  await platform.db.transaction().execute(async (tx) => {
    for (const [index, item] of items.entries()) await decideOne(deps, tx, known, item, `items.${index}`, by);
    const decided = await readDecided(tx);
    const keys = items.map(({ candidate }) => candidate);
    // What a split parted finds together again by its name only: there all is looked at anew.
    const isWide = items.some(({ act }) => act === 'reopen' || act === 'split');
    const touched = await placeAgain(
      tx,
      identifier,
      decided,
      isWide ? sql`true` : sql`candidate = ANY(${keys})`,
    );
    for (const key of keys) touched.add(key);
    await sumCandidates(tx, touched, decided, new Date(platform.clock.now()));
  });
  platform.events.publish('discovery');
}

async function decideOne(
  { platform, ensureVendor }: DecideDeps,
  tx: Tx,
  known: Known,
  { candidate: key, act, vendor: asked, name }: Item,
  field: string,
  by: By,
): Promise<void> {
  const rows = tx.withTables<DiscoveryTables>();
  const candidate = await rows
    .selectFrom('candidate')
    .selectAll()
    .where('key', '=', key)
    .forUpdate()
    .executeTakeFirst();
  if (candidate === undefined && act !== 'reopen') throw notFound('candidate');
  if (act === 'split' && !/^(domain|web):/.test(key))
    throw invalid(`${field}.act`, 'is for domains: nothing else is made of several hosts');
  const now = new Date(platform.clock.now());
  const ended = await rows
    .updateTable('discovery_decision')
    .set({ ended_at: now })
    .where('candidate', '=', key)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (act === 'reopen' && ended.numUpdatedRows === 0n) throw notFound('decision');
  const vendor = act === 'confirm' ? (asked ?? candidate?.vendor ?? null) : null;
  if (act === 'confirm' && vendor === null)
    throw invalid(`${field}.vendor`, 'is needed: nothing says whose this is. Give the id of a vendor');
  const vendorName = vendor === null ? null : (known.get(vendor)?.name ?? name ?? candidate?.name ?? vendor);
  if (act !== 'reopen') {
    await rows
      .insertInto('discovery_decision')
      .values({
        id: newId(platform.clock, platform.random),
        candidate: key,
        act,
        vendor,
        vendor_name: vendorName,
        reason: by.reason,
        by_id: by.actor.id,
        by_name: by.actor.name,
        at: now,
        ended_at: null,
      })
      .execute();
  }
  if (vendor !== null && vendorName !== null) await ensureVendor(tx, { id: vendor, name: vendorName }, by);
  await recordChange(tx, platform, {
    ...by,
    act: `discovery.${act}`,
    subject: { kind: 'candidate', id: key },
    ...(vendor === null ? {} : { detail: { vendor } }),
  });
}
