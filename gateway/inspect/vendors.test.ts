import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  credential,
  cross,
  incomingOf,
  liveOf,
  serviceOf,
  virtualKey,
  wire,
} from '../minimise/testing/cross.ts';
import { Refusal } from '../refusal/index.ts';

/** The bodies of analytics vendors other than Mixpanel: keys beside records, mirrors of traits, gzip of any label. */
interface Dialect {
  vendor: string;
  path: string;
  headers: Record<string, string>;
  body: unknown;
}

const basic = { authorization: `Basic ${Buffer.from(`${virtualKey}:`).toString('base64')}` };
const traits = {
  email: 'marker-1@example.com',
  name: 'marker two',
  phone: 'marker-3',
  address: { city: 'marker city', street: 'marker' },
  company: { name: 'marker', id: 'marker-4' },
  createdAt: 'marker',
  'made by marker': { deep: ['marker', { marker: 1 }] },
};
const message = {
  type: 'identify',
  event: 'marker opened',
  userId: 'marker-5',
  anonymousId: 'marker-6',
  previousId: 'marker-7',
  groupId: 'marker-8',
  traits,
  properties: { ...traits, url: 'https://app.example.com/team/marker-9?x=marker#marker' },
  context: {
    ip: '203.0.113.77',
    userAgent: 'marker/1.0',
    traits,
    page: { url: 'https://app.example.com/marker', referrer: 'https://marker.example.net/', title: 'marker' },
    device: { id: 'marker', model: 'marker' },
    location: { city: 'marker', country: 'marker land' },
  },
  integrations: { All: true, Adobe: { visitor: 'marker' } },
  messageId: 'm-1',
};
const beside = { sentAt: '2025-11-12T10:20:01.456Z', marker: 'marker', context: { ip: '203.0.113.77' } };
const posthogEvent = {
  event: 'marker opened',
  distinct_id: 'marker-1',
  uuid: '0199a8c1-7d3e-7c40-8f0a-2b6c1d9e4f11',
  properties: {
    ...traits,
    token: virtualKey,
    $ip: '203.0.113.77',
    $set: traits,
    $set_once: { $initial_referrer: 'https://marker.example.net/' },
    $groups: { organization: 'marker' },
    $current_url: 'https://app.example.com/marker/marker-9?x=marker',
  },
  $set: traits,
};
const amplitudeEvent = {
  event_type: 'marker opened',
  user_id: 'marker-1',
  device_id: 'marker-2',
  ip: '203.0.113.77',
  city: 'marker',
  event_properties: traits,
  user_properties: { ...traits, $set: traits, $add: { marker: 1 }, $unset: { marker: '-' } },
  groups: { organization: ['marker', 'marker-9'] },
  group_properties: { $set: traits },
};

const dialects: Dialect[] = [
  ...['segment', 'rudderstack'].flatMap((vendor): Dialect[] => [
    { vendor, path: '/v1/batch', headers: basic, body: { ...beside, batch: [message, message] } },
    { vendor, path: '/v1/track', headers: basic, body: message },
  ]),
  {
    vendor: 'segment',
    path: '/v1/batch',
    headers: {},
    body: { writeKey: virtualKey, ...beside, batch: [message] },
  },
  {
    vendor: 'posthog',
    path: '/batch/',
    headers: {},
    body: { api_key: virtualKey, marker: 'marker', batch: [posthogEvent], sent_at: 'x' },
  },
  { vendor: 'posthog', path: '/e/', headers: {}, body: [posthogEvent, posthogEvent] },
  {
    vendor: 'posthog',
    path: '/capture/',
    headers: {},
    body: { api_key: virtualKey, marker: 'marker', batch: [posthogEvent, posthogEvent], sent_at: 'x' },
  },
  { vendor: 'posthog', path: '/i/v0/e/', headers: {}, body: { api_key: virtualKey, ...posthogEvent } },
  {
    vendor: 'posthog',
    path: '/flags/?v=2',
    headers: {},
    body: {
      token: virtualKey,
      distinct_id: 'marker',
      person_properties: traits,
      groups: { organization: 'marker' },
    },
  },
  {
    vendor: 'amplitude',
    path: '/2/httpapi',
    headers: {},
    body: { api_key: virtualKey, marker: 'marker', events: [amplitudeEvent], options: {} },
  },
  {
    vendor: 'sentry',
    path: `/api/4711/envelope/?sentry_version=7&sentry_key=${virtualKey}`,
    headers: {},
    body: [
      { event_id: 'e1', trace: { public_key: virtualKey, transaction: 'marker' }, marker: 'marker' },
      { type: 'event' },
      {
        message: 'marker',
        server_name: 'marker',
        user: { ...traits, id: 'marker-1', ip_address: '203.0.113.77' },
        exception: {
          values: [{ type: 'marker', value: 'marker', stacktrace: { frames: [{ vars: 'marker' }] } }],
        },
        breadcrumbs: [{ message: 'marker' }],
        tags: { marker: 'marker' },
      },
      { type: 'attachment', filename: 'marker.txt', length: 6 },
      'marker',
    ],
  },
];
const held = ['marker', '203.0.113', virtualKey];
const plain = (body: Uint8Array) =>
  (body[0] === 0x1f ? gunzipSync(body) : Buffer.from(body)).toString('utf8');
const sent = (crossed: ReturnType<typeof cross>) =>
  `${wire({ ...crossed, body: Buffer.from(plain(crossed.body)) })}`;

/** JSON, or for Sentry an envelope of lines. */
function textOf(vendor: string, body: unknown): string {
  if (vendor !== 'sentry' || !Array.isArray(body)) return JSON.stringify(body);
  return body.map((line: unknown) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
}

it('sentry: replays, profiles and feedback are told by their class, whether they cross or not', () => {
  const service = serviceOf('sentry');
  const target = `/api/4711/envelope/?sentry_version=7&sentry_key=${virtualKey}`;
  const lines = [
    { event_id: 'e1' },
    { type: 'replay_event' },
    { urls: ['marker'] },
    { type: 'feedback' },
    { contexts: {} },
  ];
  const body = [
    ...lines.map((line) => JSON.stringify(line)),
    '{"type":"replay_recording","length":4}',
    '{}\n\u0001',
  ].join('\n');
  const fieldsUnder = (contract: 'recommended' | 'as_is') => {
    const crossed = cross(liveOf(service, service.contracts[contract]), incomingOf('POST', target, {}, body));
    return [crossed.fields, crossed.body.toString().split('\n').length];
  };
  const [asIs, whole] = fieldsUnder('as_is');
  expect(asIs).toEqual(
    expect.arrayContaining([
      ['content.media', 'pass', 2],
      ['person.attribute', 'pass', 1],
    ]),
  );
  const [recommended, left] = fieldsUnder('recommended');
  expect(recommended).toEqual(
    expect.arrayContaining([
      ['content.media', 'drop', 2],
      ['person.attribute', 'drop', 1],
    ]),
  );
  expect([whole, left]).toEqual([8, 1]);
});

it('posthog: every path takes what /batch takes, and each of its events is one record', () => {
  const service = serviceOf('posthog');
  const live = liveOf(service, service.contracts.recommended);
  const other = { ...posthogEvent, distinct_id: 'somebody else' };
  const body = JSON.stringify({
    api_key: virtualKey,
    batch: [posthogEvent, other],
    historical_migration: false,
  });
  const expected = cross(live, incomingOf('POST', '/batch/', {}, body));
  for (const path of ['/capture/', '/e/', '/i/v0/e/']) {
    const crossed = cross(live, incomingOf('POST', path, {}, body));
    expect(crossed.body.toString()).toBe(expected.body.toString());
    expect(crossed.items).toEqual(expected.items);
  }
  const { batch } = JSON.parse(expected.body.toString());
  expect(batch.map((one: object) => Object.keys(one))).toEqual([
    ['event', 'distinct_id', 'uuid', 'properties', '$set'],
    ['event', 'distinct_id', 'uuid', 'properties', '$set'],
  ]);
});

describe.each(dialects)('$vendor $path', ({ vendor, path, headers, body }) => {
  const service = serviceOf(vendor);
  const recommended = liveOf(service, service.contracts.recommended);
  const asIs = liveOf(service, service.contracts.as_is);
  const json = textOf(vendor, body);
  const labels: Record<string, string>[] = [
    { 'content-type': 'application/json' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
  ];

  it('recommended: holds back everything about anyone, plain or gzip under any label', () => {
    for (const packed of [Buffer.from(json), gzipSync(json)]) {
      for (const label of labels) {
        const crossed = cross(recommended, incomingOf('POST', path, { ...headers, ...label }, packed));
        expect(crossed.body[0]).toBe(packed[0]);
        for (const value of held) expect(sent(crossed)).not.toContain(value);
      }
    }
  });

  it('as is: changes the key and no other byte', () => {
    const crossed = cross(asIs, incomingOf('POST', path, headers, json));
    expect(crossed.body.toString()).toBe(json.replaceAll(virtualKey, credential));
    expect(JSON.stringify(crossed.headers)).not.toContain(basic.authorization);
    if (json.includes(virtualKey)) return;
    const packed = gzipSync(json);
    expect(cross(asIs, incomingOf('POST', path, headers, packed)).body.equals(packed)).toBe(true);
  });

  it('with one byte changed, or cut off: is refused, or leaves with nothing that is held back', () => {
    const bytes = Buffer.from(json);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = Buffer.from(cut ? bytes.subarray(0, at) : bytes);
        if (!cut) damaged[at] = byte;
        try {
          const out = sent(cross(recommended, incomingOf('POST', path, headers, damaged)));
          for (const value of held) expect(out).not.toContain(value);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          for (const value of held) expect(error.message).not.toContain(value);
        }
      }),
      { numRuns: 150 },
    );
  });
});
