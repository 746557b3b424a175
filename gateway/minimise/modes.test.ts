import { gunzipSync, gzipSync } from 'node:zlib';
import type { ConnectionMode, ContractDocument } from '@drawbridge/protocol';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal/index.ts';
import {
  credential,
  cross,
  incomingOf,
  keyed,
  liveOf,
  serviceOf,
  virtualKey,
  wire,
} from './testing/cross.ts';

/** The same requests in each mode. People are made up. */

const anna = 'anna.berger@example.com';

function liveIn(
  vendor: string,
  mode: ConnectionMode,
  change: (rules: ContractDocument) => void = () => undefined,
) {
  const service = serviceOf(vendor);
  const rules = structuredClone(service.contracts.recommended);
  change(rules);
  return liveOf(service, rules, [], mode);
}

function refusalOf(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const sorted = (rows: readonly (readonly [string, string, number])[]) =>
  rows.map((row) => row.join(' ')).sort();

const event = JSON.stringify([
  {
    event: 'Invoice opened',
    properties: {
      token: virtualKey,
      distinct_id: anna,
      $email: anna,
      $city: 'Graz',
      'made up': { deep: [1, { x: 2 }] },
      time: 1_762_942_812,
    },
  },
]);
const base64 = (text: string) => encodeURIComponent(Buffer.from(text).toString('base64'));
const withCredential = (text: string) => text.replace(virtualKey, credential);

describe('observe', () => {
  const mixpanel = liveIn('mixpanel', 'observe');
  const enforced = liveIn('mixpanel', 'enforce');
  const headers = { 'user-agent': 'Made/1.0', 'x-made-up': 'left as it is', connection: 'keep-alive' };

  it.each([
    ['JSON', event, withCredential(event)],
    [
      'a form of JSON',
      `verbose=1&data=${encodeURIComponent(event)}`,
      `verbose=1&data=${encodeURIComponent(withCredential(event))}`,
    ],
    ['a form of base64', `data=${base64(event)}&made=up`, `data=${base64(withCredential(event))}&made=up`],
  ])('changes nothing but the credential in %s', (_, body, expected) => {
    const crossed = cross(mixpanel, incomingOf('POST', '/track?ip=1&verbose=1&made=%C3%BCp', headers, body));
    expect(crossed.body.toString()).toBe(expected);
    expect(crossed.query).toBe('ip=1&verbose=1&made=%C3%BCp');
    expect(crossed.headers).toEqual(['user-agent', 'Made/1.0', 'x-made-up', 'left as it is']);
    expect(crossed.would?.reason).toBeNull();
  });

  it('changes nothing but the credential inside gzip', () => {
    const crossed = cross(mixpanel, incomingOf('POST', '/track', headers, gzipSync(event)));
    expect(gunzipSync(crossed.body).toString()).toBe(withCredential(event));
  });

  it('says that all of it passed, and what the contract would have done with the same values', () => {
    const request = incomingOf('POST', '/track?ip=1', {}, event);
    const observed = cross(mixpanel, request);
    const byContract = cross(enforced, request);
    expect(observed.fields.every(([, treatment]) => treatment === 'pass')).toBe(true);
    expect(sorted(observed.would?.contract ?? [])).toEqual(sorted(byContract.fields));
    expect(observed.would?.fields).toContainEqual(['person.email', 'drop', 1]);
    expect(byContract.would).toBeNull();
    const [{ item } = { item: null }] = observed.items;
    expect(item?.subject).toBe(keyed.subject(anna));
    expect(item?.fields.every(({ treatment }) => treatment === 'pass')).toBe(true);
  });

  it('keeps a body in the query where it is, and leaves GET a GET', () => {
    const query = `data=${base64(event)}&_=1`;
    const crossed = cross(mixpanel, incomingOf('GET', `/track?${query}`));
    expect(crossed.method).toBe('GET');
    expect(crossed.query).toBe(`data=${base64(withCredential(event))}&_=1`);
  });

  it('lets the headers of the app pass, and never the key, a hop’s own, or the client’s address', () => {
    const openai = liveIn('openai', 'observe');
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], user: anna });
    const crossed = cross(
      openai,
      incomingOf(
        'POST',
        '/v1/chat/completions',
        {
          authorization: `Bearer ${virtualKey}`,
          'openai-organization': 'org-made-up',
          'x-trace': 'left as it is',
          'x-copy-of-key': virtualKey,
          'x-hop': 'of this hop',
          connection: 'x-hop',
          cookie: 'session=made-up',
          'content-length': '9',
          'x-forwarded-for': '203.0.113.7',
        },
        body,
      ),
    );
    expect(crossed.headers).toEqual([
      'authorization',
      `Bearer ${credential}`,
      'openai-organization',
      'org-made-up',
      'x-trace',
      'left as it is',
    ]);
    expect(crossed.body.toString()).toBe(body);
    expect(crossed.fields).toContainEqual(['network.ip', 'drop', 1]);
    expect(crossed.fields).toContainEqual(['content.unmapped', 'pass', 1]);
    expect(crossed.would?.fields).toContainEqual(['content.unmapped', 'drop', 1]);
    expect(crossed.would?.fields).toContainEqual(['org.vendor_account', 'drop', 1]);
  });

  it('passes an envelope on, with the key in its head replaced', () => {
    const sentry = liveIn('sentry', 'observe');
    const item = JSON.stringify({ message: 'made up', user: { email: anna }, server_name: 'host-1' });
    const head = (key: string) =>
      `{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","trace":{"public_key":"${key}"}}\n`;
    const items = `{"type":"event","length":${item.length}}\n${item}\n`;
    const envelope = head(virtualKey) + items;
    const crossed = cross(
      sentry,
      incomingOf('POST', `/api/1/envelope?sentry_key=${virtualKey}`, {}, envelope),
    );
    expect(crossed.body.toString()).toBe(head(credential) + items);
    expect(crossed.query).toBe(`sentry_key=${credential}`);
    expect(crossed.would?.fields).toContainEqual(['person.email', expect.any(String), 1]);
  });

  it('lets a body that can’t be read go on as it is, but not where a key may stand in it', () => {
    const openai = liveIn('openai', 'observe');
    const key = { authorization: `Bearer ${virtualKey}` };
    const crossed = cross(openai, incomingOf('POST', '/v1/chat/completions', key, '{"model":'));
    expect(crossed.body.toString()).toBe('{"model":');
    expect(crossed.would?.reason).toBe('body_unreadable');
    expect(crossed.fields).toContainEqual(['content.unmapped', 'pass', 1]);
    // The key stands in what is read ahead, and the body ends in the middle of it all.
    const long = `[${Array.from({ length: 400 }, () => event.slice(1, -1)).join(',')}`;
    const refusal = refusalOf(() => cross(mixpanel, incomingOf('POST', '/track', {}, long)));
    expect(refusal.code).toBe('body_unreadable');
  });

  it('says why enforce would have refused', () => {
    const strict = liveIn('openai', 'observe', (rules) => {
      rules.classes['person.id'] = { do: 'refuse' };
    });
    const key = { authorization: `Bearer ${virtualKey}` };
    const body = JSON.stringify({ model: 'm', messages: [], user: anna });
    const crossed = cross(strict, incomingOf('POST', '/v1/chat/completions', key, body));
    expect(crossed.body.toString()).toBe(body);
    expect(crossed.would?.reason).toBe('field_refused');
    expect(crossed.would?.fields).toContainEqual(['person.id', 'refuse', 1]);
  });

  it('leaves a path as it is, also with a segment that the contract can’t let cross', () => {
    const strict = liveIn('openai', 'observe', (rules) => {
      rules.classes['model.parameter'] = { do: 'drop' };
    });
    const key = { authorization: `Bearer ${virtualKey}` };
    const crossed = cross(strict, incomingOf('GET', '/v1/models/gpt-made-up', key));
    expect(crossed.path).toBe('/v1/models/gpt-made-up');
    expect(crossed.would).toMatchObject({ reason: 'field_refused' });
  });
});

describe('minimise', () => {
  const key = { authorization: `Bearer ${virtualKey}` };
  const strict = liveIn('openai', 'minimise', (rules) => {
    rules.classes['person.id'] = { do: 'refuse' };
    rules.classes['model.parameter'] = { do: 'drop' };
  });

  it('drops what the contract refuses, and says so', () => {
    const body = JSON.stringify({ messages: [], user: anna });
    const crossed = cross(strict, incomingOf('POST', '/v1/chat/completions', key, body));
    expect(wire(crossed)).not.toContain(anna);
    expect(crossed.fields).toContainEqual(['person.id', 'drop', 1]);
    expect(crossed.would?.fields).toEqual([['person.id', 'refuse', 1]]);
    expect(crossed.would?.reason).toBe('field_refused');
  });

  it('puts a pseudonym where a path can’t do without a segment', () => {
    const crossed = cross(strict, incomingOf('GET', '/v1/models/gpt-made-up', key));
    expect(crossed.path).toBe(`/v1/models/${keyed.pseudonym('gpt-made-up')}`);
    expect(crossed.fields).toContainEqual(['model.parameter', 'pseudonymise', 1]);
    expect(crossed.would?.fields).toEqual([['model.parameter', 'refuse', 1]]);
  });

  it('does not pass on a body that it can’t read', () => {
    const refusal = refusalOf(() =>
      cross(strict, incomingOf('POST', '/v1/chat/completions', key, '{"model":')),
    );
    expect(refusal.code).toBe('body_unreadable');
  });
});

describe('a secret', () => {
  const body = JSON.stringify({ model: 'm', messages: [], api_key: 'made-up-secret-of-ours' });
  const key = { authorization: `Bearer ${virtualKey}` };
  const holding = (treatment: 'drop' | 'refuse', mode: ConnectionMode) =>
    liveIn('openai', mode, (rules) => {
      rules.properties.api_key = { class: 'secret.api_key', treatment: { do: treatment } };
    });

  it.each(['observe', 'minimise'] as const)('is dropped or refused in %s as the contract says', (mode) => {
    const request = incomingOf('POST', '/v1/chat/completions', key, body);
    const dropped = cross(holding('drop', mode), request);
    expect(wire(dropped)).not.toContain('made-up-secret-of-ours');
    expect(dropped.fields).toContainEqual(['secret.api_key', 'drop', 1]);
    expect(refusalOf(() => cross(holding('refuse', mode), request))).toMatchObject({
      code: 'field_refused',
      fieldClass: 'secret.api_key',
    });
  });
});
