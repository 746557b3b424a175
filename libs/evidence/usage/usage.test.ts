import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPieces } from '../testing.ts';

/** Reports of use as the APIs answer them. All numbers and ids are made up. */
const DAY = 86_400;
const START = 1_793_491_200; // 2026-11-01
const result = (more: object = {}) => ({
  object: 'organization.usage.completions.result',
  input_tokens: 1000,
  output_tokens: 500,
  input_cached_tokens: 800,
  num_model_requests: 5,
  project_id: null,
  user_id: null,
  api_key_id: 'key_made_up_1',
  model: null,
  batch: null,
  ...more,
});
const bucket = (day: number, results: readonly object[]) => ({
  object: 'bucket',
  start_time: START + day * DAY,
  end_time: START + (day + 1) * DAY,
  results,
});
const page = (data: readonly object[], more = false) => ({
  object: 'page',
  data,
  has_more: more,
  next_page: more ? 'AAAA' : null,
});
const read = (value: unknown, name = 'usage.json') =>
  readPieces(name, typeof value === 'string' ? value : JSON.stringify(value));
const usageOf = async (value: unknown, name?: string) => {
  const { usage } = await read(value, name);
  if (usage === null) throw new Error('it was not read as a report of use');
  return usage;
};

describe('pages of organization.usage', () => {
  test('one page: spans, counts, keys; what is not grouped is null', async () => {
    const file = await read(page([bucket(0, [result(), result({ api_key_id: null })]), bucket(1, [])], true));
    expect(file.format).toBe('organization-usage');
    expect(file.usage).toEqual({
      shape: 'organization-usage',
      of: 'completions',
      buckets: [
        { line: 1, start: START * 1000, end: (START + DAY) * 1000 },
        { line: 2, start: (START + DAY) * 1000, end: (START + 2 * DAY) * 1000 },
      ],
      rows: ['key_made_up_1', null].map((key) => ({
        bucket: 0,
        key,
        requests: 5,
        input: 1000,
        output: 500,
        cost: null,
        currency: null,
        batch: false,
      })),
      more: true,
    });
    expect(file.traces).toMatchObject([
      { kind: 'service', value: 'organization-usage', grade: 'observed', detail: { via: 'usage_report' } },
    ]);
  });

  test('pages one after the other, in a list, spread over lines, packed, and cut anywhere are the same', async () => {
    const pages = [page([bucket(0, [result()])], true), page([bucket(1, [result({ batch: true })])])];
    const whole = await usageOf(pages);
    expect(whole).toMatchObject({ more: false, rows: [{ bucket: 0 }, { bucket: 1, batch: true }] });
    const lines = pages.map((one) => JSON.stringify(one)).join('\n');
    expect(await usageOf(lines, 'usage.jsonl')).toEqual(whole);
    expect(await usageOf(pages.map((one) => JSON.stringify(one, null, 2)).join('\n'))).toEqual(whole);
    const packed = gzipSync(lines);
    expect((await readPieces('usage.jsonl.gz', packed)).usage).toEqual(whole);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 90 }), { maxLength: 40 }), async (sizes) => {
        expect((await readPieces('u.json', lines, {}, sizes)).usage).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  test('costs are millionths of their currency', async () => {
    const cost = {
      object: 'organization.costs.result',
      amount: { value: '0.0600000000000001', currency: 'usd' },
      line_item: null,
    };
    const usage = await usageOf(page([bucket(0, [cost])]));
    expect(usage).toMatchObject({ of: 'costs', rows: [{ cost: 60_000, currency: 'USD', requests: null }] });
  });
});

const messages = (more: object = {}) => ({
  uncached_input_tokens: 1500,
  cache_creation: { ephemeral_1h_input_tokens: 1000, ephemeral_5m_input_tokens: 500 },
  cache_read_input_tokens: 200,
  output_tokens: 500,
  api_key_id: 'apikey_made_up',
  workspace_id: 'wrkspc_made_up',
  model: 'claude-made-up',
  service_tier: 'standard',
  context_window: '0-200k',
  server_tool_use: { web_search_requests: 10 },
  ...more,
});

test('pages of usage_report: tokens as answers count them, and no requests', async () => {
  const data = [
    { ending_at: '2026-11-02T00:00:00Z', results: [messages()], starting_at: '2026-11-01T00:00:00Z' },
    {
      ending_at: '2026-11-03T00:00:00Z',
      results: [messages({ service_tier: 'batch', api_key_id: null })],
      starting_at: '2026-11-02T00:00:00Z',
    },
  ];
  expect(await usageOf({ data, has_more: false, next_page: null })).toMatchObject({
    shape: 'messages-usage-report',
    of: 'messages',
    buckets: [{ start: START * 1000 }, { end: (START + 2 * DAY) * 1000 }],
    rows: [
      { key: 'apikey_made_up', requests: null, input: 1500, output: 500, batch: false },
      { key: null, batch: true },
    ],
  });
});

test('pages of cost_report: cents', async () => {
  const data = [
    {
      starting_at: '2026-11-01T00:00:00Z',
      ending_at: '2026-11-02T00:00:00Z',
      results: [{ currency: 'USD', amount: '123.45', workspace_id: null, description: null }],
    },
  ];
  expect(await usageOf({ data, has_more: false })).toMatchObject({
    shape: 'cost-report',
    rows: [{ cost: 1_234_500, currency: 'USD' }],
  });
});

describe('a table of use by day', () => {
  test('by its usual names, rows of a day add to one span', async () => {
    const usage = await usageOf(
      'date,api_key_id,requests,total_tokens\n2026-11-01,key_a,3,100\n2026-11-01,key_b,4,\n',
      'use.csv',
    );
    expect(usage.buckets).toHaveLength(1);
    expect(usage.rows).toMatchObject([
      { key: 'key_a', requests: 3, input: 100, output: 0 },
      { key: 'key_b', requests: 4, input: null },
    ]);
  });

  test('by a mapping', async () => {
    const file = await readPieces('x.csv', 'Tag;Anzahl\n01.11.2026;7\n', {
      format: 'usage-csv',
      mapping: { at: 'Tag', requests: 'anzahl' },
    });
    expect(file.usage).toMatchObject({ of: null, rows: [{ requests: 7, key: null }] });
  });

  test.each([
    ['no day', 'date,requests\n2026-11-01 10:00,3\n', { line: 2, field: 'at' }],
    ['no count', 'date,requests\n2026-11-01,-3\n', { line: 2, field: 'requests' }],
    ['a formula', 'date,requests\n2026-11-01,=1+1\n', { line: 2, field: 'requests' }],
    ['nothing counted', 'date,requests\n2026-11-01,\n', { line: 2, field: 'requests' }],
    ['no column', 'date,what\n2026-11-01,1\n', { line: 1, field: 'requests' }],
  ])('%s is refused by line and field', async (_, text, at) => {
    await expect(readPieces('x.csv', text, { format: 'usage-csv' })).rejects.toMatchObject(at);
  });
});

describe('what would make a report say less than the vendor did is refused', () => {
  test.each([
    ['a span twice', page([bucket(0, [result()]), bucket(0, [result()])]), { field: 'start', line: 2 }],
    [
      'two reports in one',
      page([bucket(0, [result()]), bucket(1, [result({ object: 'organization.usage.embeddings.result' })])]),
      { field: 'results.0.object', line: 2 },
    ],
    [
      'a count that is none',
      page([bucket(0, [result(), result({ num_model_requests: -1 })])]),
      { field: 'results.1.num_model_requests', line: 1 },
    ],
    ['a fraction', page([bucket(0, [result({ input_tokens: 1.5 })])]), { field: 'results.0.input_tokens' }],
    ['a text', page([bucket(0, [result({ output_tokens: '5' })])]), { field: 'results.0.output_tokens' }],
    ['more than anyone used', page([bucket(0, [result({ input_tokens: 2 ** 50 })])]), { code: 'malformed' }],
    [
      'a whole key',
      page([bucket(0, [result({ api_key_id: 'sk-proj-made-up' })])]),
      { field: 'results.0.api_key_id' },
    ],
    ['a key with a line in it', page([bucket(0, [result({ api_key_id: 'a\nb' })])]), { code: 'malformed' }],
    [
      'no results',
      page([{ ...bucket(0, [result()]) }, { ...bucket(1, []), results: undefined }]),
      { field: 'results' },
    ],
    [
      'time backwards',
      page([bucket(0, [result()]), { ...bucket(3, []), end_time: START }]),
      { field: 'end' },
    ],
    [
      'a failed call among pages',
      [page([bucket(0, [result()])]), { error: { message: 'no' } }],
      { field: 'data' },
    ],
    ['no spans', page([]), { code: 'unknown_format' }],
  ])('%s', async (_, value, at) => {
    await expect(read(value)).rejects.toMatchObject({ name: 'EvidenceError', ...at });
  });

  test('a document that breaks off, and one that is followed by something else', async () => {
    const text = JSON.stringify(page([bucket(0, [result()])]));
    await expect(read(text.slice(0, -2))).rejects.toMatchObject({ code: 'truncated' });
    await expect(read(`${text} }`)).rejects.toMatchObject({ code: 'malformed' });
  });

  test('a span with more results than are held', async () => {
    const many = Array.from({ length: 9_000 }, () => result());
    await expect(read(page([bucket(0, many)]))).rejects.toMatchObject({ code: 'too_large', line: 1 });
  });

  test('whatever comes, it is a report or an error that says where', async () => {
    const json = fc.json({ maxDepth: 5 });
    const near = fc
      .record({ object: fc.constantFrom('page', 1), data: fc.array(fc.anything(), { maxLength: 4 }) })
      .map((value) => JSON.stringify(value));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(json, near),
        fc.constantFrom('organization-usage', 'messages-usage-report', 'cost-report', 'usage-csv'),
        async (text, format) => {
          try {
            const { usage } = await readPieces('x', text, { format });
            expect(usage).not.toBeNull();
          } catch (error) {
            expect(error).toMatchObject({ name: 'EvidenceError' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('days are counted beside names, at most so many', async () => {
  const lines = Array.from({ length: 500 }, (_, n) =>
    JSON.stringify({ host: 'api.openai.com', at: new Date((START + n * DAY) * 1000).toISOString() }),
  );
  lines.push(JSON.stringify({ host: 'api.openai.com', at: new Date(START * 1000 + 5).toISOString() }));
  const { traces } = await readPieces('a.jsonl', lines.join('\n'));
  expect(traces[0]?.count).toBe(501);
  expect(traces[0]?.days).toHaveLength(400);
  expect(traces[0]?.days.slice(0, 2)).toEqual([
    [START / DAY, 2],
    [START / DAY + 1, 1],
  ]);
});
