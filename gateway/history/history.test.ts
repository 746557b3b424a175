import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI, { toFile } from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serviceOf } from '../minimise/testing/cross.ts';
import type { Deployment } from '../testing/deployment.ts';
import { type StartedGateway, startTestGateway } from '../testing/gateway.ts';
import { bearer, send } from '../testing/send.ts';
import { historyFiles } from './files.ts';
import { HistoryShelf } from './shelf.ts';
import { type KeepingVendor, startKeepingVendor } from './testing/vendor.ts';

/**
 * What vendors keep and give back later, through whole workers with the vendors' own SDKs and the packs' recommended
 * contracts. The vendor repeats all that it kept: who reads an answer sees at once what was put back. People are made up.
 */
const anna = 'anna.berger@example.com';
const ben = 'ben.made-up@example.com';
const cara = 'cara@example.com';
const dora = '"D" <dora@example.com>';
const DAY = 86_400_000;
const openaiService = serviceOf('openai');

let vendor: KeepingVendor;
let folder: string;
let first: StartedGateway;
const started: StartedGateway[] = [];
let now = 0;

const shelfOf = (log: Deployment, files?: ConstructorParameters<typeof HistoryShelf>[0]['files']) =>
  new HistoryShelf({
    directory: folder,
    diskKey: log.gatewayKeys.snapshotKey,
    clock: () => Date.now() + now,
    random: randomBytes,
    log: { debug: note, info: note, warn: note, error: note },
    ...(files === undefined ? {} : { files }),
  });
let noted: unknown[] = [];
const note = (detail: unknown): void => void noted.push(detail);

async function start(more: Parameters<typeof startTestGateway>[0] = {}): Promise<StartedGateway> {
  const gateway = await startTestGateway({
    ai: vendor.port,
    service: openaiService,
    contract: 'recommended',
    history: shelfOf,
    ...more,
  });
  started.push(gateway);
  return gateway;
}
/** A worker of the same gateway, on the same directory. */
const beside = () => start({ deployment: first.deployment });
const openai = ({ port }: StartedGateway, apiKey = first.key) =>
  new OpenAI({ apiKey, baseURL: `http://127.0.0.1:${port}/ai/v1`, maxRetries: 0 });

beforeAll(async () => {
  vendor = await startKeepingVendor();
});
beforeEach(async () => {
  [now, noted] = [0, []];
  vendor.received.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-history-'));
  first = await start();
});
afterEach(async () => {
  for (const gateway of started.splice(0)) await gateway.close();
  await rm(folder, { recursive: true, force: true });
  expect(vendor.got()).not.toMatch(/anna|berger|\bben\b|cara|dora/i);
});
afterAll(() => vendor.close());

const model = 'made-up-1';
const unknown = { status: 403, code: 'history_unknown' };

/** The files of the table. */
async function entries(): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.length > 2);
}

describe('a chain of responses', () => {
  it('comes back whole in each answer, over two workers', async () => {
    const [one, other] = [openai(first), openai(await beside())];
    const a = await one.responses.create({ model, input: `I am ${anna}.` });
    const b = await other.responses.create({ model, input: `And ${ben}.`, previous_response_id: a.id });
    const c = await one.responses.create({ model, input: `Then ${cara}.`, previous_response_id: b.id });
    expect(c.output_text).toBe(`I am ${anna}. | And ${ben}. | Then ${cara}.`);
    const d = await other.responses.create({ model, input: 'No more.', previous_response_id: c.id });
    expect(d.output_text).toBe(`I am ${anna}. | And ${ben}. | Then ${cara}. | No more.`);
  });

  it('comes back streamed, and the id is known as soon as the app has it', async () => {
    const client = openai(first);
    const a = await client.responses.create({ model, input: `I am ${anna}.` });
    const stream = await client.responses.create({
      model,
      input: `And ${ben}.`,
      previous_response_id: a.id,
      stream: true,
    });
    const other = openai(await beside());
    let text = '';
    let again: string | null = null;
    for await (const event of stream) {
      if (event.type === 'response.created')
        again = (await other.responses.retrieve(event.response.id)).output_text;
      if (event.type === 'response.output_text.delta') text += event.delta;
    }
    expect([text, again]).toEqual([`I am ${anna}. | And ${ben}.`, `I am ${anna}. | And ${ben}.`]);
  });

  it('goes on by a reference to one of its items', async () => {
    const client = openai(first);
    const a = await client.responses.create({ model, input: `I am ${anna}.` });
    const item = a.output[0]?.id ?? '';
    const b = await client.responses.create({ model, input: [{ type: 'item_reference', id: item }] });
    expect(b.output_text).toBe(`I am ${anna}.`);
    await expect(
      client.responses.create({ model, input: [{ id: 'msg_unknown' }] as never }),
    ).rejects.toMatchObject(unknown);
  });

  it('survives the end of the worker, and is read by nobody without its key', async () => {
    const a = await openai(first).responses.create({ model, input: `I am ${anna}.` });
    await first.close();
    started.splice(0);
    const files = await entries();
    expect(files).toHaveLength(2);
    for (const file of files) {
      const bytes = await readFile(join(folder, file), 'latin1');
      expect(`${file} ${Buffer.from(bytes, 'base64')} ${bytes}`).not.toMatch(/anna|EMAIL|resp_|msg_/i);
    }
    const again = await beside();
    const b = await openai(again).responses.create({ model, input: 'Who?', previous_response_id: a.id });
    expect(b.output_text).toBe(`I am ${anna}. | Who?`);
    // Another gateway has another disk key.
    const elsewhere = await start();
    const asked = openai(elsewhere, elsewhere.key).responses.retrieve(a.id);
    await expect(asked).rejects.toMatchObject(unknown);
  });
});

describe('an id that is not known', () => {
  const tries = (client: OpenAI, id: string): Record<string, () => Promise<unknown>> => ({
    previous: () => client.responses.create({ model, input: 'x', previous_response_id: id }),
    conversation: () => client.responses.create({ model, input: 'x', conversation: id }),
    'conversation.id': () => client.responses.create({ model, input: 'x', conversation: { id } }),
    retrieved: () => client.responses.retrieve(id),
    cancelled: () => client.responses.cancel(id),
    completion: () => client.chat.completions.retrieve(id),
    file: () => client.files.content(id),
    'in a message': () =>
      client.chat.completions.create({
        model,
        messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: id } }] }],
      }),
    batch: () => client.batches.retrieve(id),
    'of a batch': () =>
      client.batches.create({ input_file_id: id, endpoint: '/v1/responses', completion_window: '24h' }),
  });

  it('is refused, wherever it is named', async () => {
    for (const [name, asked] of Object.entries(tries(openai(first), 'resp_of_before'))) {
      await expect(asked(), name).rejects.toMatchObject(unknown);
    }
    expect(vendor.received).toEqual([]);
  });

  it('is refused within a line of a batch', async () => {
    const body = { model, input: 'x', previous_response_id: 'resp_of_before' };
    const lines = JSON.stringify({ custom_id: '1', method: 'POST', url: '/v1/responses', body });
    const file = await toFile(Buffer.from(`${lines}\n`), 'batch.jsonl');
    const asked = openai(first).files.create({ purpose: 'batch', file });
    await expect(asked).rejects.toMatchObject(unknown);
    await expect(asked).rejects.toThrow(/file\.lines\[\*\]\.body\.previous_response_id/);
    expect(vendor.received).toEqual([]);
  });

  it('is refused, whatever it is', async () => {
    for (const id of [7, {}, 'x'.repeat(5_000_000), '../../../etc/passwd', 'a\u0000b\n', '']) {
      const body = JSON.stringify({ model, input: 'x', previous_response_id: id });
      const answer = await send(first.port, '/ai/v1/responses', { headers: bearer(first.key), body });
      expect([answer.status, JSON.parse(answer.body).error.code]).toEqual([403, 'history_unknown']);
      expect(answer.body.length).toBeLessThan(1_000);
    }
    expect(await entries()).toEqual([]);
  });

  it('is refused where the vendor may take the second of two, or reads what is escaped', async () => {
    const a = await openai(first).responses.create({ model, input: 'x' });
    for (const body of [
      `{"input":"x","previous_response_id":"${a.id}","previous_response_id":"resp_x"}`,
      `{"input":"x","previous\\u005fresponse_id":"resp_x"}`,
    ]) {
      const answer = await send(first.port, '/ai/v1/responses', { headers: bearer(first.key), body });
      expect(answer.status).toBe(403);
    }
  });

  it("is another app's", async () => {
    const a = await openai(first).responses.create({ model, input: `I am ${anna}.` });
    const key = first.deployment.issue({ connections: ['ai'] });
    const issued = first.deployment.keys.at(-1);
    if (issued !== undefined) issued.app = 'app-other';
    await first.worker.apply(await first.deployment.snapshot());
    for (const asked of Object.values(tries(openai(first, key), a.id))) {
      await expect(asked()).rejects.toMatchObject(unknown);
    }
    expect((await openai(first).responses.retrieve(a.id)).output_text).toContain(anna);
  });

  it('may be deleted', async () => {
    await openai(first).responses.delete('resp_of_before');
    expect(vendor.received).toHaveLength(1);
  });

  it('passes where nothing becomes a token, and is noted where a contract only looks on', async () => {
    const [plain, seen] = [await start({ contract: 'as_is' }), await start({ mode: 'observe' })];
    for (const gateway of [plain, seen]) {
      await openai(gateway, gateway.key).responses.create({
        model,
        input: 'x',
        previous_response_id: 'resp_of_before',
      });
    }
    const leaf = (await seen.entries()).findLast(({ type }) => type === 'crossing');
    expect(leaf).toMatchObject({ decision: 'forwarded', would: { reason: 'history_unknown' } });
    expect(await entries()).toEqual([]);
  });
});

describe('what is kept apart from an answer', () => {
  it('a background response comes back when it is fetched', async () => {
    const client = openai(first);
    const queued = await client.responses.create({ model, input: `I am ${anna}.`, background: true });
    expect(queued.status).toBe('queued');
    expect((await client.responses.retrieve(queued.id)).output_text).toBe(`I am ${anna}.`);
  });

  it('a conversation has what each request put into it, whatever came of the answers, over two workers', async () => {
    const [one, other] = [openai(first), openai(await beside())];
    const { id } = await one.conversations.create({
      items: [{ type: 'message', role: 'user', content: `I am ${anna}.` }],
    });
    await Promise.all([
      one.responses.create({ model, input: `And ${ben}.`, conversation: id }),
      other.responses.create({ model, input: `Or ${cara}.`, conversation: { id }, store: false }),
    ]);
    const last = await one.responses.create({ model, input: 'Who?', conversation: id });
    expect(last.output_text.split(' | ').sort()).toEqual(
      [`And ${ben}.`, `I am ${anna}.`, `Or ${cara}.`, 'Who?'].sort(),
    );
  });

  it('a completion is known where it was stored, and takes no room where it was not', async () => {
    const client = openai(first);
    const messages = [{ role: 'user' as const, content: `I am ${anna}.` }];
    await client.chat.completions.create({ model, messages });
    expect(await entries()).toEqual([]);
    const { id } = await client.chat.completions.create({ model, messages, store: true });
    const again = await client.chat.completions.retrieve(id);
    expect(again.choices[0]?.message.content).toBe(`I am ${anna}.`);
  });

  it('a response that is not stored takes no room', async () => {
    await openai(first).responses.create({ model, input: `I am ${anna}.`, store: false });
    expect(await entries()).toEqual([]);
  });

  it('a batch comes back line by line from its output and its errors', async () => {
    const client = openai(first);
    const people = [anna, ben, dora];
    const lines = people.map((who, at) =>
      JSON.stringify({
        custom_id: `${at}`,
        method: 'POST',
        url: '/v1/chat/completions',
        body: { model, messages: [{ role: 'user', content: `I am ${who}.` }] },
      }),
    );
    const file = await client.files.create({
      purpose: 'batch',
      file: await toFile(Buffer.from(`${lines.join('\n')}\n`), 'batch.jsonl'),
    });
    const made = await client.batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    await expect(client.files.content('file_unknown')).rejects.toMatchObject(unknown);
    const other = openai(await beside());
    const done = await other.batches.retrieve(made.id);
    const output = await (await other.files.content(done.output_file_id ?? '')).text();
    const said = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).response.body.choices[0].message.content);
    expect(said).toEqual(people.map((who) => `I am ${who}.`));
    const errors = await (await other.files.content(done.error_file_id ?? '')).text();
    expect(
      errors
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).error),
    ).toEqual(lines.map((line) => JSON.stringify(JSON.parse(line))));
    expect((await client.files.retrieve(file.id)).id).toBe(file.id);
  });

  it('a file that is named later comes back as it was', async () => {
    const client = openai(first);
    const text = `name,mail\n"x",${anna}\n`;
    const file = await client.files.create({
      purpose: 'user_data',
      file: await toFile(Buffer.from(text), `for ${ben} only.csv`),
    });
    const { output_text } = await client.responses.create({
      model,
      input: [{ role: 'user', content: [{ type: 'input_file', file_id: file.id }] }],
    });
    expect(output_text).toBe(text);
    expect(await (await client.files.content(file.id)).text()).toBe(text);
    expect((await client.files.retrieve(file.id)).filename).toBe(`for ${ben} only.csv`);
  });

  it("a batch of messages comes back by Anthropic's SDK", async () => {
    const gateway = await start({ service: serviceOf('anthropic') });
    const client = new Anthropic({
      apiKey: gateway.key,
      baseURL: `http://127.0.0.1:${gateway.port}/ai`,
      maxRetries: 0,
    });
    const people = [anna, dora];
    const batch = await client.messages.batches.create({
      requests: people.map((who, at) => ({
        custom_id: `${at}`,
        params: { model, max_tokens: 9, messages: [{ role: 'user', content: `I am ${who}.` }] },
      })),
    });
    const said: string[] = [];
    for await (const { result } of await client.messages.batches.results(batch.id)) {
      const block = result.type === 'succeeded' ? result.message.content[0] : undefined;
      said.push(block?.type === 'text' ? block.text : '');
    }
    expect(said).toEqual(people.map((who) => `I am ${who}.`));
    await expect(client.messages.batches.retrieve('msgbatch_unknown')).rejects.toMatchObject({ status: 403 });
  });
});

describe('the table', () => {
  it('forgets what was not used for its time, and keeps what was', async () => {
    const client = openai(first);
    const a = await client.responses.create({ model, input: `I am ${anna}.` });
    const b = await client.responses.create({ model, input: `And ${ben}.` });
    now = 20 * DAY;
    const c = await client.responses.create({ model, input: 'x', previous_response_id: a.id });
    now = 45 * DAY;
    await expect(client.responses.retrieve(b.id)).rejects.toMatchObject(unknown);
    expect((await client.responses.retrieve(c.id)).output_text).toContain(anna);
  });

  it('refuses what can not be opened, and says so in the log without a word of it', async () => {
    const client = openai(first);
    const a = await client.responses.create({ model, input: `I am ${anna}.` });
    for (const file of await entries()) {
      const bytes = await readFile(join(folder, file));
      bytes[60] = (bytes[60] ?? 0) ^ 1;
      await writeFile(join(folder, file), bytes);
    }
    now = 1;
    await expect(client.responses.retrieve(a.id)).rejects.toMatchObject(unknown);
    expect(JSON.stringify(noted)).toContain('history_damaged');
    expect(JSON.stringify([noted, first.logged])).not.toMatch(/anna|resp_/);
  });

  it('lets an answer pass where the disk is full, and refuses what goes on from it', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const fail = (): never => {
      throw full;
    };
    let isFull = true;
    const files = historyFiles(folder, Date.now);
    const gateway = await start({
      history: (made) =>
        shelfOf(made, {
          ...files,
          append: async (...args) => (isFull ? fail() : files.append(...args)),
          appendNow: (...args) => (isFull ? fail() : files.appendNow(...args)),
        }),
    });
    const client = openai(gateway, gateway.key);
    const a = await client.responses.create({ model, input: `I am ${anna}.` });
    expect(a.output_text).toBe(`I am ${anna}.`);
    expect(JSON.stringify(noted)).toContain('history_not_kept');
    await expect(client.responses.retrieve(a.id)).rejects.toMatchObject(unknown);
    isFull = false;
    const { id } = await client.conversations.create({});
    isFull = true;
    const sent = vendor.received.length;
    await expect(
      client.responses.create({ model, input: `And ${ben}.`, conversation: id }),
    ).rejects.toMatchObject({ status: 503, code: 'history_unavailable' });
    expect(vendor.received).toHaveLength(sent);
    await client.responses.create({ model, input: 'Nobody.', conversation: id });
  });

  it("ends with the vendor's secret", async () => {
    const a = await openai(first).responses.create({ model, input: `I am ${anna}.` });
    first.deployment.renewVendorSecrets();
    await first.worker.apply(await first.deployment.snapshot());
    await expect(openai(first).responses.retrieve(a.id)).rejects.toMatchObject(unknown);
  });
});
