import type { BlastRadius, BlastRow, WeakestLink } from '../api/incident-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

/** What a breach at a made-up vendor would touch, of made-up people. */
export interface FakeIncidents {
  links: WeakestLink[];
  blast: Map<string, BlastRadius>;
}

const mixpanel = { id: 'mixpanel', name: 'Mixpanel' };
const openai = { id: 'openai', name: 'OpenAI' };
const shop = { id: 'app_1', name: 'web-shop' };

export function makeFakeIncidents(empty: boolean): FakeIncidents {
  if (empty) return { links: [], blast: new Map() };
  const link = (
    one: { id: string; name: string },
    reachable: number | null,
    people: number | null,
  ): WeakestLink => ({
    ...one,
    people,
    reachable,
    accounts: one.id === 'openai' ? 4 : null,
    phishability: reachable === null ? null : reachable === 0 ? 12 : 72.5,
    credentials: 1,
    apps: 2,
    status: 'approved',
    unknown: [],
  });
  const row = (one: Partial<BlastRow> & Pick<BlastRow, 'class' | 'treatment'>): BlastRow => ({
    vendor: mixpanel,
    label: one.class,
    layer: 'observed',
    people: 1204,
    peopleInWindow: 310,
    peopleAsDeclared: 980,
    organisations: 0,
    crossings: 48_211,
    apps: [shop],
    firstSeenAt: ago(400),
    lastSeenAt: ago(1),
    retention: null,
    deletion: null,
    source: 'Crossings at the gateway',
    places: [
      { kind: 'storage', place: 'EU', jurisdiction: 'US', layer: 'declared', source: 'DPA, annex 2' },
      { kind: 'reached', place: 'US', jurisdiction: null, layer: 'observed', source: 'a range of a cloud' },
    ],
    ...one,
  });
  const whole: BlastRadius = {
    party: { ...mixpanel, status: 'approved', connected: true },
    from: ago(30),
    to: ago(0),
    asOf: ago(0),
    whose: {
      ourData: true,
      ourAccounts: true,
      text: 'Mixpanel got data that we sent, and holds data about people of ours who have accounts.',
    },
    ways: [
      { through: [mixpanel], layer: 'observed', scopes: null, sources: [] },
      { through: [openai, mixpanel], layer: 'observed', scopes: ['account_metadata'], sources: ['a visit'] },
    ],
    data: [
      row({ class: 'person.email', treatment: 'pass', people: 1180 }),
      row({
        class: 'geo.city',
        treatment: 'generalise',
        retention: { days: 365, source: 'DPA', asOf: '2026-01-01' },
      }),
      row({ class: 'person.id', treatment: 'pseudonymise' }),
      row({ class: 'org.vendor_account', treatment: 'pass', vendor: openai, layer: 'inferred', people: 12 }),
      row({
        class: 'person.phone',
        treatment: 'unknown',
        layer: 'declared',
        people: null,
        peopleInWindow: null,
        peopleAsDeclared: null,
        crossings: null,
        apps: [],
        firstSeenAt: null,
        lastSeenAt: null,
      }),
    ],
    people: {
      people: 1204,
      peopleInWindow: 310,
      peopleAsDeclared: 980,
      organisations: 3,
      groups: [
        {
          people: 1180,
          classes: [
            { class: 'person.email', label: 'E-mail address', treatment: 'pass' },
            { class: 'geo.city', label: 'City', treatment: 'generalise' },
            { class: 'person.id', label: 'User id', treatment: 'pseudonymise' },
          ],
          quotes: [
            { class: 'person.email', label: 'E-mail address', coarse: false, weight: 40 },
            { class: 'geo.city', label: 'City', coarse: true, weight: 3 },
          ],
          phishability: { total: 72.5, reach: 40, name: 15, facts: 17.5 },
        },
        {
          people: 24,
          classes: [{ class: 'person.id', label: 'User id', treatment: 'pseudonymise' }],
          quotes: [],
          phishability: { total: 0, reach: 0, name: 0, facts: 0 },
        },
      ],
      moreGroups: 0,
      places: [
        { country: 'DE', language: 'de', people: 611 },
        { country: 'US', language: 'en', people: 402 },
        { country: 'CH', language: null, people: 40 },
        { country: null, language: null, people: 151 },
      ],
    },
    accounts: [
      {
        vendor: openai,
        people: 4,
        accounts: 4,
        layer: 'observed',
        fields: [{ name: 'E-mail address', layer: 'observed', source: 'a visit' }],
      },
    ],
    credentials: [
      {
        kind: 'connection',
        id: 'mixpanel_eu',
        name: 'Mixpanel EU, version 2',
        layer: 'observed',
        scopes: [],
        since: ago(90),
        lastUsedAt: ago(1),
        ours: true,
        doText: 'Rotate it: the vendor checks it, and may have kept it.',
      },
      {
        kind: 'grant',
        id: '7',
        name: 'Mixpanel for Sheets',
        layer: 'observed',
        scopes: ['https://www.googleapis.example/auth/spreadsheets'],
        since: ago(200),
        lastUsedAt: null,
        ours: false,
        doText: 'Revoke the grant where it was given: its tokens let the vendor into accounts of ours.',
      },
    ],
    dependents: [
      {
        app: shop,
        vendor: mixpanel,
        connections: [{ id: 'mixpanel_eu', name: 'Mixpanel EU' }],
        crossings: 48_211,
        lastSeenAt: ago(1),
      },
    ],
    workflows: [
      {
        kind: 'workload',
        id: 'workload deploys',
        name: 'Deploys',
        detail: 'repo:example/shop:ref:refs/heads/main',
        app: shop,
        vendor: mixpanel,
        layer: 'observed',
        lastSeenAt: ago(2),
        source: 'Crossings of its keys at the gateway',
        run: null,
      },
      {
        kind: 'pipeline',
        id: 'pipeline mixpanel release',
        name: '.github/workflows/release.yml',
        detail: 'MIXPANEL_TOKEN',
        app: null,
        vendor: mixpanel,
        layer: 'declared',
        lastSeenAt: ago(30),
        source: 'A file of the evidence “shop”',
        run: '0199c0de-0000-7000-8000-0000000000e1',
      },
    ],
    substitutes: [{ id: 'posthog', name: 'PostHog', days: 14 }],
    chain: { sharedBy: [openai], behind: [{ id: 'google-cloud', name: 'Google Cloud', layer: 'declared' }] },
    notAffected: [
      {
        class: 'content.prompt',
        label: 'Prompt text',
        text: 'No record in the traffic that we saw.',
        proven: false,
      },
      {
        class: 'payment.card',
        label: 'Card number',
        text: 'No record in the traffic that we saw.',
        proven: false,
      },
    ],
    unknown: [
      { code: 'coverage', text: 'It was not measured how much of its traffic we saw.' },
      {
        code: 'deletion',
        text: 'For 5 of 5 kinds of data no proof of deletion is kept: they count as held.',
      },
    ],
  };
  const nothing: BlastRadius = {
    ...whole,
    party: { id: 'acme-mail', name: 'Acme Mail', status: 'not_entered', connected: false },
    asOf: null,
    whose: {
      ourData: false,
      ourAccounts: false,
      text: 'No record in the traffic that we saw, and no accounts of our people are known there. That is no proof that Acme Mail holds nothing.',
    },
    ways: [],
    data: [],
    people: {
      people: 0,
      peopleInWindow: 0,
      peopleAsDeclared: 0,
      organisations: 0,
      groups: [],
      moreGroups: 0,
      places: null,
    },
    accounts: [],
    credentials: [],
    dependents: [],
    workflows: [],
    substitutes: [],
    chain: { sharedBy: [], behind: [] },
  };
  return {
    links: [
      link(mixpanel, 1180, 1204),
      link(openai, 0, 380),
      {
        ...link({ id: 'acme-mail', name: 'Acme Mail' }, null, null),
        unknown: ['No record in the traffic that we saw.'],
      },
    ],
    blast: new Map([
      ['mixpanel', whole],
      ['acme-mail', nothing],
    ]),
  };
}

export function answerIncidents(made: FakeIncidents, { method, path, query }: Asked): Answer | null {
  if (method !== 'GET') return null;
  if (path === '/weakest-links') return { status: 200, body: { items: made.links, next: null } };
  const [, party] = /^\/blast-radius\/([^/]+)$/.exec(path) ?? [];
  if (party === undefined) return null;
  const found = made.blast.get(party);
  if (found === undefined)
    return {
      status: 404,
      body: { title: 'Not found', status: 404, code: 'not_found', detail: 'There is no such vendor.' },
    };
  return {
    status: 200,
    body: { ...found, from: query.get('from') ?? found.from, to: query.get('to') ?? found.to },
  };
}
