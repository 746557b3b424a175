import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Blast } from '../incidents/index.ts';
import { testIncidents } from '../incidents/testing.ts';
import { createMail, type Mailer } from '../mail/index.ts';
import { testSealer } from '../platform/blobs/testing.ts';
import { createRouter, handleErrors, type Platform } from '../platform/index.ts';
import { testCaller } from '../platform/testing.ts';
import type { LoggedChange } from './file.ts';
import { createNotices, type PersonToTell, readTemplate, type Template } from './index.ts';

const folder = fileURLToPath(new URL('../../packs/notices/', import.meta.url));

/** The templates that are shipped. */
export async function shippedTemplates(): Promise<Template[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  return Promise.all(
    files.map(async (file) => {
      const read = readTemplate(file, await readFile(`${folder}${file}`, 'utf8'));
      if ('problems' in read) throw new Error(`${file}: ${read.problems[0]?.message}`);
      return read.template;
    }),
  );
}

/** A blast radius of a made-up vendor. */
export const madeUpBlast = (over: Partial<Blast> = {}): Blast => ({
  party: { id: 'mixpanel', name: 'Mixpanel', status: 'approved', connected: true },
  from: '2025-11-08T00:00:00.000Z',
  to: '2025-11-25T00:00:00.000Z',
  asOf: '2025-11-26T00:00:00.000Z',
  whose: { ourData: true, ourAccounts: false, text: 'Mixpanel got data that we sent.' },
  ways: [],
  data: [
    {
      vendor: { id: 'mixpanel', name: 'Mixpanel' },
      class: 'person.email',
      label: 'E-mail address',
      treatment: 'pass',
      layer: 'observed',
      people: 1204,
      peopleInWindow: 310,
      peopleAsDeclared: 1204,
      organisations: 0,
      crossings: 4000,
      apps: [],
      firstSeenAt: '2025-01-01T00:00:00.000Z',
      lastSeenAt: '2025-11-20T00:00:00.000Z',
      retention: null,
      deletion: null,
      places: [],
      source: 'Crossings at the gateway',
    },
  ],
  people: {
    people: 1204,
    peopleInWindow: 310,
    peopleAsDeclared: 1204,
    organisations: 0,
    places: null,
    moreGroups: 0,
    groups: [
      {
        people: 1204,
        classes: [],
        quotes: [{ class: 'person.email', label: 'E-mail address', coarse: false, weight: 1 }],
        phishability: { total: 55, reach: 40, name: 0, facts: 15 },
      },
    ],
  },
  accounts: [],
  credentials: [],
  dependents: [],
  workflows: [],
  substitutes: [],
  chain: { sharedBy: [], behind: [] },
  notAffected: [
    {
      class: 'payment.card',
      label: 'Card number',
      text: 'No record in the traffic that we saw.',
      proven: false,
    },
    {
      class: 'content.prompt',
      label: 'Prompts',
      text: 'Not among what was sent. Their report agrees.',
      proven: true,
    },
  ],
  unknown: [
    { code: 'retention', text: 'For 1 of 1 kinds of data nobody stated how long Mixpanel keeps them.' },
  ],
  ...over,
});

export interface Given {
  blast?: () => Blast | null;
  people?: () => AsyncIterable<PersonToTell[]>;
  logged?: LoggedChange[];
  mailer?: Mailer;
  lanes?: number;
  /** Of the sealing, where several processes are at one database. */
  keys?: NonNullable<Parameters<typeof testSealer>[1]>;
}

export const pseudonymOf = async (identifier: string): Promise<string> =>
  createHash('sha256').update(identifier).digest('base64url').slice(0, 22);

/** Incidents, mail and notices on one database, asked over HTTP as a person. Vendors and people are made up. */
export async function noticeHouse(platform: Platform, given: Given = {}) {
  const sealer = await testSealer(platform, given.keys);
  const who = { now: { ...testCaller(), kind: 'person' as const, id: 'person-1', name: 'Ada Example' } };
  const incidents = testIncidents(
    platform,
    sealer,
    {
      format: 'drawbridge.playbook/1',
      id: 'made-up',
      name: 'Made up',
      when: 'In tests',
      as_of: '2026-01-01',
      sources: [{ url: 'https://example.com', as_of: '2026-01-01', for: 'nothing' }],
      tasks: [{ id: 'first', title: 'Cut it off', why: 'It leaks', phase: 'contain' }],
      questions: [{ id: 'what', text: 'What did they take?', hours: 24 }],
    },
    async (id) => ({ id, name: `Name of ${id}` }),
  );
  const mail = createMail({
    platform,
    sealer,
    network: { resolve: async () => [{ address: '127.0.0.1', family: 4 }] },
    times: { connectMs: 1_000, silentMs: 1_000 },
  });
  const notices = createNotices({
    platform,
    sealer,
    templates: await shippedTemplates(),
    book: incidents.book,
    pseudonymOf,
    mailer: given.mailer ?? mail.mailer,
    vendorNames: async () => new Map([['mixpanel', 'Mixpanel']]),
    agreements: async () => [
      { kind: 'dpa', signedOn: '2024-01-31', note: 'Clause 7: breach told within 24 hours' },
    ],
    blastOf: async () => (given.blast === undefined ? madeUpBlast() : given.blast()),
    peopleOf: () => (given.people === undefined ? nobody() : given.people()),
    logged: async () => given.logged ?? [],
    lanes: given.lanes ?? 2,
  });
  const app = createRouter();
  app.onError(handleErrors(platform.log));
  app.use('*', async (c, next) => {
    c.set('actor', who.now);
    await next();
  });
  app.route('/', incidents.routes).route('/', mail.routes).route('/', notices.routes);
  const ask = async (method: string, path: string, body?: object) => {
    const response = await app.request(path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, bytes, body: isJson ? JSON.parse(bytes.toString()) : null };
  };
  return {
    app,
    ask,
    sealer,
    book: incidents.book,
    sending: notices.sending,
    hourly: notices.hourly,
    pseudonymOf,
    /** Who asks from now on. */
    as(id: string, over: object = {}) {
      who.now = { ...who.now, id, name: `Name of ${id}`, ...over };
    },
  };
}
export type NoticeHouse = Awaited<ReturnType<typeof noticeHouse>>;

async function* nobody(): AsyncGenerator<PersonToTell[]> {
  yield [];
}
