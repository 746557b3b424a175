import { createHash } from 'node:crypto';
import type { Imported } from '../imports/index.ts';
import type { Platform } from '../platform/index.ts';
import type { Known } from '../vendors/index.ts';
import { createIdentifier, type Identifier } from './identify.ts';
import { placeAgain, readDecided, sumCandidates } from './store.ts';
import type { DiscoveryTables } from './tables.ts';
import type { WebHosts } from './web-hosts.ts';

/**
 * Facts as this process has them, and what was taken in from others; where others were last used, all sightings are looked at
 * anew, once.
 */
export function createFacts(
  platform: Platform,
  known: () => Promise<Known>,
  webHosts: () => Promise<WebHosts>,
  imported: () => Promise<Imported>,
): () => Promise<Identifier> {
  let making: { of: Imported; identifier: Promise<Identifier> } | null = null;
  async function make(others: Imported): Promise<Identifier> {
    const facts = await known();
    const identifier = createIdentifier(facts, await webHosts(), others);
    await useFacts(platform, identifier, hashOf(facts, others));
    return identifier;
  }
  return async () => {
    const others = await imported();
    if (making?.of !== others) {
      const identifier = make(others).catch((error: unknown) => {
        making = null;
        throw error;
      });
      making = { of: others, identifier };
    }
    return making.identifier;
  };
}

/** Changes with what is known, and with how it is looked up. */
const RULES = 3;
const hashOf = (known: Known, { revision }: Imported): string =>
  createHash('sha256')
    .update(JSON.stringify([RULES, revision, known.all]))
    .digest('hex');

async function useFacts(platform: Platform, identifier: Identifier, hash: string): Promise<void> {
  await platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<DiscoveryTables>();
    // One process at a time: the others find it done.
    await rows
      .insertInto('discovery_facts')
      .values({ one: true, hash: '' })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const used = await rows
      .selectFrom('discovery_facts')
      .select('hash')
      .forUpdate()
      .executeTakeFirstOrThrow();
    if (used.hash === hash) return;
    const decided = await readDecided(tx);
    const keys = await placeAgain(tx, identifier, decided);
    await sumCandidates(tx, keys, decided, new Date(platform.clock.now()));
    await rows.updateTable('discovery_facts').set({ hash }).execute();
  });
}
