import { gatewaysAt, publishedSince } from '../fleet/index.ts';
import type { Platform } from '../platform/index.ts';
import { tables } from './store.ts';

/**
 * Notes which gateways have said by now that all of their workers run on a configuration with each severance. Returns how many
 * said so for the first time. What is noted is the time at which it was heard: it was in force then at the latest.
 */
export async function noteAcknowledged(platform: Platform): Promise<number> {
  const open = await tables(platform.db)
    .selectFrom('severance')
    .select(['id', 'revision', 'version'])
    .where('ended_at', 'is', null)
    .where('rehearsal', '=', false)
    .where('revision', 'is not', null)
    .execute();
  let noted = 0;
  for (const { id, revision, version } of open) {
    const published = version ?? (await publishedSince(platform, revision ?? 0));
    if (published === null) continue;
    if (version === null) {
      await tables(platform.db)
        .updateTable('severance')
        .set({ version: published })
        .where('id', '=', id)
        .execute();
    }
    const current = (await gatewaysAt(platform, published)).filter(({ isCurrent }) => isCurrent);
    if (current.length === 0) continue;
    const inserted = await tables(platform.db)
      .insertInto('severance_gateway')
      .values(current.map((one) => ({ severance: id, gateway: one.id, at: new Date(platform.clock.now()) })))
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    noted += Number(inserted.numInsertedOrUpdatedRows ?? 0n);
  }
  if (noted > 0) platform.events.publish('severances');
  return noted;
}
