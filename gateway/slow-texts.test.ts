import { type Crafted, crafted } from '@drawbridge/scan/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { serviceOf } from './minimise/testing/cross.ts';
import { besideOf } from './testing/beside.ts';
import { startTestGateway } from './testing/gateway.ts';
import { answerJson, bearer, send } from './testing/send.ts';
import { startStandIn } from './testing/standin.ts';

/** Long bodies through a whole worker, beside short ones. */

const vendor = await startStandIn((_request, response) => {
  answerJson(response, { choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' } }] });
});
const service = serviceOf('openai');
const { recommended } = service.contracts;
const start = (contract = recommended) => startTestGateway({ ai: vendor.port, service, contract });
const gateway = await start();
const closing = [gateway.close, vendor.close];
afterAll(async () => {
  for (const close of closing) await close();
});

const textOf = (name: string, length: number): string =>
  crafted(length).find((one: Crafted) => one.name === name)?.text ?? '';

describe('a text that was made to cost time', () => {
  // In one go they would wait for nearly all of it. A busy machine is slow for all of them.
  const MOST_MS = 350;
  const MOST_SHARE = 1 / 3;

  it('holds up nobody beside it', async () => {
    const { small, long, status } = await besideOf(
      gateway.port,
      gateway.key,
      textOf('short names', 8 * 1024 * 1024 - 100),
    );
    expect(status).toBe(200);
    expect(small.length).toBeGreaterThan(5);
    expect(Math.max(...small)).toBeLessThan(Math.max(MOST_MS, long * MOST_SHARE));
  }, 60_000);
});

describe('a long text', () => {
  const mail = 'anna.berger@example.com';
  const sentOf = () => vendor.received.at(-1)?.body.toString() ?? '';
  const chat = (content: string) =>
    send(gateway.port, '/ai/v1/chat/completions', {
      headers: bearer(gateway.key),
      body: JSON.stringify({ model: 'made-up-1', messages: [{ role: 'user', content }] }),
    });

  it('is treated as a short one is, wherever its pieces are cut', async () => {
    for (const at of [8180, 8192, 65_530, 100_000]) {
      const text = `${'x y '.repeat(40_000).slice(0, at)} ${mail} ${'z '.repeat(50_000)}`;
      expect((await chat(text)).status).toBe(200);
      expect(sentOf()).not.toContain(mail);
      const [token] = /\[\[EMAIL_[0-9A-Z]+\]\]/.exec(sentOf()) ?? [];
      expect(sentOf()).toContain(text.replace(mail, token ?? 'none'));
    }
  });

  it('is refused where a contract refuses what it holds', async () => {
    const key = gateway.key;
    const { status, body } = await chat(`${'x y '.repeat(50_000)} ${key}`);
    expect([status, body]).toEqual([403, expect.stringContaining('virtual key')]);
    expect(body).not.toContain(key);
  });

  it('of more than is looked through is refused, and looked through where the contract says `slow`', async () => {
    const { text } = recommended;
    if (text === undefined) throw new TypeError('the contract has no text looked through');
    const slow = await start({ ...recommended, text: { ...text, over_budget: 'slow' } });
    closing.unshift(slow.close);
    const body = JSON.stringify({
      model: 'made-up-1',
      messages: [{ role: 'user', content: `${'word '.repeat(1_700_000)} ${mail}` }],
    });
    const path = '/ai/v1/chat/completions';
    const refused = await send(gateway.port, path, { headers: bearer(gateway.key), body });
    expect([refused.status, refused.body]).toEqual([413, expect.stringContaining('smaller pieces')]);
    expect((await send(slow.port, path, { headers: bearer(slow.key), body })).status).toBe(200);
    expect(sentOf()).toMatch(/word word .*\[\[EMAIL_[0-9A-Z]+\]\]/);
    expect(sentOf()).not.toContain(mail);
  }, 30_000);
});
