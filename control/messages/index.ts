import type { Resolver } from '@drawbridge/authenticity';
import type { IncidentBook } from '../incidents/index.ts';
import type { Mailer } from '../mail/index.ts';
import { type Platform, type Router, runJobs, type Sealer } from '../platform/index.ts';
import type { VendorFacts } from '../vendors/index.ts';
import type { ActDeps } from './acts.ts';
import { watchNotThere } from './alarm.ts';
import { noRecords, type VendorRecords } from './claims.ts';
import type { OpenIncident } from './context.ts';
import { type Taken, takeMessage } from './desk.ts';
import { beginRejudging, forgetMessagesJob, nameMessagesJob, rejudgeJob } from './jobs.ts';
import type { ReadKnown } from './judging.ts';
import type { MailLists } from './pack.ts';
import { vendorNames } from './read.ts';
import { keptRegister, registerOf } from './register.ts';
import type { Reply } from './replies.ts';
import { messageRoutes, type Reading } from './routes.ts';
import { senderRoutes } from './sender-routes.ts';
import { isRegistered, ownSenders, type SenderDeps } from './senders.ts';

export type { KeyRecord, UsageRecord, VendorRecords } from './claims.ts';
export type { OpenIncident } from './context.ts';
export type { Taken } from './desk.ts';
export type { MailLists } from './pack.ts';
export type { Reply } from './replies.ts';
export { largestMessage, type Reading } from './routes.ts';
export type { DetailView as MessageDetail, JudgedView as JudgedMessage } from './schemas.ts';
export { eraseMessages } from './subjects.ts';
export { type ToldMessage, toldByMessages } from './told.ts';

const LOOK_MS = 1_000;

/** What the room asks of others. */
export interface MessagesOptions {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  keyed: (bytes: Uint8Array) => Promise<Buffer>;
  facts: () => Promise<readonly VendorFacts[]>;
  lists: () => Promise<MailLists>;
  replies: readonly Reply[];
  resolver: Resolver;
  reading: Reading;
  mailer: Pick<Mailer, 'ready' | 'session'>;
  book: Pick<IncidentBook, 'openAs'>;
  pseudonymOf: ActDeps['pseudonymOf'];
  personBy: ActDeps['personBy'];
  addressOf: ActDeps['addressOf'];
  retentionDays: () => Promise<number>;
  /** Vendors that we use, as traffic, connections and the register say. */
  usedVendors: () => Promise<ReadonlySet<string>>;
  /** What we recorded ourselves of a vendor and its accounts of these addresses, as known at a time. */
  records: (
    vendor: { id: string; name: string },
    recipients: readonly string[],
    at: Date,
  ) => Promise<VendorRecords>;
  /** Whether one of these addresses has an account there; null: there is no list of accounts at this vendor. */
  holdsAccount: (vendor: string, addresses: readonly string[]) => Promise<boolean | null>;
  /** Incidents that are open at it or behind it, and that everybody may know of. */
  incidentsAt: (vendor: string) => Promise<readonly OpenIncident[]>;
  /** A notice of ours with this Message-ID; null: none. */
  ourNotice: (
    messageId: string,
  ) => Promise<{ incident: string; notice: string; title: string; text: string } | null>;
}

/** The verify desk: messages that people ask about. */
export interface Messages {
  routes: Router;
  /** Judges the past again where senders changed, and watches for what was not there, until it is stopped. */
  start(): { stop(): Promise<void> };
  /** What people are warned of wherever they are; null: nothing. */
  warning(): string | null;
  /** Once an hour. */
  hourly: readonly [ReturnType<typeof forgetMessagesJob>, ReturnType<typeof nameMessagesJob>];
  /** Takes a message in and judges it. Throws Problem 413, 422, 429. */
  take(taken: Taken): Promise<{ id: string; verdict: string }>;
}

export function createMessages(options: MessagesOptions) {
  const { platform } = options;
  const known: ReadKnown = async (vendor, recipients, messageId, at) => {
    const ours = messageId === '' ? null : await options.ourNotice(messageId);
    if (vendor === null)
      return { isUsed: null, records: noRecords, incidents: [], holds: null, registeredAddress: null, ours };
    const [used, records, incidents, holds, registeredAddress] = await Promise.all([
      options.usedVendors(),
      options.records(vendor, recipients, at),
      options.incidentsAt(vendor.id),
      recipients.length === 0 ? null : options.holdsAccount(vendor.id, recipients),
      isRegistered(deps, vendor.id, recipients),
    ]);
    // Nothing seen of any vendor: a new deployment knows of no use, which is no sign that there is none.
    const isUsed = used.size === 0 ? null : used.has(vendor.id);
    return { isUsed, records, incidents, holds, registeredAddress, ours };
  };
  const rejudging = rejudgeJob(() => deps);
  const deps: ActDeps & SenderDeps = {
    platform,
    sealer: options.sealer,
    keyed: options.keyed,
    facts: options.facts,
    resolver: options.resolver,
    known,
    pseudonymOf: options.pseudonymOf,
    personBy: options.personBy,
    addressOf: options.addressOf,
    book: options.book,
    retentionDays: options.retentionDays,
    replies: options.replies,
    mailer: options.mailer,
    register: keptRegister(
      () => ownSenders({ platform }),
      async (own) => registerOf(await options.facts(), await options.lists(), own),
    ),
    changed: (tx, because) => beginRejudging(tx, { platform }, rejudging, because),
  };
  const notThere = watchNotThere(platform, () => vendorNames(deps));
  const routes = messageRoutes(deps, options.reading).route('/', senderRoutes(deps));
  return {
    routes,
    start() {
      const jobs = runJobs(platform, [rejudging], LOOK_MS);
      notThere.start();
      return {
        async stop() {
          notThere.stop();
          await jobs.stop();
        },
      };
    },
    warning: () => notThere.warning(),
    hourly: [forgetMessagesJob(), nameMessagesJob(deps)],
    take: (taken: Taken) => takeMessage(deps, taken),
  } satisfies Messages;
}
