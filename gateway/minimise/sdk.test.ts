import { createRequire } from 'node:module';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { compileErrorShapes, Refusal, vendorProblem } from '../refusal/index.ts';
import { credential, dataOf, drive, keyed, liveOf, serviceOf, virtualKey, wire } from './testing/cross.ts';

/** The unmodified SDKs' own requests, through the packs and their recommended contracts. People are made up. */

const anna = 'anna.berger@example.com';

describe('openai', () => {
  const service = serviceOf('openai');
  const live = liveOf(service, service.contracts.recommended);
  const json = (value: unknown) => () => ({ type: 'application/json', body: JSON.stringify(value) });
  const clientAt = (origin: string) =>
    new OpenAI({
      apiKey: virtualKey,
      baseURL: `${origin}/test/v1`,
      organization: 'org-secret',
      project: 'proj-secret',
      maxRetries: 0,
    });
  const completion = {
    id: 'c',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hi' } }],
  };

  it('chats: the prompt crosses, the person becomes a pseudonym, account and machine stay here', async () => {
    const [crossed] = await drive(live, json(completion), async (origin) => {
      await clientAt(origin).chat.completions.create({
        model: 'gpt-5.1',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', name: 'anna-berger', content: [{ type: 'text', text: 'Where is my invoice?' }] },
          {
            role: 'assistant',
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'find', arguments: '{"q":"invoice"}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: 'none' },
        ],
        tools: [{ type: 'function', function: { name: 'find', parameters: { type: 'object' } } }],
        user: anna,
        safety_identifier: anna,
        metadata: { team: 'red' },
      });
    });
    if (crossed === undefined) throw new Error('nothing was sent');
    const body = JSON.parse(crossed.body.toString());
    expect(body.user).toBe(keyed.pseudonym(anna));
    expect(body.safety_identifier).toBe(keyed.pseudonym(anna));
    expect(body.messages[1]).toEqual({
      role: 'user',
      name: keyed.pseudonym('anna-berger'),
      content: [{ type: 'text', text: 'Where is my invoice?' }],
    });
    expect(body.metadata).toEqual({ team: 'red' });
    const sent = wire(crossed);
    for (const held of [anna, 'anna-berger', 'org-secret', 'proj-secret', 'stainless', virtualKey]) {
      expect(sent.toLowerCase()).not.toContain(held);
    }
    expect(headersOf(crossed.headers)).toEqual({
      accept: 'application/json',
      'accept-encoding': expect.any(String),
      authorization: `Bearer ${credential}`,
      'content-type': 'application/json',
      'user-agent': 'OpenAI/JS',
    });
    const [observed] = crossed.items;
    expect(observed?.item.subject).toBe(keyed.subject(anna));
    expect(observed?.sightings.map((sighting) => sighting.hash)).toEqual([keyed.reviewHash('team')]);
    expect(crossed.fields).toContainEqual(['person.id', 'pseudonymise', 2]);
    expect(crossed.fields).toContainEqual(['org.vendor_account', 'drop', 2]);
    // Every parameter that the SDK types know is mapped: nothing is left to the unmapped.
    expect(crossed.fields.map(([fieldClass]) => fieldClass)).not.toContain('content.unmapped');
  });

  it('lets a new parameter cross, and queues it', async () => {
    const [crossed] = await drive(live, json(completion), async (origin) => {
      await clientAt(origin).chat.completions.create({
        model: 'gpt-5.1',
        messages: [],
        ...({ brand_new: { mode: 'x' } } as object),
      });
    });
    expect(JSON.parse(crossed?.body.toString() ?? '').brand_new).toEqual({ mode: 'x' });
    expect(crossed?.items[0]?.sightings).toEqual([
      { hash: keyed.reviewHash('brand_new'), kind: 'parameter', shape: 'object', subject: null },
    ]);
  });

  it('embeds, lists models, and works with responses', async () => {
    const seen = await drive(
      live,
      json({ object: 'list', data: [], output: [], id: 'resp_1' }),
      async (origin) => {
        const client = clientAt(origin);
        await client.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'], user: anna });
        await client.models.list();
        await client.models.retrieve('gpt-5.1');
        await client.responses.create({
          model: 'gpt-5.1',
          instructions: 'Be brief.',
          input: [
            { role: 'user', content: [{ type: 'input_text', text: 'hello' }] },
            { type: 'function_call_output', call_id: 'call_1', output: '{"x":1}' },
          ],
          prompt_cache_key: anna,
          metadata: { note: 'x' },
        });
        await client.responses.retrieve('resp_1', { include: ['file_search_call.results'] });
        await client.responses.inputItems.list('resp_1');
        await client.responses.cancel('resp_1');
        await client.responses.delete('resp_1');
      },
    );
    expect(seen.map((one) => `${one.method} ${one.path}${one.query && `?${one.query}`}`)).toEqual([
      'POST /v1/embeddings',
      'GET /v1/models',
      'GET /v1/models/gpt-5.1',
      'POST /v1/responses',
      'GET /v1/responses/resp_1?include%5B%5D=file_search_call.results',
      'GET /v1/responses/resp_1/input_items',
      'POST /v1/responses/resp_1/cancel',
      'DELETE /v1/responses/resp_1',
    ]);
    for (const one of seen) {
      expect(wire(one)).not.toContain(anna);
      expect(headersOf(one.headers).authorization).toBe(`Bearer ${credential}`);
      expect(one.fields.map(([fieldClass]) => fieldClass)).not.toContain('content.unmapped');
    }
  });
});

describe("refusals in the vendor's own shape", () => {
  it('stop the openai SDK from trying again, and show it the reason; "later" makes it try again', async () => {
    const service = serviceOf('openai');
    const shapes = compileErrorShapes(service.errors);
    for (const [code, tries] of [
      ['policy_denied', 1],
      ['journal_unavailable', 2],
    ] as const) {
      const answer = vendorProblem(new Refusal(code, 'authorise', 'because "so"'), shapes);
      let requests = 0;
      const client = new OpenAI({
        apiKey: virtualKey,
        baseURL: 'http://vendor.example.com/v1',
        maxRetries: 1,
        fetch: async () => {
          requests++;
          const headers: [string, string][] = [['retry-after-ms', '1']];
          for (let at = 0; at < answer.headers.length; at += 2) {
            headers.push([answer.headers[at] ?? '', answer.headers[at + 1] ?? '']);
          }
          return new Response(answer.body.toString(), { status: answer.status, headers });
        },
      });
      await expect(client.models.list()).rejects.toMatchObject({
        status: answer.status,
        code,
        message: expect.stringContaining('because "so"'),
      });
      expect(requests).toBe(tries);
    }
  });
});

interface MixpanelClient {
  track(event: string, properties: object, done: (error: unknown) => void): void;
  track_batch(events: object[], done: (errors: unknown) => void): void;
  alias(distinctId: string, alias: string, done: (error: unknown) => void): void;
  people: {
    set(id: string, properties: object, modifiers: object, done: (error: unknown) => void): void;
    union(id: string, data: object, done: (error: unknown) => void): void;
    unset(id: string, names: string[], done: (error: unknown) => void): void;
    delete_user(id: string, done: (error: unknown) => void): void;
  };
  groups: { set(key: string, id: string, properties: object, done: (error: unknown) => void): void };
}

describe('mixpanel', () => {
  const Mixpanel: { init(token: string, config: object): MixpanelClient } = createRequire(import.meta.url)(
    'mixpanel',
  );
  const service = serviceOf('mixpanel');
  const live = liveOf(service, service.contracts.recommended);
  const one = () => ({ type: 'text/plain', body: '1' });
  const done = (call: (done: (error: unknown) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
  const clientAt = (origin: string) => {
    const gateway = new URL(origin);
    return Mixpanel.init(virtualKey, {
      protocol: gateway.protocol.slice(0, -1),
      host: gateway.host,
      path: '/test',
    });
  };
  const p = keyed.pseudonym;

  it('tracks, aliases, sets profiles and groups: one pseudonym throughout, and forms instead of queries', async () => {
    const seen = await drive(live, one, async (origin) => {
      const client = clientAt(origin);
      await done((cb) =>
        client.track(
          'Opened case of Anna',
          {
            distinct_id: anna,
            $email: anna,
            $name: 'Anna Berger',
            ip: '203.0.113.77',
            $city: 'Graz',
            country: 'Austria',
            mp_country_code: 'DE',
            $browser: 'Mobile Safari',
            $os: 'iOS',
            $referrer: 'https://search.example.net/?q=anna',
            $current_url: `https://app.example.com/team/4711?mail=${anna}`,
            org_id: 'org-4711',
            plan_of_anna: 'Anna pays late',
            time: 1_762_942_812,
          },
          cb,
        ),
      );
      await done((cb) => client.alias('18c2a-device', anna, cb));
      await done((cb) =>
        client.people.set(anna, { $email: anna, ip: '203.0.113.77', org_id: 'org-4711' }, {}, cb),
      );
      await done((cb) => client.people.union(anna, { $email: [anna, 'b@example.com'] }, cb));
      await done((cb) => client.people.unset(anna, ['$email', 'note of Anna'], cb));
      await done((cb) => client.people.delete_user(anna, cb));
      await done((cb) => client.groups.set('company', 'Berger GmbH', { $name: 'Berger GmbH' }, cb));
      await done((cb) =>
        client.track_batch(
          [{ event: 'Signed up', properties: { distinct_id: anna, company: 'Berger GmbH' } }],
          cb,
        ),
      );
    });
    for (const crossed of seen) {
      const sent = wire(crossed);
      for (const held of [
        'anna',
        'Anna',
        'Berger',
        'Graz',
        '4711',
        '203.0.113',
        'search.example',
        'device',
        virtualKey,
      ]) {
        expect(sent).not.toContain(held);
      }
      expect(crossed.method).toBe('POST');
      expect(new URLSearchParams(crossed.query).get('ip')).toBe('0');
      expect(crossed.query).not.toContain('data');
      expect(headersOf(crossed.headers)['content-type']).toBe('application/x-www-form-urlencoded');
    }
    const [track, alias, set, union, unset, remove, group, batch] = seen.map((crossed) =>
      dataOf(crossed.body),
    );
    expect(track).toEqual({
      event: p('Opened case of Anna'),
      properties: {
        distinct_id: p(anna),
        country: 'other',
        mp_country_code: 'DE',
        $browser: 'Safari',
        $current_url: `https://app.example.com/${p('team')}/:id`,
        org_id: p('org-4711'),
        time: 1_762_942_812,
        token: credential,
        mp_lib: 'node',
        $lib_version: expect.any(String),
      },
    });
    expect(alias).toMatchObject({
      event: '$create_alias',
      properties: { distinct_id: p('18c2a-device'), alias: p(anna), token: credential },
    });
    expect(set).toEqual({ $token: credential, $distinct_id: p(anna), $set: { org_id: p('org-4711') } });
    expect(union).toEqual({ $token: credential, $distinct_id: p(anna), $union: {} });
    expect(unset).toEqual({
      $token: credential,
      $distinct_id: p(anna),
      $unset: ['$email', p('note of Anna')],
    });
    expect(remove).toEqual({ $token: credential, $distinct_id: p(anna), $delete: '' });
    expect(group).toEqual({
      $token: credential,
      $group_key: 'company',
      $group_id: p('Berger GmbH'),
      $set: {},
    });
    expect(batch).toEqual([
      {
        event: p('Signed up'),
        properties: { distinct_id: p(anna), company: p('Berger GmbH'), token: credential },
      },
    ]);
  });

  it('as it is: the same calls leave as they came, but for the key, the place and who calls', async () => {
    const asIs = liveOf(service, service.contracts.as_is);
    const properties = { distinct_id: anna, 'any name': { deep: [1, null] }, $city: 'Graz' };
    const [crossed] = await drive(asIs, one, async (origin) => {
      await done((cb) => clientAt(origin).track('Opened', { ...properties }, cb));
    });
    expect(dataOf(crossed?.body ?? Buffer.alloc(0))).toEqual({
      event: 'Opened',
      properties: { ...properties, token: credential, mp_lib: 'node', $lib_version: expect.any(String) },
    });
    expect(crossed?.items[0]?.item.subject).toBe(keyed.subject(anna));
  });
});

function headersOf(pairs: readonly string[]): Record<string, string> {
  const out: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2) out[(pairs[at] ?? '').toLowerCase()] = pairs[at + 1] ?? '';
  return out;
}
