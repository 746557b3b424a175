import {
  createRouter,
  type OutboundNetwork,
  type Platform,
  type Router,
  readSetting,
  type Sealer,
} from '../platform/index.ts';
import { watchMailboxes } from './fetching.ts';
import { hookRoutes, webhookRoutes } from './hook-routes.ts';
import type { ImapTimes } from './imap.ts';
import type { ListenerLimits } from './listener.ts';
import { createListening } from './listening.ts';
import { mailboxRoutes } from './mailbox-routes.ts';
import { reading } from './reading.ts';
import { intakeRoutes } from './routes.ts';
import { intakeSetting } from './settings.ts';
import type { Reading, Take } from './types.ts';
import { createHooks } from './webhooks.ts';

export type { Reading, Take, Taken } from './types.ts';

export interface IntakeOptions {
  platform: Platform;
  /** Seals passwords and secrets. */
  sealer: () => Promise<Sealer>;
  /** Reaches mail servers. */
  network: OutboundNetwork;
  /** Takes messages durably. */
  take: Take;
  /** A keyed hash, by which what comes twice is known. */
  keyed(bytes: Uint8Array): Promise<Buffer>;
  /** The certificate that STARTTLS is offered with, PEM; null: there is none. */
  certificate(): Promise<{ cert: string; key: string } | null>;
  /** What stands before the path of a webhook: `https://drawbridge.example.com/api/v1`. */
  base(): string;
  limits?: ListenerLimits;
  times?: ImapTimes;
}

export interface Intake {
  routes: Router;
  /** Answers without a session: to be mounted before what asks for one. */
  hooks: Router;
  reading: Reading;
  /** How many days messages are kept. */
  retentionDays(): Promise<number>;
  life: { start(): Promise<void>; stop(): Promise<void> };
}

/** How messages from vendors come in by themselves: a listener for mail, folders of mail servers, webhooks; and files that are read. */
export function createIntake(options: IntakeOptions): Intake {
  const { platform } = options;
  const listening = createListening(options);
  const mailboxes = watchMailboxes(options);
  const routes = createRouter()
    .route('/', intakeRoutes(options, listening))
    .route(
      '/',
      mailboxRoutes(options, () => mailboxes.poke()),
    )
    .route('/', webhookRoutes(options));
  return {
    routes,
    hooks: hookRoutes(createHooks(options)),
    reading,
    retentionDays: async () => (await readSetting(platform.db, intakeSetting)).retentionDays,
    life: {
      async start() {
        await listening.start();
        mailboxes.start();
      },
      async stop() {
        await listening.stop();
        await mailboxes.stop();
      },
    },
  };
}
