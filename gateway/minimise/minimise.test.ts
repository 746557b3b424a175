import { gzipSync } from 'node:zlib';
import type { ContractDocument } from '@drawbridge/protocol';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../refusal/index.ts';
import {
  anotherKey,
  credential,
  cross,
  dataOf,
  incomingOf,
  keyed,
  liveOf,
  serviceOf,
  virtualKey,
  wire,
} from './testing/cross.ts';

const openai = serviceOf('openai');
const mixpanel = serviceOf('mixpanel');
const recommended = liveOf(mixpanel, mixpanel.contracts.recommended);
const asIs = liveOf(mixpanel, mixpanel.contracts.as_is);
const p = keyed.pseudonym;
const anna = 'anna.berger@example.com';

const encoded = (value: unknown) => encodeURIComponent(Buffer.from(JSON.stringify(value)).toString('base64'));
/** As mixpanel-browser posts a batch through a path prefix. */
const browserPost = (events: unknown, query = 'verbose=1&ip=1&_=1762942812000') =>
  incomingOf(
    'POST',
    `/track/?${query}`,
    {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'Mozilla/5.0 Chrome/142.0 Safari/537',
    },
    `data=${encoded(events)}`,
  );
const event = (properties: object, name = '$mp_web_page_view') => ({
  event: name,
  properties: { token: virtualKey, ...properties },
});

function refusal(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the browser SDK', () => {
  it('keeps one person one: device, identify, alias and profile agree', () => {
    const device = '18c2a7f0e3-0b';
    const sent = cross(
      recommended,
      browserPost([
        event({ distinct_id: `$device:${device}`, $device_id: device }),
        event(
          { distinct_id: anna, $anon_distinct_id: `$device:${device}`, $user_id: anna, $device_id: device },
          '$identify',
        ),
        event({ distinct_id: anna, $device_id: device, $user_id: anna }),
        event({ $distinct_ids: [anna, `$device:${device}`] }, '$merge'),
      ]),
    );
    const [before, identify, after, merge] = dataOf(sent.body) as { properties: Record<string, unknown> }[];
    expect(before?.properties).toMatchObject({ distinct_id: `$device:${p(device)}`, $device_id: p(device) });
    expect(identify?.properties).toMatchObject({
      distinct_id: p(anna),
      $anon_distinct_id: `$device:${p(device)}`,
      $user_id: p(anna),
    });
    expect(after?.properties).toMatchObject({ distinct_id: p(anna), $device_id: p(device) });
    expect(merge?.properties.$distinct_ids).toEqual([p(anna), `$device:${p(device)}`]);
    const engage = cross(
      recommended,
      incomingOf(
        'POST',
        '/engage/?verbose=1&ip=1',
        {},
        `data=${encoded([{ $set: { $email: anna, $browser: 'Chrome' }, $token: virtualKey, $distinct_id: anna, $device_id: device }])}`,
      ),
    );
    expect(dataOf(engage.body)).toEqual([
      { $set: { $browser: 'Chrome' }, $token: credential, $distinct_id: p(anna), $device_id: p(device) },
    ]);
    const subjects = sent.items.map(({ item }) => [item.subject, item.subjectKind, item.links]);
    expect(subjects).toEqual([
      [keyed.subject(device), 'device', []],
      [keyed.subject(anna), 'user', [keyed.subject(device)]],
    ]);
  });

  it('asks for no location of the gateway, whatever the contract', () => {
    for (const live of [recommended, asIs]) {
      for (const query of ['ip=1', 'verbose=1', 'ip=1&ip=1&i%70=1']) {
        const { query: sent } = cross(live, browserPost([event({})], query));
        expect(new URLSearchParams(sent).getAll('ip').every((ip) => ip === '0')).toBe(true);
        expect(new URLSearchParams(sent).has('ip')).toBe(true);
      }
    }
    expect(cross(asIs, browserPost([event({})], 'ip=0&verbose=1')).query).toBe('ip=0&verbose=1');
  });

  it('is sent on as it packed: beacon, gzip, JSON in the form, JSON alone', () => {
    const events = [event({ distinct_id: anna })];
    const json = JSON.stringify(events);
    for (const body of [`data=${encodeURIComponent(json)}`, json, `data=${encoded(events)}`]) {
      const { body: sent } = cross(
        recommended,
        incomingOf('POST', '/track/', { 'content-type': 'text/plain' }, body),
      );
      const expected = body
        .replace(
          encodeURIComponent(json),
          encodeURIComponent(json.replace(anna, p(anna)).replace(virtualKey, credential)),
        )
        .replace(json, json.replace(anna, p(anna)).replace(virtualKey, credential))
        .replace(
          encoded(events),
          encoded([
            { ...event({ distinct_id: p(anna) }), properties: { token: credential, distinct_id: p(anna) } },
          ]),
        );
      expect(sent.toString()).toBe(expected);
      const zipped = cross(recommended, incomingOf('POST', '/track/', {}, gzipSync(body)));
      expect([...zipped.body.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
      expect(wire(zipped)).not.toContain(anna);
    }
  });
});

describe('headers', () => {
  const headers = {
    Authorization: `Bearer ${virtualKey}`,
    Cookie: 'session=anna',
    'X-Forwarded-For': '203.0.113.77',
    'X-Forwarded-Host': 'anna.example.com',
    'X-Real-IP': '203.0.113.77',
    Forwarded: 'for=203.0.113.77',
    'CF-Connecting-IP': '203.0.113.77',
    'True-Client-IP': '203.0.113.77',
    Via: '1.1 anna',
    Connection: 'keep-alive, OpenAI-Beta',
    'OpenAI-Beta': 'anna',
    TE: 'trailers',
    Origin: 'https://anna.example.com',
    Referer: 'https://app.example.com/anna',
    'Accept-Language': 'de-AT',
    'Accept-Encoding': 'gzip, deflate',
    'Sec-CH-UA': 'anna',
    'X-Anna': 'anna',
    'OpenAI-Organization': 'org-anna',
    'User-Agent': 'OpenAI/JS 7.57.0',
    'Content-Type': 'application/json',
  };
  const incoming = incomingOf('POST', '/v1/embeddings', headers, '{"input":"x"}');

  it("cross as the contract says, the credential in the key's place, and nothing else", () => {
    const { headers: sent } = cross(liveOf(openai, openai.contracts.recommended), incoming);
    expect(sent).toEqual([
      ...['Authorization', `Bearer ${credential}`],
      ...['Accept-Encoding', 'gzip, deflate'],
      ...['User-Agent', 'OpenAI/JS'],
      ...['Content-Type', 'application/json'],
    ]);
  });

  it('as it is: listed ones cross, client addresses and sessions never', () => {
    const { headers: sent, fields } = cross(liveOf(openai, openai.contracts.as_is), incoming);
    expect(sent.filter((_, index) => index % 2 === 0)).toEqual([
      'Authorization',
      'Referer',
      'Accept-Language',
      'Accept-Encoding',
      'OpenAI-Organization',
      'User-Agent',
      'Content-Type',
    ]);
    expect(fields).toContainEqual(['network.ip', 'drop', 5]);
  });

  it('never hold addresses even where a pack lists them', () => {
    const names = [
      'x-forwarded-for',
      'x-forwarded-*',
      'cf-connecting-ip',
      'cookie',
      'authorization',
      'x-real-ip',
    ];
    const service = { ...openai, headers: names.map((name) => ({ name, class: 'network.ip' as const })) };
    const { headers: sent } = cross(liveOf(service, openai.contracts.as_is), incoming);
    expect(sent.join()).not.toContain('203.0.113');
    expect(sent.join()).not.toContain('anna');
    expect(sent.join()).not.toContain(virtualKey);
  });

  it('belong to the only subject of the request', () => {
    const body = JSON.stringify({ input: 'x', user: anna });
    const { items } = cross(liveOf(openai, openai.contracts.recommended), {
      ...incoming,
      body: Buffer.from(body),
    });
    expect(items).toHaveLength(1);
    expect(items[0]?.item.subject).toBe(keyed.subject(anna));
  });
});

describe('keys', () => {
  it('are refused when a record far behind holds another one', () => {
    const many = Array.from({ length: 300 }, () => event({ pad: 'x'.repeat(400) }));
    const found = refusal(() =>
      cross(recommended, browserPost([...many, { ...event({}), properties: { token: anotherKey } }])),
    );
    expect(found.code).toBe('key_mixed');
    expect(found.message).not.toContain(anotherKey);
  });

  it('go into the user name of basic credentials, and nothing of the other half crosses', () => {
    const service = { ...openai, auth: [{ in: 'basic' as const, part: 'username' as const }] };
    const pair = Buffer.from(`${virtualKey}:secret of anna`).toString('base64');
    const { headers } = cross(
      liveOf(service, openai.contracts.as_is),
      incomingOf('GET', '/v1/models', { authorization: `Basic ${pair}` }),
    );
    expect(headers).toEqual(['authorization', `Basic ${Buffer.from(`${credential}:`).toString('base64')}`]);
  });

  it('go into the query', () => {
    const service = { ...openai, auth: [{ in: 'query' as const, name: 'key' }] };
    const { query } = cross(
      liveOf(service, openai.contracts.as_is),
      incomingOf('GET', `/v1/models?key=${virtualKey}&x=1`),
    );
    expect(query).toBe(`key=${credential}&x=1`);
  });

  it('without a credential, are refused with a code that makes SDKs keep the data', () => {
    const live = { ...recommended, credential: null, credentialProblem: 'credential_unusable' as const };
    expect(refusal(() => cross(live, browserPost([event({})])))).toMatchObject({
      code: 'credential_unusable',
      later: true,
    });
  });
});

describe('contracts that refuse', () => {
  const refusing: ContractDocument = {
    ...mixpanel.contracts.as_is,
    classes: { 'person.email': { do: 'refuse' }, 'device.user_agent': { do: 'refuse' } },
  };
  const live = liveOf(mixpanel, refusing);

  it('name path and class, never the value', () => {
    const plain = incomingOf('POST', '/track', {}, JSON.stringify(event({ $email: anna })));
    const found = refusal(() => cross(live, plain));
    expect(found).toMatchObject({ code: 'field_refused', stage: 'minimise' });
    expect(found.message).toContain('person.email (at properties.$email)');
    expect(found.message).not.toContain('anna');
    expect(refusal(() => cross(live, browserPost([event({})]))).message).toContain('header:user-agent');
  });

  it("refuse a path that can't do without what they drop", () => {
    const dropping = liveOf(openai, {
      ...openai.contracts.as_is,
      classes: { 'model.parameter': { do: 'drop' } },
    });
    expect(refusal(() => cross(dropping, incomingOf('GET', '/v1/models/m'))).message).toContain('path:model');
    const hiding = liveOf(openai, {
      ...openai.contracts.as_is,
      classes: { 'model.parameter': { do: 'pseudonymise' } },
    });
    expect(cross(hiding, incomingOf('GET', '/v1/models/m%20n/')).path).toBe(`/v1/models/${p('m n')}/`);
  });

  it('treat a parameter apart from the verb that follows it', () => {
    const gemini = serviceOf('google-gemini');
    const hiding = liveOf(gemini, {
      ...gemini.contracts.as_is,
      classes: { 'model.parameter': { do: 'pseudonymise' } },
    });
    const { path } = cross(hiding, incomingOf('POST', '/v1/models/m%20n:countTokens', {}, '{}'));
    expect(path).toBe(`/v1/models/${p('m n')}:countTokens`);
  });
});

it('refuses a path of which the pack gives no class, under any contract', () => {
  const endpoints = openai.endpoints.map((endpoint) => ({ ...endpoint, path_params: {} }));
  const live = liveOf({ ...openai, endpoints }, openai.contracts.as_is);
  const found = refusal(() => cross(live, incomingOf('GET', '/v1/models/anna%40example.com')));
  expect(found).toMatchObject({ code: 'field_refused', stage: 'minimise' });
  expect(found.message).toContain('{model}');
  expect(found.message).not.toContain('anna');
});

describe('what a contract does not touch', () => {
  it('keeps its bytes: bodies, queries and order', () => {
    const body = '{ "model" : "m",\n "input":["\\u0061", 1.50] , "input":null }\n';
    const live = liveOf(openai, openai.contracts.as_is);
    expect(cross(live, incomingOf('POST', '/v1/embeddings?b=%7e&a=+1&&c', {}, body))).toMatchObject({
      query: 'b=%7e&a=+1&&c',
    });
    expect(cross(live, incomingOf('POST', '/v1/embeddings', {}, body)).body.toString()).toBe(body);
    const zipped = gzipSync(body, { level: 1 });
    expect(cross(live, incomingOf('POST', '/v1/embeddings', {}, zipped)).body.equals(zipped)).toBe(true);
  });
});

describe('hostile bodies', () => {
  const post = (body: string | Uint8Array, live = asIs) =>
    cross(live, incomingOf('POST', '/track', {}, body));
  const bomb = gzipSync(`["${'x'.repeat(12 * 1024 * 1024)}"]`);
  it.each<[string, string | Uint8Array, string]>([
    ['a gzip bomb', bomb, 'body_unreadable'],
    ['gzip in gzip', gzipSync(gzipSync('{}')), 'body_unreadable'],
    ['two gzip members', Buffer.concat([gzipSync('{}'), gzipSync(' ')]), 'body_unreadable'],
    ['something behind gzip', Buffer.concat([gzipSync('{}'), Buffer.from('anna')]), 'body_unreadable'],
    ['cut gzip', gzipSync(JSON.stringify(event({}))).subarray(0, 40), 'body_unreadable'],
    ['JSON too deep', `${'['.repeat(65)}${']'.repeat(65)}`, 'body_too_deep'],
    ['too many values', `[${'0,'.repeat(400_001)}0]`, 'body_too_deep'],
    ['no UTF-8', Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'body_unreadable'],
    ['broken JSON', '{"event":"anna', 'body_unreadable'],
    ['two JSON texts', '{}{}', 'body_unreadable'],
    ['a byte order mark', '\ufeff{}', 'body_unreadable'],
    ['two data fields', `data=${encoded({})}&data=${encoded({})}`, 'body_unreadable'],
    ['something else', 'anna@example.com', 'body_unreadable'],
  ])('%s is refused and not quoted', (_, body, code) => {
    const found = refusal(() => post(body));
    expect(found.code).toBe(code);
    expect(found.stage).toBe('inspect');
    expect(found.message).not.toContain('anna');
    expect(found.later).toBe(false);
  });

  it('refuses a body where there must be none, and unreadable data in the query', () => {
    const live = liveOf(openai, openai.contracts.as_is);
    expect(refusal(() => cross(live, incomingOf('GET', '/v1/models', {}, '{}'))).code).toBe('bad_request');
    expect(refusal(() => cross(asIs, incomingOf('GET', '/track?data=%7B%22'))).code).toBe('body_unreadable');
    expect(refusal(() => cross(asIs, incomingOf('GET', `/track?data=${encoded({})}&data=e30`))).code).toBe(
      'body_unreadable',
    );
  });

  it('treats repeated names, prototypes, lone surrogates and huge numbers as what they are', () => {
    const body = `{"event":"$identify","event":"anna","__proto__":{"anna":1},"properties":{"token":"${virtualKey}",
      "distinct_id":"\\ud800anna","distinct_id":123456789012345678901234567890,"$email":1e999,"constructor":"anna",
      "$user_id":["anna",{"anna":"anna"}],"time":-0}}`;
    const sent = cross(recommended, incomingOf('POST', '/track', {}, body));
    expect(wire(sent)).not.toContain('anna');
    const { event: name, properties } = JSON.parse(sent.body.toString());
    expect(name).toBe(p('anna'));
    expect(properties).toEqual({
      token: credential,
      distinct_id: p('123456789012345678901234567890'),
      $user_id: [p('anna')],
      time: -0,
    });
  });

  it('tells only so many names of one request apart', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, index) => [`name ${index}`, index]),
    );
    const { items } = cross(recommended, incomingOf('POST', '/track', {}, JSON.stringify(event(properties))));
    expect(items[0]?.sightings.length).toBeLessThanOrEqual(300);
    expect(items[0]?.item.fields.length).toBeLessThan(400);
  });
});
