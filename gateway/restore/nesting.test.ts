import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { address, anna, chat, cutAt, dataOf, event, pass, plain, sse } from './testing/pass.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

const delta = (content: string, index = 0) =>
  event({ choices: [{ index, delta: { content }, finish_reason: null }] });
const contentOf = (text: string, index = 0): string =>
  (dataOf(text) as { choices: { index: number; delta: { content?: string } }[] }[])
    .flatMap(({ choices }) => choices.filter((one) => one.index === index))
    .map((one) => one.delta.content ?? '')
    .join('');

/** A text in JSON in a string in JSON in a string …: so many times. */
const nested = (value: string, levels: number, wrap: (inner: string) => unknown): string => {
  let text = value;
  for (let level = 0; level < levels; level++) text = JSON.stringify(wrap(text));
  return text;
};
const unnested = (text: string, levels: number, unwrap: (outer: never) => string): string => {
  let inner = text;
  for (let level = 0; level < levels; level++) inner = unwrap(JSON.parse(inner) as never);
  return inner;
};

/** Ways in which one text stands in a document beside others. */
const wraps: [name: string, wrap: (inner: string) => unknown, unwrap: (outer: never) => string][] = [
  ['a member', (inner) => ({ inner }), ({ inner }: { inner: string }) => inner],
  ['an element', (inner) => [inner], ([inner]: [string]) => inner],
  [
    'one of many',
    (inner) => ({
      note: 'he said "\\{"',
      n: [[1], { a: '{' }],
      list: [{ inner, '{"': '{"x":1}' }],
      z: `${anna} "{"`,
    }),
    ({ list: [one] }: { list: [{ inner: string }] }) => one.inner,
  ],
];
const said = `Dear "${anna}" \\ ${address}\n`;

describe.each(wraps)('a token in JSON within JSON, as %s', (_, wrap, unwrap) => {
  it('comes back escaped as deep as it stands, in a stream that is cut anywhere', () => {
    for (let levels = 0; levels <= 5; levels++) {
      const text = nested(said, levels, wrap);
      const step = Math.max(1, Math.floor(text.length / 60));
      for (let at = 0; at <= text.length; at += step) {
        const { text: out } = sse(chat, [delta(text.slice(0, at)), delta(text.slice(at))]);
        expect(unnested(contentOf(out), levels, unwrap)).toBe(plain(said));
      }
    }
  });

  it('comes back in pieces of any size, and in a document that is whole', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.array(fc.nat(), { maxLength: 30 }), (levels, cuts) => {
        const text = nested(said, levels, wrap);
        const streamed = sse(
          chat,
          cutAt(text, cuts).map((piece) => delta(piece)),
        ).text;
        expect(unnested(contentOf(streamed), levels, unwrap)).toBe(plain(said));
        const body = Buffer.from(JSON.stringify({ text })).toString('latin1');
        const chunks = cutAt(body, cuts).map((each) => Buffer.from(each, 'latin1'));
        const whole = JSON.parse(pass(chat, 'application/json', chunks).text) as { text: string };
        expect(unnested(whole.text, levels, unwrap)).toBe(plain(said));
      }),
      { numRuns: 60 * soak },
    );
  });
});

describe('a text in an answer', () => {
  it('that lies deeper than is followed keeps its tokens, and stays JSON', () => {
    const [, wrap, unwrap] = wraps[0] as (typeof wraps)[number];
    for (const levels of [6, 7]) {
      const text = nested(said, levels, wrap);
      expect(unnested(contentOf(sse(chat, [delta(text)]).text), levels, unwrap)).toBe(said);
    }
  });

  it('is no JSON because a later piece looks like some, in whichever choice it began', () => {
    const chunks = [
      delta('Hello ', 0),
      delta('Hello ', 1),
      delta('Give ', 0),
      delta('Give ', 1),
      delta(`{"name": "${anna}"}`, 1),
      delta(`{"name": "${anna}"}`, 0),
    ];
    const { text } = sse(chat, chunks);
    for (const index of [0, 1]) expect(contentOf(text, index)).toBe(`Hello Give {"name": "${plain(anna)}"}`);
  });

  it('stays what it was over an event that is no JSON, and over one that is too large to be kept', () => {
    const large = event({
      filler: 'x'.repeat(70_000),
      choices: [{ index: 0, delta: { content: 'b [[' } }],
    });
    const { text } = sse(chat, [delta('a '), 'data: ping\n\n', delta('{"'), large, delta(`{"n":"${anna}"}`)]);
    expect(contentOf(text)).toBe(`a {"b [[{"n":"${plain(anna)}"}`);
  });

  it('that a pack calls JSON is JSON, whatever it begins with', () => {
    const call = (piece: string) =>
      event({
        choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: piece } }] } }],
      });
    const text = JSON.stringify(said);
    const out = sse(chat, [call(text.slice(0, 12)), call(text.slice(12))]).text;
    const got = (
      dataOf(out) as { choices: { delta: { tool_calls: { function: { arguments: string } }[] } }[] }[]
    )
      .map(({ choices: [one] }) => one?.delta.tool_calls[0]?.function.arguments ?? '')
      .join('');
    expect(JSON.parse(got)).toBe(plain(said));
  });
});
