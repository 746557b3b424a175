import type { Accounts } from './accounts/index.ts';
import type { Chain } from './chain/index.ts';
import { type Connections, vaultKeysOf } from './connections/index.ts';
import type { Coverage } from './coverage/index.ts';
import { crossedVendors, latestAnswers } from './crossings/index.ts';
import { findPerson, findPersonByEmail, isActive } from './identity/index.ts';
import type { IncidentBook } from './incidents/index.ts';
import { keysAt } from './inventory/index.ts';
import type { Mailer } from './mail/index.ts';
import {
  createMessages,
  type KeyRecord,
  type OpenIncident,
  type Reading,
  type VendorRecords,
} from './messages/index.ts';
import type { Notices } from './notices/index.ts';
import type { ControlOptions } from './options.ts';
import type { Platform, Sealer } from './platform/index.ts';
import type { Register } from './register/index.ts';

interface Parts {
  options: Pick<ControlOptions, 'readFacts' | 'readMailLists' | 'messageReplies' | 'messageResolver'>;
  platform: Platform;
  sealer: () => Promise<Sealer>;
  keyed: (bytes: Uint8Array) => Promise<Buffer>;
  pseudonymOf: (identifier: string) => Promise<string>;
  accounts: Accounts;
  chain: Chain;
  connections: Connections;
  coverage: Coverage;
  register: Register;
  book: IncidentBook;
  notices: Pick<Notices, 'sentAs'>;
  mailer: Mailer;
  reading: Reading;
  retentionDays: () => Promise<number>;
}

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** What vault, lists of keys, gateway, reports of use and lists of accounts say of a vendor at a time. */
async function recordsOf(
  { platform, accounts, coverage }: Parts,
  vendor: { id: string; name: string },
  recipients: readonly string[],
  at: Date,
): Promise<VendorRecords> {
  const [answers, held, listed, usage, active] = await Promise.all([
    latestAnswers(platform, vendor.id, new Date(at.getTime() - DAY_MS), at),
    vaultKeysOf(platform, vendor.id, new Date(at.getTime() - WEEK_MS)),
    keysAt(platform, [vendor.id, vendor.name], at),
    coverage.usageLately(vendor.id, at),
    accounts.lastActive(vendor.id, recipients),
  ]);
  const inVault = held.map(
    ({ connection, name, endedAt }): KeyRecord => ({
      name,
      by: 'Our credential of the connection',
      endedAt: endedAt === null || endedAt > at ? null : endedAt,
      href: `/connections/${encodeURIComponent(connection)}`,
    }),
  );
  const inLists = listed.map(
    ({ label, source, endedAt }): KeyRecord => ({
      name: label,
      by: `By the list of keys of ${source}, the key`,
      endedAt,
      href: '/keys',
    }),
  );
  const { heldBackAt, ...gateway } = answers;
  return { gateway, heldBackAt, keys: [...inVault, ...inLists], usage, accounts: active };
}

/** What the rooms know together of a message from a vendor. */
export function messagesFrom(parts: Parts) {
  const { options, platform, accounts, chain, connections, register, book, notices } = parts;
  const active = (person: Awaited<ReturnType<typeof findPerson>>) =>
    person !== null && isActive(person, platform.clock.now()) ? person : null;
  return createMessages({
    platform,
    sealer: parts.sealer,
    keyed: parts.keyed,
    pseudonymOf: parts.pseudonymOf,
    facts: options.readFacts,
    lists: options.readMailLists,
    replies: options.messageReplies,
    resolver: options.messageResolver,
    reading: parts.reading,
    mailer: parts.mailer,
    book,
    retentionDays: parts.retentionDays,
    personBy: async (address) => {
      const person = active(await findPersonByEmail(platform.db, address));
      return person === null ? null : { id: person.id, name: person.name };
    },
    addressOf: async (id) => active(await findPerson(platform.db, id))?.email ?? null,
    usedVendors: async () => {
      const [crossed, connected, entered] = await Promise.all([
        crossedVendors(platform),
        connections.all(),
        register.ids(),
      ]);
      return new Set([
        ...crossed.map(({ vendor }) => vendor),
        ...connected.map(({ vendor }) => vendor),
        ...entered,
      ]);
    },
    records: (vendor, recipients, at) => recordsOf(parts, vendor, recipients, at),
    holdsAccount: accounts.holds,
    incidentsAt: async (vendor) => {
      const open = (await book.open()).filter(
        ({ drill, restricted, party }) => !drill && !restricted && party !== null,
      );
      if (open.length === 0) return [];
      const behind = new Set((await chain.edges()).filter(({ from }) => from === vendor).map(({ to }) => to));
      return open.flatMap((one): OpenIncident[] =>
        one.party === vendor || behind.has(one.party ?? '')
          ? [
              {
                id: one.id,
                number: one.number,
                title: one.title,
                since: one.occurredFrom,
                behind: one.party !== vendor,
              },
            ]
          : [],
      );
    },
    ourNotice: async (messageId) => {
      const sent = await notices.sentAs(messageId);
      if (sent === null) return null;
      const [head] = await book.heads([sent.incident]);
      return head === undefined || head.restricted ? null : { ...sent, title: `Incident ${head.number}` };
    },
  });
}
