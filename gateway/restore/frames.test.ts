import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { address, anna, chat, cutAt, dataOf, event, plain, sse } from './testing/pass.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

interface Said {
  n: number;
  id: string;
  pad?: string;
  choices: { index: number; delta: { content: string; extra?: string }; finish_reason: null }[];
}

const said = `Dear "${anna}" \\ of ${address}\n{"a":"[[`;
/** What stands beside a text: the same again and again, or another each time, with tokens, escapes and names of members in it. */
const beside = fc.constantFrom(
  'x',
  'x',
  'abc',
  '',
  anna,
  `"${address}\n`,
  '"content":"',
  '\\u005b',
  'é',
  '},{',
);

it('events that are like one before, and those that nearly are, come to what each of them would alone', () => {
  const shape = fc.record({
    index: fc.nat(1),
    id: beside,
    pad: fc.option(beside, { nil: undefined }),
    extra: fc.option(beside, { nil: undefined }),
    size: fc.integer({ min: 1, max: 9 }),
    n: fc.constantFrom(0, 1, 1.5, -2e30),
  });
  fc.assert(
    fc.property(
      fc.array(shape, { maxLength: 60 }),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
      (shapes, cuts, end) => {
        const at = [0, 0];
        const given = shapes.map(({ index, id, pad, extra, size, n }, place): Said => {
          const from = at[index] ?? 0;
          at[index] = from + size;
          const content = said.repeat(20).slice(from, from + size);
          return {
            n: place + n / 1e31,
            id,
            choices: [
              { index, delta: { content, ...(extra === undefined ? {} : { extra }) }, finish_reason: null },
            ],
            ...(pad === undefined ? {} : { pad }),
          };
        });
        for (const index of [0, 1]) {
          const from = at[index] ?? 0;
          at[index] = Math.ceil(from / said.length) * said.length;
          const content = said.repeat(20).slice(from, at[index]);
          given.push({ n: -1, id: 'x', choices: [{ index, delta: { content }, finish_reason: null }] });
        }
        const stream = given.map((each) => event(each).replaceAll('\n', end)).join('');
        const bytes = cutAt(Buffer.from(stream).toString('latin1'), cuts).map((each) =>
          Buffer.from(each, 'latin1'),
        );
        const got = dataOf(sse(chat, bytes).text) as Said[];
        for (const index of [0, 1]) {
          const text = got
            .flatMap(({ choices }) => choices.filter((one) => one.index === index))
            .map(({ delta }) => delta.content)
            .join('');
          expect(text).toBe(plain(said.repeat(20).slice(0, at[index])));
        }
        for (const { n, id, pad, choices } of given.slice(0, shapes.length)) {
          const mine = got.find((each) => each.n === n);
          expect([mine?.id, mine?.pad, mine?.choices[0]?.delta.extra]).toEqual(
            [id, pad, choices[0]?.delta.extra].map((text) => (text === undefined ? text : plain(text))),
          );
        }
      },
    ),
    { numRuns: 200 * soak },
  );
});
