import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restoreFor } from '../restore/index.ts';
import { knownAnswer } from './answer.ts';
import { answerIds } from './answer-ids.ts';
import { JsonTexts } from './json-texts.ts';
import { type CompiledGive, compileHistory, type Step } from './rules.ts';

const paths: (readonly Step[])[] = [['id'], ['a', 'id'], ['a', null, 'id'], [null, 'b', null]];

/** The same by JSON.parse. */
function texts(value: unknown, steps: readonly Step[]): string[] {
  const [step, ...rest] = steps;
  if (step === undefined) return typeof value === 'string' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  if (step === null) return Array.isArray(value) ? value.flatMap((each) => texts(each, rest)) : [];
  return !Array.isArray(value) && Object.hasOwn(value, step)
    ? texts((value as Record<string, unknown>)[step], rest)
    : [];
}

/** Told by a document that comes in pieces, cut at these places. */
function told(bytes: Buffer, cuts: readonly number[]): string[][] {
  const found: string[][] = paths.map(() => []);
  const reader = new JsonTexts(paths, (path, text) => found[path]?.push(text));
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    reader.push(bytes.toString('latin1', from, end));
    from = end;
  }
  return found;
}

const name = fc.constantFrom('id', 'a', 'b', 'c', '"', '\\', 'i\\"d', 'ü');
const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('\\', '"', '\\"', '},{"id":"x"', 'ü\u2028'),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: 'medium' },
    leaf,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(name, tie('json'), { maxKeys: 4 }),
  ),
}));

describe('texts of a document that passes', () => {
  it('are those that JSON.parse sees, however it is cut', () => {
    fc.assert(
      fc.property(json, fc.array(fc.nat(), { maxLength: 6 }), fc.boolean(), (value, cuts, isPretty) => {
        const bytes = Buffer.from(JSON.stringify(value, null, isPretty ? 2 : 0));
        expect(told(bytes, cuts)).toEqual(paths.map((steps) => texts(JSON.parse(bytes.toString()), steps)));
      }),
      { numRuns: 500 },
    );
  });

  it('are no reason to fail, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,\\ai0 ') }), (text) => {
        told(Buffer.from(text), [3, 7]);
      }),
    );
  });

  it('are told of neither a long one, nor what stands within a text', () => {
    const text = JSON.stringify({ id: 'x'.repeat(5_000), a: { id: JSON.stringify({ id: 'made up' }) } });
    expect(told(Buffer.from(text), [])).toEqual([[], ['{"id":"made up"}'], [], []]);
  });
});

const { gives } = compileHistory({
  gives: ['id', { id: 'response.id', event: 'created' }, { id: 'item.id', event: 'item' }],
});

function given(type: string, text: string, size = 7, rules: readonly CompiledGive[] = gives): string[] {
  const found: string[] = [];
  const reader = answerIds(type, rules, (id) => found.push(id));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader?.push(bytes.subarray(at, at + size));
  return found;
}

describe('an answer that is labelled as bytes', () => {
  const anna = '[[PERSON_7Q2K9XWM10]]';
  const originals = new Map([[anna, 'Anna "Made-up"']]);
  const pass = (
    type: string | null,
    text: string,
    content?: 'lines',
  ): { body: string; headers: string[] } => {
    const restore = restoreFor(null, originals, null);
    const answer = knownAnswer(restore, compileHistory(content === undefined ? {} : { content }), null);
    const headers = ['ETag', '"x"', ...(type === null ? [] : ['Content-Type', type]), 'X-Other', '1'];
    const body = answer.begin(headers);
    const out = body === null ? [Buffer.from(text)] : [body.push(Buffer.from(text)), body.end()];
    return { body: Buffer.concat(out).toString(), headers };
  };
  const line = JSON.stringify({ text: anna });

  it.each(['application/octet-stream', 'text/plain; charset=utf-8', null])(
    'is restored line by line where the pack says so: %s',
    (type) => {
      const { body, headers } = pass(type, `${line}\nplain ${anna}\n`, 'lines');
      expect(body).toBe(`${JSON.stringify({ text: 'Anna "Made-up"' })}\nplain Anna "Made-up"\n`);
      expect(headers).toEqual([...(type === null ? [] : ['Content-Type', type]), 'X-Other', '1']);
    },
  );

  it('is not where the pack says nothing, and no JSON is taken for lines', () => {
    expect(pass('application/octet-stream', line).body).toBe(line);
    const json = JSON.stringify({ text: anna }, null, 1);
    expect(JSON.parse(pass('application/json', json, 'lines').body)).toEqual({ text: 'Anna "Made-up"' });
  });
});

describe('ids of an answer', () => {
  const events = [
    ': hello\n\n',
    'event: first\ndata: {"id":"1"}\n\n',
    'event: created\r\ndata: {"response":{"id":"2"},"id":"no"}\r\n\r\n',
    'data: {"type":"item","item":{"id":"3"}}\n\n',
    'data: {"type":"other","item":{"id":"no"},"text":"item"}\n\n',
    'event: item\ndata: {"item":\ndata: {"id":"4"}}\n\n',
    'data: [DONE]\n\n',
  ];

  it.each([1, 2, 7, 10_000])('are those of the first event and of named ones, %i bytes at a time', (size) => {
    expect(given('text/event-stream', events.join(''), size)).toEqual(['1', '2', '3', '4']);
  });

  it('are told before an event has passed', () => {
    for (const [at, event] of events.entries()) {
      const found: string[] = [];
      const reader = answerIds('text/event-stream', gives, (id) => found.push(id));
      reader?.push(Buffer.from(events.slice(0, at + 1).join('')));
      expect(found).toHaveLength([0, 1, 2, 3, 3, 4, 4][at] ?? 0);
      expect(event).toMatch(/\n$/);
    }
  });

  it('are so many of one document, and none of other types', () => {
    const many = Array.from({ length: 2_000 }, (_, at) => ({ id: `${at}` }));
    const rules = compileHistory({ gives: ['data[*].id'] }).gives;
    expect(given('application/json', JSON.stringify({ data: many }), 4_096, rules)).toHaveLength(1_000);
    expect(given('application/json', '{"id":"1"}')).toEqual(['1']);
    expect(given('text/plain', '{"id":"1"}')).toEqual([]);
  });

  it('cost no more than a line that is too long', () => {
    const long = `data: {"id":"${'x'.repeat(3_000_000)}"}\n\ndata: {"type":"item","item":{"id":"3"}}\n\n`;
    expect(given('text/event-stream', long, 65_536)).toEqual(['3']);
  });
});
