import fc from 'fast-check';
import { expect, it } from 'vitest';
import { address, anna, cutAt, gemini, pass, plain } from './testing/pass.ts';

const said = `Dear "${anna}", of ${address}: ]}[{ — ☂`;
const element = (text: string, finishReason?: string) => ({
  candidates: [
    { index: 0, content: { parts: [{ text }] }, ...(finishReason === undefined ? {} : { finishReason }) },
  ],
});
const textOf = (body: string): string =>
  (JSON.parse(body) as ReturnType<typeof element>[])
    .map(({ candidates: [one] }) => one?.content.parts[0]?.text ?? '')
    .join('');
/** As Google writes it where nobody asks for events. */
const list = (elements: readonly unknown[]): string =>
  `[${elements.map((each) => JSON.stringify(each, null, 2)).join('\n,\r\n')}\n]\n`;
const inChunks = (body: string, cuts: readonly number[]): Buffer[] =>
  cutAt(Buffer.from(body).toString('latin1'), cuts).map((each) => Buffer.from(each, 'latin1'));

it('a streamed list has tokens put back over its elements, wherever it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      fc.boolean(),
      (pieces, cuts, isEnded) => {
        const texts = cutAt(said, pieces);
        const body = list(
          texts.map((text, at) => element(text, isEnded && at === texts.length - 1 ? 'STOP' : undefined)),
        );
        const passed = pass(gemini, 'application/json; charset=UTF-8', inChunks(body, cuts));
        expect(textOf(passed.text)).toBe(plain(said));
      },
    ),
    { numRuns: 200 },
  );
});

it('a streamed list passes element by element, as it came, and lets go at its end', () => {
  const body = list([element('Hello '), element('there')]);
  const passed = pass(gemini, 'application/json', inChunks(body, [body.indexOf(',\r\n')]));
  expect(passed.text).toBe(body);
  expect(passed.chunks[0]).toBe(body.slice(0, body.indexOf('\n,\r\n')));
  expect(textOf(pass(gemini, 'application/json', [list([element('a [[PERSON_7')])]).text)).toBe(
    'a [[PERSON_7',
  );
  for (const other of ['[]', ' [ ]\n', '[1, "x"]', '{"a":[1]}', '  ', '', '[{"a":'])
    expect(pass(gemini, 'application/json', [other]).text).toBe(other);
});

it('what follows a streamed list is looked through, too', () => {
  for (const after of [` "${anna}"`, `${anna}, [{"text":"${anna}"}]`, `]]${anna}`]) {
    const { text, restored } = pass(gemini, 'application/json', [`[{"a":1}]${after}`]);
    expect(restored).toBeGreaterThan(0);
    expect(text).not.toContain(anna);
    expect(text.startsWith('[{"a":1}]')).toBe(true);
  }
  expect(pass(gemini, 'application/json', [`[]${anna}`]).text).not.toContain(anna);
});
