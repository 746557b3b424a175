import { pino } from 'pino';
import { z } from 'zod';
import { createEvents, openDatabase, systemClock, systemRandom } from '../platform/index.ts';
import { startPush } from './index.ts';

/** Pushes in a process of its own, which a test can kill: what it needs comes as JSON in its first argument. */
const { database, ca } = z
  .object({
    database: z.object({
      host: z.string(),
      port: z.int(),
      user: z.string(),
      password: z.string(),
      database: z.string(),
    }),
    ca: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));
const log = pino({ level: 'silent' });
const names = { connections: async () => new Map(), apps: async () => new Map() };
startPush(
  {
    ...openDatabase(database, () => undefined),
    clock: systemClock,
    random: systemRandom,
    log,
    events: createEvents(() => undefined),
    deployment: { id: 'test-deployment', name: 'Test' },
  },
  { names, network: { ca, secret: async () => null, resolve: async () => [] } },
);
