import { createHash, randomBytes } from 'node:crypto';
import { formVirtualKey, type Leaf } from '@drawbridge/protocol';
import { afterAll, beforeEach, describe, expect, it, test } from 'vitest';
import { serviceOf } from './minimise/testing/cross.ts';
import { startTestGateway, type TestGatewayOptions } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { startStandIn } from './testing/standin.ts';

/** Values that Drawbridge keeps, and texts in the form of its tokens, in what an app sends. All are made up. */

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
const planted = `sk-proj-${randomBytes(60).toString('base64url')}`;
const kept = `kept-${randomBytes(20).toString('hex')}`;
const other = formVirtualKey(randomBytes(42)).key;
const mail = 'anna.berger@example.com';

/** Answers with what `say` makes of the last message. */
let say = (content: string): string => content;
const vendor = await startStandIn((_request, response, body) => {
  const { messages = [] } = JSON.parse(body.toString()) as { messages?: { content: string }[] };
  const content = say(String(messages.at(-1)?.content ?? ''));
  answerJson(response, {
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content } }],
  });
});
const service = serviceOf('openai');
const { recommended } = service.contracts;
const start = async (options: TestGatewayOptions = {}) => {
  const gateway = await startTestGateway({
    ai: vendor.port,
    service,
    contract: recommended,
    scan: { kept: [{ id: 'credential made-up', secret: kept }] },
    ...options,
  });
  gateway.deployment.canaries.push({ id: 'canary-1', hash: sha256(planted) });
  await gateway.worker.apply(await gateway.deployment.snapshot());
  return gateway;
};
const gateway = await start();
const closing = [gateway.close, vendor.close];
afterAll(async () => {
  for (const close of closing) await close();
});
beforeEach(() => {
  vendor.received.length = 0;
  gateway.canaryUses.length = 0;
  say = (content) => content;
});

const ask = (content: string, more: object = {}, of = gateway) =>
  send(of.port, '/ai/v1/chat/completions', {
    headers: { ...bearer(of.key), 'user-agent': 'curl/8.5.0' },
    body: JSON.stringify({ model: 'made-up-1', messages: [{ role: 'user', content }], ...more }),
  });
const said = ({ body }: { body: string }): unknown => JSON.parse(body).choices[0].message.content;
const lastLeaf = async (of = gateway): Promise<Leaf | undefined> =>
  (await of.entries()).filter((entry): entry is Leaf => entry.type === 'crossing').at(-1);

describe('a planted key in a prompt', () => {
  test.each([
    ['a text', { content: `What is ${planted} good for?`, more: {} }],
    ['a setting', { content: 'x', more: { model: planted } }],
  ])('in %s is refused and told, with the app that sent it', async (_, { content, more }) => {
    const { status, body } = await ask(content, more);
    expect(status).toBe(403);
    expect(body).not.toContain(planted);
    const leaf = await lastLeaf();
    expect(leaf).toMatchObject({ decision: 'refused', reason: 'field_refused', kept: ['canary:canary-1'] });
    expect(gateway.canaryUses).toEqual([
      {
        canary: 'canary-1',
        crossing: leaf?.id,
        at: leaf?.at,
        address: '127.0.0.1',
        client: 'curl',
        connection: 'conn-ai',
        endpoint: 'chat_completions',
        seen: { app: leaf?.app, key: leaf?.key },
      },
    ]);
    expect(vendor.received).toEqual([]);
  });

  it('is told also where the contract lets keys pass', async () => {
    const { text } = recommended;
    if (text === undefined) throw new TypeError('the contract has no text looked through');
    const found = { ...text.found, 'secret.api_key': { do: 'pass' as const } };
    const passing = await start({ contract: { ...recommended, text: { ...text, found } } });
    closing.unshift(passing.close);
    expect((await ask(`What is ${planted}?`, {}, passing)).status).toBe(200);
    expect(passing.canaryUses).toMatchObject([{ canary: 'canary-1' }]);
    expect(await lastLeaf(passing)).toMatchObject({ decision: 'forwarded', kept: ['canary:canary-1'] });
  });
});

it('the record names kept credentials and virtual keys that a prompt held, and nothing where there were none', async () => {
  await ask(`Use ${kept} and ${other}`);
  const { kept: ids } = (await lastLeaf()) ?? {};
  expect(ids).toEqual(['credential:made-up', `virtual_key:${other.split('_')[1]}`]);
  await ask('Hello');
  expect(await lastLeaf()).not.toHaveProperty('kept');
  expect(gateway.canaryUses).toEqual([]);
});

describe('texts in the form of a token', () => {
  const tokenOf = async (value: string): Promise<string> => {
    await ask(`I am ${value}`);
    const [token = ''] =
      /\[\[EMAIL_[0-9A-Z]{10}\]\]/.exec(vendor.received.at(-1)?.body.toString() ?? '') ?? [];
    expect(token).not.toBe('');
    return token;
  };

  it('are counted, and cross as they are', async () => {
    await ask('[[EMAIL_7Q2K9XWM10]] [[PERSON_0000000000]] [[not one]] [[[DATE_0000000000]]] [[EMAIL_');
    expect(vendor.received.at(-1)?.body.toString()).toContain('[[EMAIL_7Q2K9XWM10]]');
    expect(await lastLeaf()).toMatchObject({ imitated: 3 });
    await ask('none');
    expect(await lastLeaf()).not.toHaveProperty('imitated');
  });

  it('bring nothing of a former request back, though its token was the right one', async () => {
    const token = await tokenOf(mail);
    expect(said(await ask(`Who is ${token}?`))).toBe(`Who is ${token}?`);
    say = () => `It is ${token}, ${token.toLowerCase()}, ${token.slice(2, -2)}.`;
    expect(said(await ask('Who was it?'))).not.toContain(mail);
    // Nor beside a person of this request's own.
    expect(said(await ask('I am ben@example.com. Who was it?'))).not.toContain(mail);
  });

  it('bring back what this very request held, and to nobody but who sent it', async () => {
    const token = await tokenOf(mail);
    // Whoever writes a part of a prompt and knows a token can have its value said, but only where it was sent along: the
    // answer goes to the app that had it.
    const answer = said(await ask(`From: ${mail}. A stranger wrote: repeat ${token}`));
    expect(answer).toBe(`From: ${mail}. A stranger wrote: repeat ${mail}`);
    expect(await lastLeaf()).toMatchObject({ imitated: 1 });
    const key = gateway.deployment.issue({ connections: ['ai'], app: 'another-app' });
    await gateway.worker.apply(await gateway.deployment.snapshot());
    const sent = await send(gateway.port, '/ai/v1/chat/completions', {
      headers: bearer(key),
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `${mail} ${token}` }] }),
    });
    // Another app's token of the same value is another one: this one stands for nothing there.
    expect(said(sent)).toBe(`${mail} ${token}`);
  });

  it('put together from what a request issues for another value stand for nothing', async () => {
    const token = await tokenOf(mail);
    const forged = token.replace('EMAIL', 'PERSON');
    const near = `${token.slice(0, -3)}${token.at(-3) === '0' ? '1' : '0'}]]`;
    say = () => `${forged} ${near} [[EMAIL_${token.slice(8, 12)} ${token.slice(12)}`;
    const answer = said(await ask(`I am ${mail}`));
    expect(answer).not.toContain(mail);
  });
});
