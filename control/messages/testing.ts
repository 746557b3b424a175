import { createHash } from 'node:crypto';
import type { Resolver } from '@drawbridge/authenticity';
import type { Playbook } from '../incidents/index.ts';
import { testIncidents } from '../incidents/testing.ts';
import { testSealer } from '../platform/blobs/testing.ts';
import { createRouter, handleErrors, Problem } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import type { VendorFacts } from '../vendors/index.ts';
import { noRecords } from './claims.ts';
import { createMessages, type MessagesOptions } from './index.ts';

/** The verify desk on a database of its own, beside which nothing happens. Vendors and people are made up. */

export const facts: readonly VendorFacts[] = [
  vendor('acme-ai', 'Acme AI', ['acmeai.com'], [['tm.acmeai.com', 'vendor']], 'https://platform.acmeai.com/'),
  vendor('codehost', 'Codehost', ['codehost.com'], [['codehost.com', 'relayed']], null),
];

function vendor(
  id: string,
  name: string,
  domains: readonly string[],
  mail: readonly [string, 'vendor' | 'relayed' | 'marketing'][],
  admin: string | null,
): VendorFacts {
  return {
    format: 'drawbridge.vendor/1',
    id,
    name,
    category: 'ai_models',
    sources: { made_up: { url: 'https://made-up.example/', as_of: '2026-01-01' } },
    domains: domains.map((is) => ({ is, from: 'made_up' })),
    mail: mail.map(([is, kind]) => ({ is, kind, from: 'made_up' })),
    ...(admin === null ? {} : { urls: { admin: { is: admin, from: 'made_up' } } }),
  };
}

const nothingThere: Resolver = async (name, type) => {
  throw Object.assign(new Error(`no ${type} of ${name}`), { code: 'ENOTFOUND' });
};

/** What the room asks of others, which a test says; the rest is empty. */
export interface Said {
  resolver: Resolver;
  used: ReadonlySet<string>;
  records: MessagesOptions['records'];
  holds: boolean | null;
  incidents: Awaited<ReturnType<MessagesOptions['incidentsAt']>>;
  ourNotice: MessagesOptions['ourNotice'];
  sent: { to: string; text: string }[];
  ready: boolean;
  retentionDays: number;
  who: ReturnType<typeof testCaller>;
}

/** Like the ledger's: the same for the same name, whatever its case. */
export const pseudonymOf = async (identifier: string): Promise<string> =>
  createHash('sha256').update(identifier.toLowerCase()).digest('base64url').slice(0, 22);

export async function testDesk() {
  const platform: TestPlatform = await testPlatform('messages');
  const said: Said = {
    resolver: nothingThere,
    used: new Set(),
    records: async () => noRecords,
    holds: null,
    incidents: [],
    ourNotice: async () => null,
    sent: [],
    ready: false,
    retentionDays: 30,
    who: testCaller({ id: 'person-1', name: 'Ada Example' }),
  };
  const sealer = await testSealer(platform);
  const { book } = testIncidents(
    platform,
    sealer,
    ['vendor-data-breach', 'vendor-key-leak'].map(playbook),
    async (id) => (id === 'person-1' ? { id, name: 'Ada Example' } : null),
  );
  const lists = (from: string, domains: string[]) => ({ from, domains });
  const messages = createMessages({
    platform,
    sealer,
    keyed: async (bytes) => Buffer.concat([Buffer.from(bytes), Buffer.alloc(32, 7)]).subarray(0, 32),
    facts: async () => facts,
    lists: async () => ({
      sealers: lists('made_up', ['bigmail.example']),
      trackers: lists('made_up', ['ct.mailer.example']),
      shorteners: lists('made_up', ['short.example']),
    }),
    replies: [{ id: 'thanks', title: 'Thanks', text: 'Thank you for handing it in.' }],
    resolver: (name, type) => said.resolver(name, type),
    reading: {
      mailOf: async (type) => {
        throw new Problem(415, 'not_read', `What is of type ${type} is not read here.`);
      },
    },
    mailer: {
      ready: async () => said.ready,
      session: async () => ({
        domain: 'ours.example',
        send: async ({ to, text = '' }) => {
          said.sent.push({ to, text });
          return { response: '250 taken' };
        },
        close: () => undefined,
      }),
    },
    book,
    pseudonymOf,
    personBy: async (address) =>
      address === 'ada@ours.example' ? { id: 'person-1', name: 'Ada Example' } : null,
    addressOf: async (id) => (id === 'person-1' ? 'ada@ours.example' : null),
    retentionDays: async () => said.retentionDays,
    usedVendors: async () => said.used,
    records: (vendor, recipients, at) => said.records(vendor, recipients, at),
    holdsAccount: async () => said.holds,
    incidentsAt: async () => said.incidents,
    ourNotice: (id) => said.ourNotice(id),
  });
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', said.who);
    c.set('expectMay', async (action) => {
      if (!said.who.actions.has(action)) throw new Problem(403, 'not_permitted', `It needs ${action}.`);
    });
    await next();
  });
  app.route('/', messages.routes);
  return { platform, said, messages, app };
}

const playbook = (id: string): Playbook => ({
  format: 'drawbridge.playbook/1',
  id,
  name: 'Made up',
  when: 'In tests',
  as_of: '2026-01-01',
  sources: [{ url: 'https://example.com', as_of: '2026-01-01', for: 'nothing' }],
  tasks: [
    { id: 'first', title: 'Look', why: 'It may be', phase: 'contain', role: 'lead', within_minutes: 60 },
  ],
  questions: [],
});
