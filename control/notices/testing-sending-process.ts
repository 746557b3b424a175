import { pino } from 'pino';
import { z } from 'zod';
import { createEvents, openDatabase, systemRandom } from '../platform/index.ts';
import { noticeHouse } from './testing.ts';

/** Sends notices in a process of its own, which a test can kill: what it needs comes as JSON in its first argument. */
const { database, now, keys } = z
  .object({
    database: z.object({
      host: z.string(),
      port: z.int(),
      user: z.string(),
      password: z.string(),
      database: z.string(),
    }),
    now: z.int(),
    keys: z.object({ publicKey: z.base64(), privateKey: z.base64() }),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));
const house = await noticeHouse(
  {
    ...openDatabase(database, () => undefined),
    clock: { now: () => now },
    random: systemRandom,
    log: pino({ level: 'warn' }),
    events: createEvents(() => undefined),
    deployment: { id: 'test-deployment', name: 'Test' },
  },
  {
    keys: {
      publicKey: Buffer.from(keys.publicKey, 'base64'),
      privateKey: Buffer.from(keys.privateKey, 'base64'),
    },
  },
);
house.sending.start();
