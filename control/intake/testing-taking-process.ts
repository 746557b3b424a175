import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { z } from 'zod';
import { createMessages } from '../messages/index.ts';
import { testSealer } from '../platform/blobs/testing.ts';
import { createEvents, openDatabase, type Platform, systemRandom } from '../platform/index.ts';
import { createIntake } from './index.ts';
import { reading } from './reading.ts';

/**
 * Takes mail in, in a process of its own that a test can kill, and keeps it as the verify desk does: what it needs comes as JSON in its
 * first argument. Where it is to hang, it says `there` when it comes to that point, and goes no further.
 */
const { database, now, keys, hangs } = z
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
    hangs: z.enum(['before keeping', 'after keeping']).nullable(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));
const platform: Platform = {
  ...openDatabase(database, () => undefined),
  clock: { now: () => now },
  random: systemRandom,
  log: pino({ level: 'warn' }, process.stderr),
  events: createEvents(() => undefined),
  deployment: { id: 'test-deployment', name: 'Test' },
};
const sealer = await testSealer(platform, {
  publicKey: Buffer.from(keys.publicKey, 'base64'),
  privateKey: Buffer.from(keys.privateKey, 'base64'),
});
const keyed = async (bytes: Uint8Array): Promise<Buffer> =>
  createHmac('sha256', 'made up').update(bytes).digest();
const none = { from: 'made_up', domains: [] };
const unused = async (): Promise<never> => {
  throw new Error('not asked for by what comes in');
};
const messages = createMessages({
  platform,
  pseudonymOf: async (identifier) => identifier,
  sealer,
  keyed,
  facts: async () => [],
  lists: async () => ({ sealers: none, trackers: none, shorteners: none }),
  replies: [],
  resolver: async (name, type) => {
    throw Object.assign(new Error(`no ${type} of ${name}`), { code: 'ENOTFOUND' });
  },
  reading,
  mailer: { ready: async () => false, session: unused },
  book: { openAs: unused },
  personBy: async () => null,
  addressOf: async () => null,
  retentionDays: async () => 30,
  usedVendors: async () => new Set<string>(),
  records: unused,
  holdsAccount: async () => null,
  incidentsAt: async () => [],
  ourNotice: async () => null,
});
const hang = async (at: typeof hangs): Promise<void> => {
  if (hangs !== at) return;
  process.stdout.write('there\n');
  await new Promise(() => undefined);
};
const intake = createIntake({
  platform,
  sealer,
  keyed,
  network: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
  async take(one) {
    await hang('before keeping');
    const taken = await messages.take({ ...one, reporter: null });
    await hang('after keeping');
    return taken;
  },
  certificate: async () => null,
  base: () => '',
});
await intake.life.start();
process.stdout.write('started\n');
