import { mkdir, mkdtemp, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeaseHolder, type Limit } from '@drawbridge/leases';
import type { Service, VirtualKey } from '@drawbridge/protocol';
import { afterEach, expect, test } from 'vitest';
import { type StartedGateway, startTestGateway } from '../testing/gateway.ts';
import { answerJson, bearer, send } from '../testing/send.ts';
import { aiService } from '../testing/services.ts';
import { type StandIn, startStandIn } from '../testing/standin.ts';
import { openLeaseDesk } from './desk.ts';
import { UsageMeter } from './meter.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const made = { source: 'made up for tests', as_of: '2026-01-01' };
const priced: Service = {
  ...aiService,
  prices: [
    { model: 'made-up-*', input: 2, output: 10, currency: 'EUR', ...made },
    { model: 'made-up-dear', input: 200, output: 1000, currency: 'EUR', ...made },
  ],
};
const nothing = { requests: null, tokens: null, money: null };
const PATH = '/priced/v1/chat/completions';
const asking = (model: string): string => JSON.stringify({ model, messages: [] });

async function withBudget(
  perDay: Partial<NonNullable<VirtualKey['per_day']>>,
  answer: (response: ServerResponse, headers: Record<string, unknown>) => void,
): Promise<{
  ask: (
    model?: string,
    path?: string,
    body?: string,
  ) => Promise<{ status: number; code: string; after: string | undefined }>;
  vendor: StandIn;
  gateway: StartedGateway;
}> {
  const vendor = await startStandIn((request, response) => answer(response, { ...request.headers }));
  closing.push(() => vendor.close());
  const gateway = await startTestGateway();
  closing.push(() => gateway.close());
  const { deployment, worker, port } = gateway;
  const upstream = { scheme: 'http' as const, host: '127.0.0.1', port: vendor.port, private: true };
  await deployment.connect({ slug: 'priced', service: priced, upstream });
  const key = deployment.issue({ connections: ['priced'], perDay: { ...nothing, ...perDay } });
  const snapshot = await deployment.snapshot();
  for (const each of snapshot.services) if (each.service.id === priced.id) each.service = priced;
  await worker.apply(snapshot);
  return {
    vendor,
    gateway,
    async ask(model = 'made-up-1', path = PATH, body = asking(model)) {
      const got = await send(port, path, { headers: bearer(key), body });
      const code = got.status === 200 ? '' : JSON.parse(got.body).error.code;
      return { status: got.status, code, after: got.headers['retry-after'] as string | undefined };
    },
  };
}

const usage = (input: number, output: number) => ({
  usage: { prompt_tokens: input, completion_tokens: output },
});

test('requests per day: not one more than the budget, and the refusal says when it ends', async () => {
  const { ask, vendor, gateway } = await withBudget({ requests: 3 }, (response) => answerJson(response, {}));
  const answers = await Promise.all(Array.from({ length: 9 }, () => ask()));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  expect(vendor.received).toHaveLength(3);
  const refused = answers.find(({ status }) => status !== 200);
  expect(refused).toMatchObject({ status: 429, code: 'budget_exhausted' });
  const midnight = 86_400 - (Math.floor(Date.now() / 1000) % 86_400);
  expect(Math.abs(Number(refused?.after) - midnight)).toBeLessThanOrEqual(5);
  expect(JSON.stringify(await gateway.entries())).toContain('"budget_exhausted"');
});

test('tokens per day, as the vendor counts them; at run-out no more than what was under way', async () => {
  const { ask, vendor } = await withBudget({ tokens: 100 }, (response) =>
    answerJson(response, usage(30, 10)),
  );
  const one: number[] = [];
  for (let round = 0; round < 6; round++) one.push((await ask()).status);
  expect(one).toEqual([200, 200, 200, 429, 429, 429]);
  expect(vendor.received).toHaveLength(3);
});

test('what was under way together when tokens ran out is the most that goes over', async () => {
  const { ask, vendor } = await withBudget({ tokens: 100 }, (response) =>
    answerJson(response, usage(90, 20)),
  );
  const together = await Promise.all(Array.from({ length: 4 }, () => ask()));
  expect(together.every(({ status }) => status === 200)).toBe(true);
  expect((await ask()).code).toBe('budget_exhausted');
  expect(vendor.received).toHaveLength(4);
});

test('money per day by the pack’s prices, the longest name that fits; a model without a price is refused', async () => {
  const { ask, vendor } = await withBudget({ money: { micros: 1_000, currency: 'EUR' } }, (response) =>
    answerJson(response, usage(100, 10)),
  );
  expect(await ask('nobody-knows')).toMatchObject({ status: 403, code: 'price_unknown' });
  expect(vendor.received).toHaveLength(0);
  // 100 × 2 + 10 × 10 millionths each.
  const cheap: number[] = [];
  for (let round = 0; round < 5; round++) cheap.push((await ask('made-up-1')).status);
  expect(cheap).toEqual([200, 200, 200, 200, 429]);
});

test('a body that names two models is refused: the vendor may take the one that was not priced', async () => {
  const { ask, vendor } = await withBudget({ money: { micros: 1_000, currency: 'EUR' } }, (response) =>
    answerJson(response, usage(1, 1)),
  );
  for (const two of ['made-up-dear","model":"made-up-1', 'made-up-dear","mod\\u0065l":"made-up-1']) {
    const body = `{"model":"${two}","messages":[]}`;
    expect(await ask(undefined, PATH, body)).toMatchObject({ status: 403, code: 'price_unknown' });
  }
  expect(vendor.received).toHaveLength(0);
});

test('a dearer model uses the budget up at once; a currency without a price refuses', async () => {
  const dear = await withBudget({ money: { micros: 10_000, currency: 'EUR' } }, (response) =>
    answerJson(response, usage(100, 10)),
  );
  expect([(await dear.ask('made-up-dear')).status, (await dear.ask('made-up-1')).status]).toEqual([200, 429]);
  const dollars = await withBudget({ money: { micros: 10_000, currency: 'USD' } }, (response) =>
    answerJson(response, usage(100, 10)),
  );
  expect((await dollars.ask('made-up-1')).code).toBe('price_unknown');
});

test('streams are read along; an answer that says nothing counts its bytes', async () => {
  let compressed: unknown = 'never asked';
  const streamed = await withBudget({ tokens: 50 }, (response, headers) => {
    compressed = headers['accept-encoding'];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"delta":{"content":"\\"usage\\":{\\"prompt_tokens\\":1}"}}]}\n\n');
    response.end(
      'data: {"choices":[],"usage":{"prompt_tokens":40,"completion_tokens":20}}\n\ndata: [DONE]\n\n',
    );
  });
  expect([(await streamed.ask()).status, (await streamed.ask()).status]).toEqual([200, 429]);
  expect(compressed).toBe('identity');
  const silent = await withBudget({ tokens: 400 }, (response) => answerJson(response, 'x'.repeat(500)));
  expect([(await silent.ask()).status, (await silent.ask()).status]).toEqual([200, 429]);
  const failing = await withBudget({ tokens: 10 }, (response) => {
    response.writeHead(500, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { code: 'made_up', message: 'x'.repeat(500) } }));
  });
  await failing.ask();
  await failing.ask();
  expect(failing.vendor.received).toHaveLength(2);
});

test('a meter takes the largest numbers from head and tail, whatever pieces they come in', () => {
  const events = [
    'event: message_start\ndata: {"message":{"usage":{"input_tokens":7,"cache_read_input_tokens":90,"output_tokens":1}}}\n\n',
    `data: ${'x'.repeat(100_000)}\n\n`,
    'event: message_delta\ndata: {"usage":{"output_tokens":33}}\n\n',
  ].join('');
  for (const size of [1_000, 4_096, 16_384, 50_000, 200_000]) {
    const meter = new UsageMeter();
    for (let at = 0; at < events.length; at += size) meter.read(Buffer.from(events.slice(at, at + size)));
    expect(meter.usage()).toEqual({ input: 97, output: 33 });
  }
  expect(new UsageMeter().usage()).toBeNull();
});

const day = (cap: number): Limit => ({ cap, windowMs: 86_400_000, aligned: true });
const silentLog = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

async function house() {
  const directory = await mkdtemp(join(tmpdir(), 'drawbridge-budget-'));
  closing.push(() => rm(directory, { recursive: true, maxRetries: 5 }));
  const open = () => openLeaseDesk({ directory, holders: () => 1, now: Date.now, log: silentLog });
  return { directory, open };
}

test('a budget outlives its process: after a crash what was handed out counts, after a stop only what was used', async () => {
  const { open, directory } = await house();
  const first = await open();
  const holder = new LeaseHolder(first.lease, Date.now);
  for (let use = 0; use < 100; use++) expect(await holder.take('key', day(1_000))).toBeNull();
  const kept: { accounts: { key: { used: number } } } = JSON.parse(
    await readFile(join(directory, 'budgets.json'), 'utf8'),
  );
  expect(kept.accounts.key.used).toBeGreaterThanOrEqual(100);
  // A crash: nothing is given back.
  const second = await open();
  const after = new LeaseHolder(second.lease, Date.now);
  let left = 0;
  while (left < 2_000 && (await after.take('key', day(1_000))) === null) left += 1;
  expect(left).toBeLessThanOrEqual(900);
  expect(left).toBeGreaterThan(900 - 20);

  const tidy = await open();
  const other = new LeaseHolder(tidy.lease, Date.now);
  for (let use = 0; use < 100; use++) await other.take('tidy', day(1_000));
  tidy.giveBack(other.release());
  await tidy.close();
  const third = new LeaseHolder((await open()).lease, Date.now);
  let rest = 0;
  while (rest < 2_000 && (await third.take('tidy', day(1_000))) === null) rest += 1;
  expect(rest).toBe(900);
});

test('a file of budgets that can not be read closes them for the day, and caps of a minute go on', async () => {
  const { open, directory } = await house();
  await writeFile(join(directory, 'budgets.json'), '{"v":1,"accounts":{"key":{"ends":');
  const holder = new LeaseHolder((await open()).lease, Date.now);
  expect(await holder.take('key', day(10))).toMatchObject({ waitMs: expect.any(Number) });
  expect(await holder.take('key/minute', { cap: 1, windowMs: 60_000, aligned: false })).toBeNull();
});

test('budgets that were closed for the day are not opened by a restart', async () => {
  const { open, directory } = await house();
  await writeFile(join(directory, 'budgets.json'), '{"v":1,');
  await (await open()).close();
  const holder = new LeaseHolder((await open()).lease, Date.now);
  expect(await holder.take('key', day(10))).toMatchObject({ waitMs: expect.any(Number) });
});

test('a disk that can not keep what is handed out refuses, and has used nothing up once it can again', async () => {
  const { open, directory } = await house();
  const holder = new LeaseHolder((await open()).lease, Date.now);
  await mkdir(join(directory, 'budgets.json.new'));
  holder.spend('key', day(10), 4);
  for (let use = 0; use < 40; use++) await expect(holder.take('key', day(10))).rejects.toThrow('EISDIR');
  await rmdir(join(directory, 'budgets.json.new'));
  let taken = 0;
  while (taken < 20 && (await holder.take('key', day(10))) === null) taken += 1;
  expect(taken).toBe(6);
});
