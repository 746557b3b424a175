import { randomBytes } from 'node:crypto';
import type { Leaf } from '@drawbridge/protocol';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { serviceOf } from './minimise/testing/cross.ts';
import { startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { startStandIn } from './testing/standin.ts';

/**
 * The unmodified openai SDK through a whole worker with the pack's recommended contract, and what the vendor got. People,
 * accounts and keys are made up; keys are put together here, so that nobody takes them for leaked ones.
 */
const service = serviceOf('openai');
const mail = 'anna.berger@example.com';
const name = 'Anna Berger';
// The example of ISO 13616.
const iban = 'DE89 3704 0044 0532 0130 00';
const word = (length: number): string => randomBytes(length).toString('hex').slice(0, length);
const vendorKey = `mu-proj-${word(40)}`;
const kept = `kept-${word(32)}`;
const scan = {
  rules: [{ id: 'made_up.project_key', class: 'secret.api_key' as const, forms: ['mu-proj-{hex:40}'] }],
  kept: [{ id: 'credential made-up', secret: kept }],
};
const TOKEN = /\[\[[A-Z]+_[0-9A-HJKMNP-TV-Z]{8,13}\]\]/;

/** Says what it was told, in pieces where that is asked for. */
const vendor = await startStandIn((_request, response, body) => {
  const asked: unknown = body[0] === 0x7b ? JSON.parse(body.toString()) : {};
  const { messages = [], stream } = asked as { messages?: { content: unknown }[]; stream?: boolean };
  const content = String(messages.at(-1)?.content ?? 'Yes.');
  const head = { id: 'made-up', object: 'chat.completion' };
  if (stream !== true) {
    const message = { role: 'assistant', content };
    answerJson(response, { ...head, choices: [{ index: 0, finish_reason: 'stop', message }] });
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const piece of content.match(/.{1,3}/gs) ?? []) {
    const delta = { choices: [{ index: 0, delta: { content: piece } }] };
    response.write(`data: ${JSON.stringify({ ...head, ...delta })}\n\n`);
  }
  response.end('data: [DONE]\n\n');
});
const start = (options: TestGatewayOptions = {}) =>
  startTestGateway({ ai: vendor.port, service, contract: 'recommended', scan, ...options });
const gateway = await start();
const closing = [gateway.close, vendor.close];
afterAll(async () => {
  for (const close of closing) await close();
});
beforeEach(() => {
  vendor.received.length = 0;
});

const client = new OpenAI({
  apiKey: gateway.key,
  baseURL: `http://127.0.0.1:${gateway.port}/ai/v1`,
  maxRetries: 0,
});
const crossed = (): string =>
  vendor.received.map(({ url, headers, body }) => `${url}\n${headers.join('\n')}\n${body}`).join('\n');
const chat = (content: string, more: object = {}) =>
  client.chat.completions.create({ model: 'made-up-1', messages: [{ role: 'user', content }], ...more });
const leaves = async (of = gateway): Promise<Leaf[]> =>
  (await of.entries()).filter((entry): entry is Leaf => entry.type === 'crossing');

describe('people', () => {
  it('stay here, wherever text can hold them', async () => {
    await client.chat.completions.create({
      model: 'made-up-1',
      messages: [
        { role: 'system', content: `You help Mrs. ${name}.` },
        { role: 'user', content: [{ type: 'text', text: `My address is ${mail}, pay from ${iban}.` }] },
        {
          role: 'assistant',
          tool_calls: [
            {
              id: 'call_1',
              type: 'function',
              function: { name: 'find', arguments: JSON.stringify({ mail, nested: { last_name: name } }) },
            },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: JSON.stringify({ found: [mail], [mail]: 1 }) },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'find', description: `As ${mail} asked`, parameters: { type: 'object' } },
        },
      ],
      metadata: { user_id: mail },
      ...({ brand_new: [mail] } as object),
    });
    await client.responses.create({
      model: 'made-up-1',
      instructions: `Write to ${mail}`,
      input: [
        { role: 'user', content: [{ type: 'input_text', text: iban }] },
        { type: 'function_call_output', call_id: 'call_1', output: `{"m":"anna.berger\\u0040example.com"}` },
      ],
    });
    await client.embeddings.create({ model: 'made-up-1', input: [mail, iban] });
    const lines = `${JSON.stringify({ custom_id: '1', method: 'POST', url: '/v1/chat/completions', body: { messages: [{ role: 'user', content: mail }] } })}\n`;
    await client.files.create({ purpose: 'batch', file: await toFile(Buffer.from(lines), `${mail}.jsonl`) });
    await client.files.create({
      purpose: 'user_data',
      file: await toFile(Buffer.from(`name,mail\nx,${mail}\n`), 'people.csv'),
    });
    expect(vendor.received).toHaveLength(5);
    for (const held of ['anna', 'berger', 'example.com', '0532 0130', '05320130']) {
      expect(crossed().toLowerCase()).not.toContain(held);
    }
    const sent = JSON.parse(vendor.received[0]?.body.toString() ?? '');
    const [token] = TOKEN.exec(sent.metadata.user_id) ?? [];
    expect(token).toMatch(/^\[\[EMAIL_/);
    // One value is one token, wherever it stands.
    expect(JSON.parse(sent.messages[2].tool_calls[0].function.arguments)).toEqual({
      mail: token,
      nested: { last_name: expect.stringMatching(/^\[\[PERSON_/) },
    });
    expect(JSON.parse(sent.messages[3].content)).toEqual({ found: [token], [token ?? '']: 1 });
    expect(sent.tools[0].function).toEqual({
      name: 'find',
      description: `As ${token} asked`,
      parameters: { type: 'object' },
    });
    const [chatted] = await leaves();
    expect(chatted?.fields).toContainEqual(['person.email', 'tokenise', 7]);
    expect(chatted?.fields).toContainEqual(['payment.iban', 'tokenise', 1]);
    expect(chatted?.fields).toContainEqual(['person.name', 'tokenise', 2]);
  });

  it('have the same token in each turn', async () => {
    await chat(`I am ${mail}`);
    await chat(`${mail}, again`, { messages: [{ role: 'user', content: `again: ${mail}` }] });
    const tokens = vendor.received.map(({ body }) => TOKEN.exec(body.toString())?.[0]);
    expect(tokens[0]).toBeDefined();
    expect(tokens[1]).toBe(tokens[0]);
  });

  it('come back in the answer, whole and in pieces', async () => {
    const asked = `I am ${mail}, and she is Mrs. ${name}.`;
    expect((await chat(asked)).choices[0]?.message.content).toBe(asked);
    const messages = [{ role: 'user' as const, content: asked }];
    let text = '';
    for await (const piece of await client.chat.completions.create({ model: 'm', messages, stream: true })) {
      text += piece.choices[0]?.delta.content ?? '';
    }
    expect(text).toBe(asked);
    expect(crossed()).not.toMatch(/anna|berger/i);
  });

  it('come back each as it was, where two are nearly the same', async () => {
    const asked = [
      'Call +49 30 901820 ext. 5 or +49 30 9018205, phone +٤٩ ٣٠ ٩٠١٨٢٠ or +٤٩ ٣٠ ٩٠١٨٢١.',
      'password=Pass@Word.Com1 and password=pass@word.com1',
    ].join(' ');
    expect((await chat(asked)).choices[0]?.message.content).toBe(asked);
    expect(crossed()).not.toMatch(/9018|word.com|٩٠١٨/i);
  });

  it('stay here in names of parameters, files and what lies beside the lines of a batch', async () => {
    await send(
      gateway.port,
      `/ai/v1/chat/completions?${encodeURIComponent(mail)}=${encodeURIComponent(mail)}`,
      {
        headers: bearer(gateway.key),
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'x' }] }),
      },
    );
    const line = { custom_id: '1', [mail]: 1, body: { messages: [{ role: 'user', content: 'x' }] } };
    const batch = await toFile(Buffer.from(`${JSON.stringify(line)}\n`), 'batch.jsonl');
    await client.files.create({ purpose: 'batch', file: batch });
    const settings = await toFile(Buffer.from(`MAIL=${mail}\n`), `settings for ${mail}.env`);
    await client.files.create({ purpose: 'user_data', file: settings });
    expect(vendor.received).toHaveLength(3);
    expect(crossed()).not.toMatch(/anna|berger/i);
    expect(crossed()).toMatch(/filename="settings for \[\[EMAIL_\w+\]\]\.env"/);
  });

  it('are in no log line and in no leaf', async () => {
    await chat(`Write to ${mail}`);
    expect(JSON.stringify([gateway.logged, await gateway.entries()])).not.toMatch(/anna|berger/i);
  });
});

describe('secrets', () => {
  it.each([
    ['a key of a known form', () => `Use ${vendorKey}!`, 'made_up.project_key'],
    ['a kept one', () => `Use ${kept}!`, 'credential made-up'],
    ['the virtual key', () => `Use ${gateway.key}!`, 'virtual key'],
  ])('refuse: %s', async (_, text, said) => {
    const asked = chat(text());
    await expect(asked).rejects.toMatchObject({
      status: 403,
      code: 'field_refused',
      message: expect.stringContaining(said),
    });
    await expect(asked).rejects.toMatchObject({ message: expect.stringContaining('messages[*].content') });
    await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining(text()) });
    expect(vendor.received).toEqual([]);
    const leaf = (await leaves()).at(-1);
    expect(leaf).toMatchObject({ decision: 'refused', fields: [['secret.api_key', 'refuse', 1]] });
  });

  it('refuse in a name, a number of a tool, a file', async () => {
    const file = await toFile(Buffer.from(`a,b\n1,${vendorKey}\n`), 'people.csv');
    await expect(client.files.create({ purpose: 'user_data', file })).rejects.toMatchObject({ status: 403 });
    const args = JSON.stringify({ [vendorKey]: 1 });
    const tool = { id: 'c', type: 'function', function: { name: 'f', arguments: args } };
    await expect(chat('x', { messages: [{ role: 'assistant', tool_calls: [tool] }] })).rejects.toMatchObject({
      status: 403,
    });
    expect(vendor.received).toEqual([]);
  });
});

describe('what the vendor keeps', () => {
  it('is not gone on from where a pack says only that it is kept', async () => {
    const endpoints = service.endpoints.map(({ history: _, ...endpoint }) =>
      endpoint.id === 'responses' ? { ...endpoint, kept_history: ['previous_response_id'] } : endpoint,
    );
    const other = await start({ service: { ...service, endpoints } });
    closing.unshift(other.close);
    const ask = (id: string | null) =>
      send(other.port, '/ai/v1/responses', {
        headers: bearer(other.key),
        body: JSON.stringify({ model: 'm', input: 'x', previous_response_id: id }),
      });
    const refused = await ask('resp_1');
    expect([refused.status, JSON.parse(refused.body).error.code]).toEqual([403, 'kept_at_vendor']);
    expect((await ask(null)).status).toBe(200);
    expect(vendor.received).toHaveLength(1);
  });
});

describe('a document of plain text', () => {
  it('is looked through, where a picture would stand', async () => {
    const anthropic = serviceOf('anthropic');
    const other = await start({ service: anthropic });
    closing.unshift(other.close);
    const documentOf = (source: object) => ({ role: 'user', content: [{ type: 'document', source }] });
    const picture = Buffer.from(randomBytes(900)).toString('base64');
    const ask = (data: string) =>
      send(other.port, '/ai/v1/messages', {
        headers: { 'x-api-key': other.key, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'm',
          max_tokens: 9,
          messages: [
            documentOf({ type: 'text', media_type: 'text/plain', data }),
            documentOf({ type: 'base64', media_type: 'application/pdf', data: picture }),
          ],
        }),
      });
    expect((await ask(`Write to ${mail}.`)).status).toBe(200);
    expect(crossed()).toContain(picture);
    expect(crossed()).not.toMatch(/anna|berger/i);
    expect((await ask(`Use ${vendorKey}.`)).status).toBe(403);
    expect(vendor.received).toHaveLength(1);
  });
});

describe('too much text', () => {
  it('is refused', async () => {
    const asked = chat('x '.repeat(4_300_000));
    await expect(asked).rejects.toMatchObject({ status: 413, code: 'scan_over_budget' });
    expect(vendor.received).toEqual([]);
  });
});

describe('in other modes', () => {
  const body = (text: string) => JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] });

  it.each([
    ['observe', { mode: 'observe' }],
    ['break_glass', { breakGlass: { id: 'glass-1', until: Date.now() + 3_600_000 } }],
  ] as const)(
    '%s: text crosses as it was, secrets do not, and what would be is said',
    async (mode, options) => {
      const other = await start(options);
      closing.unshift(other.close);
      const ask = (text: string) =>
        send(other.port, '/ai/v1/chat/completions', { headers: bearer(other.key), body: body(text) });
      expect((await ask(`I am ${mail}`)).status).toBe(200);
      expect(vendor.received[0]?.body.toString()).toBe(body(`I am ${mail}`));
      expect((await ask(vendorKey)).status).toBe(403);
      expect(vendor.received).toHaveLength(1);
      const [leaf, refused] = await leaves(other);
      expect(leaf).toMatchObject({ mode, decision: 'forwarded' });
      expect(leaf?.fields).toContainEqual(['person.email', 'pass', 1]);
      expect(leaf?.would?.fields).toContainEqual(['person.email', 'tokenise', 1]);
      expect(refused).toMatchObject({ mode, decision: 'refused', reason: 'field_refused' });
    },
  );

  it('minimise: tokens are made, and what is no secret refuses nothing', async () => {
    const contract = structuredClone(service.contracts.recommended);
    if (contract.text === undefined) throw new Error('the recommended contract looks through no text');
    contract.text.found['payment.iban'] = { do: 'refuse' };
    const other = await start({ mode: 'minimise', contract });
    closing.unshift(other.close);
    const { status } = await send(other.port, '/ai/v1/chat/completions', {
      headers: bearer(other.key),
      body: body(`${mail} ${iban}`),
    });
    expect(status).toBe(200);
    const sent = vendor.received[0]?.body.toString() ?? '';
    expect(sent).toMatch(TOKEN);
    expect(sent).toContain('[removed: Bank account (IBAN)]');
    const [leaf] = await leaves(other);
    expect(leaf?.would?.fields).toEqual([['payment.iban', 'refuse', 1]]);
  });
});
