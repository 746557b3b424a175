import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { z } from 'zod';
import { Sequencer } from '../../control/audit/sequencer.ts';
import { onlyEpoch, testSigner } from '../../control/audit/testing.ts';
import {
  collectChanges,
  createEvents,
  openDatabase,
  type Platform,
  recordChange,
  systemClock,
  systemRandom,
} from '../../control/platform/index.ts';
import { logPlace } from '../log-place.ts';

/**
 * A control process of which only this is left: it makes changes, some at once, and puts them into the log. As a process
 * of its own it does so until it is killed, and says on its standard output which it would have answered: one id a line.
 * Arguments: the connection as JSON, the data directory.
 */
const Connection = z.object({
  host: z.string(),
  port: z.int(),
  user: z.string(),
  password: z.string(),
  database: z.string(),
});

export const changeOrigin = 'made-up-deployment/control';

/** `connection`: where its database is, as `pg` has it. */
export function changePlatform(connection: unknown): Platform & { close(): Promise<void> } {
  return {
    ...openDatabase(Connection.parse(connection), () => undefined),
    clock: systemClock,
    random: systemRandom,
    log: pino({ level: 'silent' }),
    events: createEvents(() => undefined),
    deployment: { id: 'test-deployment', name: 'Test' },
  };
}

export async function startSequencer(platform: Platform, dataDir: string): Promise<Sequencer> {
  const times = { lookMs: 50, retryMs: 100, waitMs: 30_000, checkpointMs: 20 };
  const epochs = onlyEpoch(await logPlace(dataDir, 'control'), testSigner(changeOrigin));
  const sequencer = new Sequencer({ platform, epochs, times });
  sequencer.start();
  return sequencer;
}

const AT_ONCE = 4;
const actor = { id: 'made-up', name: 'Made up' };

if (import.meta.main) {
  const [connection = '', dataDir = ''] = process.argv.slice(2);
  const platform = changePlatform(JSON.parse(connection));
  const sequencer = await startSequencer(platform, dataDir);
  const work = async (subject: { kind: string; id: string }): Promise<void> => {
    for (;;) {
      const ids = await collectChanges(() =>
        platform.db
          .transaction()
          .execute((tx) =>
            recordChange(tx, platform, { actor, reason: 'made up', act: 'setting.write', subject }),
          ),
      );
      if ((await sequencer.logged(ids)) === 'logged') writeSync(1, `${ids[0]}\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => work({ kind: 'setting', id: String(at) })));
}
