import { gzipSync } from 'node:zlib';
import type { AuthPlacement, Service } from '@drawbridge/protocol';
import { describe, expect, it } from 'vitest';
import type { Incoming } from '../crossing.ts';
import { anotherKey, incomingOf, liveOf, serviceOf, virtualKey } from '../minimise/testing/cross.ts';
import { inflateStart } from './codec.ts';
import { findKeys } from './index.ts';

const mixpanel = serviceOf('mixpanel');
const track = liveOf(mixpanel, mixpanel.contracts.as_is).endpoints[0] ?? null;
const event = (token: string, padding = 0) => ({ event: 'x'.repeat(padding), properties: { token } });
const form = (value: unknown) =>
  `data=${encodeURIComponent(Buffer.from(JSON.stringify(value)).toString('base64'))}`;
const keysIn = (incoming: Incoming, service: Service = mixpanel, endpoint = track) =>
  findKeys(service, endpoint, incoming).map((found) => found.key);
const post = (body: string | Uint8Array) => incomingOf('POST', '/track', {}, body);

function with_(...auth: AuthPlacement[]): Service {
  return { ...mixpanel, auth };
}

describe('headers', () => {
  const bearer = with_({ in: 'header', name: 'Authorization', prefix: 'Bearer ' });
  it.each([
    [`Bearer ${virtualKey}`, [virtualKey]],
    [`bearer  ${virtualKey} `, [virtualKey]],
    [virtualKey, []],
    ['Bearer ', []],
    [`Basic ${virtualKey}`, []],
  ])('%j', (authorization, keys) => {
    expect(keysIn(incomingOf('POST', '/track', { AUTHORIZATION: authorization }), bearer)).toEqual(keys);
  });

  it('are all looked at', () => {
    const incoming = {
      ...incomingOf('POST', '/track'),
      headers: ['authorization', `Bearer ${virtualKey}`, 'Authorization', `Bearer ${anotherKey}`],
    };
    expect(keysIn(incoming, bearer)).toEqual([virtualKey, anotherKey]);
  });

  it('hold basic credentials', () => {
    const header = (pair: string) =>
      incomingOf('POST', '/track', { authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
    const user = with_({ in: 'basic', part: 'username' });
    const password = with_({ in: 'basic', part: 'password' });
    expect(keysIn(header(`${virtualKey}:`), user)).toEqual([virtualKey]);
    expect(keysIn(header(`user:${virtualKey}`), password)).toEqual([virtualKey]);
    expect(keysIn(header(virtualKey), user)).toEqual([virtualKey]);
    expect(keysIn(incomingOf('POST', '/track', { authorization: 'Basic ***' }), user)).toEqual([]);
  });
});

describe('queries', () => {
  const query = with_({ in: 'query', name: 'key' });
  it('hold keys, whatever is wrong beside them', () => {
    expect(keysIn(incomingOf('GET', `/track?a=1&key=${virtualKey}`), query)).toEqual([virtualKey]);
    expect(keysIn(incomingOf('GET', `/track?k%65y=${virtualKey}`), query)).toEqual([virtualKey]);
    expect(keysIn(incomingOf('GET', `/track?key=%FF`), query)).toEqual([]);
  });
});

describe('bodies', () => {
  it.each<[string, Incoming]>([
    ['JSON', post(JSON.stringify(event(virtualKey)))],
    ['a list', post(JSON.stringify([event(virtualKey), event(virtualKey)]))],
    ['a form', post(form([event(virtualKey)]))],
    ['a form with bare JSON', post(`data=${encodeURIComponent(JSON.stringify(event(virtualKey)))}`)],
    ['gzip', post(gzipSync(JSON.stringify(event(virtualKey))))],
    ['the query', incomingOf('GET', `/track?ip=1&${form(event(virtualKey))}`)],
    ['escapes', post(`{"prop\\u0065rties":{"token":"\\u0064${virtualKey.slice(1)}"}}`)],
    ['a large body', post(JSON.stringify(Array.from({ length: 300 }, () => event(virtualKey, 900))))],
    ['a large form', post(form(Array.from({ length: 300 }, () => event(virtualKey, 900))))],
    [
      'large gzip',
      post(gzipSync(JSON.stringify(Array.from({ length: 3000 }, () => event(virtualKey, 900))))),
    ],
  ])('in %s', (_, incoming) => {
    expect(keysIn(incoming)).toEqual([virtualKey]);
  });

  it('give every different key', () => {
    expect(keysIn(post(form([event(virtualKey), event(anotherKey), event(virtualKey)])))).toEqual([
      virtualKey,
      anotherKey,
    ]);
    expect(keysIn(post(JSON.stringify({ $token: anotherKey, properties: { token: virtualKey } })))).toEqual([
      virtualKey,
      anotherKey,
    ]);
  });

  it('are not read for an unknown endpoint', () => {
    expect(findKeys(mixpanel, null, post(form([event(virtualKey)])))).toEqual([]);
  });

  it.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['a token that is no text', JSON.stringify({ properties: { token: [virtualKey] } })],
    ['another place', JSON.stringify({ token: virtualKey })],
    ['damaged gzip', Uint8Array.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3])],
  ])('give none for %s', (_, body) => {
    expect(keysIn(post(body))).toEqual([]);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['no JSON', 'hello', 'body_unreadable'],
    ['broken JSON', '{"properties":{"token":', 'body_unreadable'],
    ['large broken JSON', `[${'{"a":1},'.repeat(10_000)},]`, 'body_unreadable'],
    ['too deep JSON', '['.repeat(100_000), 'body_too_deep'],
    ['bytes that are not UTF-8', Uint8Array.from([0x7b, 0xff]), 'body_unreadable'],
    ['two data fields', `${form(event(virtualKey))}&${form(event(virtualKey))}`, 'body_unreadable'],
  ])('that hold %s are refused for it, unless a key stands elsewhere', (_, body, code) => {
    const large = typeof body === 'string' && body.startsWith('[{"a"');
    const incoming = post(large ? body.replace('},{', '},,{') : body);
    expect(() => keysIn(incoming)).toThrow(expect.objectContaining({ code, stage: 'inspect' }));
    const service = with_({ in: 'query', name: 'key' }, ...mixpanel.auth);
    expect(keysIn({ ...incoming, query: `key=${virtualKey}` }, service)).toEqual([virtualKey]);
  });

  it('are read no further than 64 KB before a key is known', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    expect(inflateStart(bomb, 65_536).length).toBeLessThanOrEqual(65_536);
    expect(keysIn(post(bomb))).toEqual([]);
    const late = [event('', 70_000), event(virtualKey)];
    expect(keysIn(post(JSON.stringify(late)))).toEqual([]);
    expect(keysIn(post(gzipSync(JSON.stringify(late))))).toEqual([]);
  });
});

describe('beside the records', () => {
  const service: Service = { ...mixpanel, auth: [{ in: 'body', path: '$.api_key' }] };
  const batch = mixpanel.endpoints.slice(0, 1).map((endpoint) => ({
    ...endpoint,
    body: 'json' as const,
    fields: { records: 'batch[*]', fields: [], subjects: [], unmapped: 'event.unmapped' as const },
  }));
  const endpoint = liveOf({ ...service, endpoints: batch }, mixpanel.contracts.as_is).endpoints[0] ?? null;
  const body = (key: string, padding = 0) =>
    JSON.stringify({ api_key: key, batch: [{ api_key: anotherKey, event: 'x'.repeat(padding) }] });

  it('is a key, and within them is none', () => {
    for (const sent of [body(virtualKey), body(virtualKey, 100_000), gzipSync(body(virtualKey))]) {
      expect(keysIn(post(sent), service, endpoint)).toEqual([virtualKey]);
    }
  });
});
