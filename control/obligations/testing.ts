import { testIncidents } from '../incidents/testing.ts';
import { shippedClockLaw } from '../laws/testing.ts';
import { testSealer } from '../platform/blobs/testing.ts';
import { createRouter, handleErrors, type OutboundNetwork } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { createObligations, type MailPort, type Obligations, type VendorNotice } from './index.ts';
import type { ClocksView } from './schemas.ts';

/** `body`: as it was parsed; null where it is no JSON. */
export interface Answer {
  status: number;
  text: string;
  body: ReturnType<typeof JSON.parse>;
}

/** The room as it is asked for, on a real database, beside the room of incidents. People are made up. */
export interface TestRoom {
  platform: TestPlatform;
  obligations: Obligations;
  /** Another control plane on the same database. */
  second(): Obligations;
  who: ReturnType<typeof testCaller>;
  notices: Map<string, VendorNotice>;
  /** Who may not see incidents any more. */
  gone: Set<string>;
  mails: { messageId: string; to: string; subject: string; text: string }[];
  /** What the mail server does with the next e-mail. */
  mailAnswer: (() => Promise<void>) | null;
  ask(method: string, path: string, body?: object): Promise<Answer>;
  open(given?: object): Promise<{ id: string; number: number }>;
  clocks(incident: string): Promise<ClocksView>;
  close(): Promise<void>;
}

const playbook = {
  format: 'drawbridge.playbook/1' as const,
  id: 'made-up',
  name: 'Made up',
  when: 'In tests',
  as_of: '2026-01-01',
  sources: [{ url: 'https://example.com', as_of: '2026-01-01', for: 'nothing' }],
  tasks: [],
  questions: [],
};

export const ORIGIN = 'https://bridge.example';

export async function testRoom(network: OutboundNetwork = { resolve: async () => [] }): Promise<TestRoom> {
  const platform = await testPlatform();
  const sealer = await testSealer(platform);
  const people = new Map(
    ['person-1', 'person-2', 'person-3'].map((id) => [
      id,
      { id, name: `Name of ${id}`, email: `${id}@example.com` },
    ]),
  );
  const incidents = testIncidents(platform, sealer, playbook, async (id) => people.get(id) ?? null);
  const mail: MailPort = {
    ready: async () => true,
    async send(given) {
      await room.mailAnswer?.();
      room.mails.push(given);
    },
  };
  const create = () =>
    createObligations({
      platform,
      sealer,
      book: incidents.book,
      readLaw: shippedClockLaw,
      noticesOf: async (vendors) => vendors.flatMap((vendor) => room.notices.get(vendor) ?? []),
      network,
      mail,
      person: async (id) => people.get(id) ?? null,
      mayRead: async (id) => people.has(id) && !room.gone.has(id),
      origin: () => ORIGIN,
      base: '/api/v1',
    });
  const obligations = create();
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', room.who);
    await next();
  });
  app.route('/', incidents.routes);
  app.route('/', obligations.routes);
  const room: TestRoom = {
    platform,
    obligations,
    second: create,
    who: { ...testCaller(), kind: 'person', id: 'person-1', name: 'Ada Example' },
    notices: new Map(),
    gone: new Set(),
    mails: [],
    mailAnswer: null,
    async ask(method, path, body) {
      const response = await app.request(path, {
        method,
        headers: { 'content-type': 'application/json', 'x-drawbridge-reason': 'A test' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, body: isJson ? JSON.parse(text) : null, text };
    },
    async open(given = {}) {
      const { status, body } = await room.ask('POST', '/incidents', {
        title: 'Vendor was smished',
        playbook: 'made-up',
        reason: 'A test',
        ...given,
      });
      if (status !== 201) throw new Error(JSON.stringify(body));
      return body;
    },
    async clocks(incident) {
      const { status, body } = await room.ask('GET', `/incidents/${incident}/clocks`);
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body;
    },
    close: () => platform.close(),
  };
  return room;
}

/** Empties what tests enter. */
export async function emptied({ platform, mails, notices, gone }: TestRoom): Promise<void> {
  mails.length = 0;
  notices.clear();
  gone.clear();
  await platform.pool.query(
    'TRUNCATE incident, change, obligation_document, obligation_feed, obligation_secret CASCADE',
  );
}
