import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { serviceOf } from '../minimise/testing/cross.ts';
import { Refusal } from '../refusal/index.ts';
import { AnswerText, answerClasses, compileSecretScanner, type LiveAnswers } from '../scan/index.ts';
import { type CompiledAnswer, compileAnswer, restoreFor } from './index.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

/** Made up, and put together here, so that nobody takes it for a leaked one. */
const secret = ['mu', 'proj', '9f3b81c04d7e26a5', 'e1d05b7c'].join('-');
const gone = '[removed]';
const rules = [
  { id: 'made_up.project_key', class: 'secret.api_key' as const, forms: ['mu-proj-{hex:16}-{hex:8}'] },
  { id: 'made_up.hook', class: 'secret.token' as const, forms: ['hooks.example/T{alnum_upper:8}/{hex:24}'] },
];
const live: LiveAnswers = {
  scanner: compileSecretScanner(rules, null),
  do: 'drop',
  classes: new Set(answerClasses),
  marker: () => gone,
};
const anna = '[[PERSON_7Q2K9XWM10]]';
const word = '[[SECRET_7Q2K9XWMB4]]';
const tokens = new Map([
  [anna, 'Änna "Made-up" Berger'],
  [word, 'k3ller"Treppe9'],
]);
const plain = (text: string) =>
  text.replaceAll(anna, 'Änna "Made-up" Berger').replaceAll(word, 'k3ller"Treppe9');

const answerOf = (pack: string, endpoint: string): CompiledAnswer => {
  const found = serviceOf(pack).endpoints.find(({ id }) => id === endpoint)?.answer;
  if (found === undefined) throw new Error(`no answer of ${pack} ${endpoint}`);
  return compileAnswer(found);
};
const chat = answerOf('openai', 'chat_completions');
const responses = answerOf('openai', 'responses');
const messages = answerOf('anthropic', 'messages');
const gemini = answerOf('google-gemini', 'stream_generate_content');

function pass(
  answer: CompiledAnswer | null,
  type: string,
  chunks: readonly (string | Buffer)[],
  how: Partial<LiveAnswers> = {},
) {
  const text = new AnswerText({ ...live, ...how }, tokens);
  const restore = restoreFor(answer, tokens, text);
  const body = restore.begin(['Content-Type', type]);
  if (body === null) throw new Error('not looked through');
  const out: Buffer[] = [];
  let refusal: unknown = null;
  try {
    for (const chunk of chunks) out.push(body.push(Buffer.from(chunk)));
    out.push(body.end());
  } catch (cause) {
    refusal = cause;
  }
  return { text: Buffer.concat(out).toString(), chunks: out.map(String), found: text.found, refusal };
}
const sse = (answer: CompiledAnswer | null, chunks: readonly (string | Buffer)[], how = {}) =>
  pass(answer, 'text/event-stream', chunks, how);
const event = (value: unknown, type?: string) =>
  `${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(value)}\n\n`;
const dataOf = (text: string): unknown[] =>
  text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [JSON.parse(line.slice(6))] : []));
const joined = (text: string, of: (value: never) => string | undefined): string =>
  dataOf(text)
    .map((value) => of(value as never) ?? '')
    .join('');
/** Between any two bytes. */
const chunksOf = (text: string, cuts: readonly number[]): Buffer[] =>
  cutAt(Buffer.from(text).toString('latin1'), cuts).map((each) => Buffer.from(each, 'latin1'));
const cutAt = (text: string, cuts: readonly number[]): string[] => {
  const places = [...cuts.map((each) => each % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.map((place, at) => text.slice(places[at - 1] ?? 0, place));
};

const said = `Use "${secret}"\n— Grüße 😀, ${anna}; key=${secret} ${secret}`;
const argued = JSON.stringify({ to: secret, n: [1, true], [`a ${secret}`]: `x\n${secret}"`, who: anna });
const index = { index: 0 };

const dialects: {
  name: string;
  answer: CompiledAnswer;
  text: string;
  pieces(pieces: readonly string[]): string[];
  read(text: string): string;
}[] = [
  {
    name: 'chat completions',
    answer: chat,
    text: said,
    pieces: (all) => [
      ...all.map((content) => event({ id: 'x', choices: [{ ...index, delta: { content } }] })),
      event({ id: 'x', choices: [{ ...index, delta: {}, finish_reason: 'stop' }] }),
      'data: [DONE]\n\n',
    ],
    read: (text) =>
      joined(text, ({ choices: [one] }: { choices: [{ delta: { content?: string } }] }) => one.delta.content),
  },
  {
    name: 'arguments of tools',
    answer: chat,
    text: argued,
    pieces: (all) => [
      ...all.map((piece) =>
        event({
          choices: [{ ...index, delta: { tool_calls: [{ ...index, function: { arguments: piece } }] } }],
        }),
      ),
      event({ choices: [{ ...index, delta: {}, finish_reason: 'tool_calls' }] }),
    ],
    read: (text) =>
      joined(
        text,
        ({
          choices: [one],
        }: {
          choices: [{ delta: { tool_calls?: [{ function: { arguments: string } }] } }];
        }) => one.delta.tool_calls?.[0].function.arguments,
      ),
  },
  {
    name: 'responses',
    answer: responses,
    text: said,
    pieces: (all) => [
      ...all.map((delta) =>
        event({ type: 'response.output_text.delta', output_index: 0, content_index: 0, delta }),
      ),
      event({ type: 'response.output_text.done', output_index: 0, content_index: 0, text: '' }),
    ],
    read: (text) => joined(text, ({ delta }: { delta?: string }) => delta),
  },
  {
    name: 'messages',
    answer: messages,
    text: said,
    pieces: (all) => [
      ...all.map((text) =>
        event(
          { type: 'content_block_delta', ...index, delta: { type: 'text_delta', text } },
          'content_block_delta',
        ),
      ),
      event({ type: 'content_block_stop', ...index }, 'content_block_stop'),
    ],
    read: (text) => joined(text, ({ delta }: { delta?: { text: string } }) => delta?.text),
  },
  {
    name: 'generateContent',
    answer: gemini,
    text: said,
    pieces: (all) => all.map((text) => event({ candidates: [{ content: { parts: [{ text }] } }] })),
    read: (text) =>
      joined(
        text,
        ({ candidates: [one] }: { candidates: [{ content: { parts: [{ text: string }] } }] }) =>
          one.content.parts[0].text,
      ),
  },
];

describe.each(dialects)('a secret that comes back in $name', ({ name, answer, text, pieces, read }) => {
  const check = (passed: ReturnType<typeof sse>): void => {
    expect(passed.text).not.toContain(secret.slice(0, 12));
    const got = read(passed.text);
    if (name === 'arguments of tools') {
      expect(JSON.parse(got)).toEqual({
        to: gone,
        n: [1, true],
        [`a ${gone}`]: `x\n${gone}"`,
        who: plain(anna),
      });
    } else expect(got).toBe(plain(text.replaceAll(secret, gone)));
    expect(passed.found).toEqual({ 'secret.api_key': 3 });
  };

  it('is kept wherever its text is cut', () => {
    for (let at = 0; at <= text.length; at++) check(sse(answer, pieces([text.slice(0, at), text.slice(at)])));
    check(sse(answer, pieces([...text])));
  });

  it('is kept where what is no JSON comes between its pieces', () => {
    const others = ['data: ping\n\n', 'data: [DONE]\n\n', 'data:{"half\n\n', ': a comment\n\n'];
    for (let at = 0; at <= text.length; at += 3) {
      const [one, two] = [pieces([text.slice(0, at)])[0] ?? '', pieces([text.slice(at)])];
      for (const other of others) {
        check(sse(answer, [one, other, ...two]));
        const passed = sse(answer, [one, other, other, ...two]);
        check(passed);
        expect(passed.text.split(other)).toHaveLength(two.includes(other) ? 4 : 3);
      }
    }
  });

  it('is kept whatever bytes come together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (cuts, chunks) => check(sse(answer, chunksOf(pieces(cutAt(text, cuts)).join(''), chunks))),
      ),
      { numRuns: 60 * soak },
    );
  });
});

describe('an answer that is looked through', () => {
  const delta = (content: string) => event({ choices: [{ ...index, delta: { content } }] });
  const read = dialects[0]?.read ?? String;

  it('passes word by word, and each word with the white space behind it', () => {
    const { chunks } = sse(chat, ['It is ', 'fine', ' and', ' warm'].map(delta));
    expect(chunks.map(read)).toEqual(['It is ', '', 'fine ', 'and ', 'warm']);
  });

  it('passes what is no JSON behind the text before it, one such event late at most', () => {
    const [done, ping] = ['data: [DONE]\n\n', 'data: ping\n\n'];
    expect(sse(chat, [delta('It is '), ping, delta('fine'), done]).chunks).toEqual([
      delta('It is '),
      ping,
      delta(''),
      '',
      delta('fine') + done,
    ]);
    expect(sse(chat, [delta('a fine'), ping, ping, ping, delta(' and ')]).chunks).toEqual([
      delta('a '),
      '',
      ping,
      ping,
      ping + delta('fine and '),
      '',
    ]);
    // What ends within such an event; lists, and lines.
    expect(sse(chat, [delta('a fine'), 'data: [DONE]']).text).toBe(
      `${delta('a ')}${delta('fine')}data: [DONE]`,
    );
    const part = (text: string): string =>
      JSON.stringify({ candidates: [{ content: { parts: [{ text }] } }] });
    const list = pass(gemini, 'application/json', [`[${part('a fi')},{"a":x},`, `${part('ne ')}]`]);
    expect(list.text).toBe(`[${part('a ')},{"a":x},${part('fine ')}]`);
    const line = (text: string): string => `${delta(text).slice(6, -2)}\n`;
    const lines = pass(chat, 'application/jsonl', [`${line('a fi')}ping\n`, line('ne ')]);
    expect(lines.text).toBe(`${line('a ')}ping\n${line('fine ')}`);
  });

  it('passes as its own bytes where nothing is held back', () => {
    const chunk = Buffer.from(delta('It is fine. ').replace('"index":0', '"index" : 0.0'));
    const body = restoreFor(chat, null, new AnswerText(live, null)).begin([
      'content-type',
      'text/event-stream',
    ]);
    expect(body?.push(chunk)).toBe(chunk);
  });

  it('keeps a secret however JSON writes it', () => {
    const odd = [...secret].map((each) => `\\u00${each.charCodeAt(0).toString(16)}`).join('');
    const inner = `{\\"a\\":\\"${odd.replaceAll('\\', '\\\\')}\\"}`;
    const raw = `{"a":"${odd}","b":"${inner}","c":"https:\\/\\/x:${secret}@h"}`;
    const { text, found } = pass(chat, 'application/json', [raw]);
    expect(JSON.parse(text)).toEqual({
      a: gone,
      b: JSON.stringify({ a: gone }),
      c: expect.stringContaining(gone),
    });
    expect(JSON.stringify(JSON.parse(text))).not.toContain('mu-proj');
    expect(found).not.toBeNull();
  });

  it('keeps one that only JSON within JSON takes apart', () => {
    const hook = ['hooks.example', 'T7Q2K9XWM', '9f3b81c04d7e26a5e1d05b7c'].join('/');
    const inner = JSON.stringify({ a: hook }).replaceAll('/', '\\/');
    const { text, found } = pass(chat, 'application/json', [JSON.stringify({ inner })]);
    expect(JSON.parse(text)).toEqual({ inner: JSON.stringify({ a: gone }) });
    expect(found).toEqual({ 'secret.token': 1 });
  });

  it('is JSON after it where a private key went on over what stood behind', () => {
    const key = `-----BEGIN PRIVATE ${'KEY'}-----\n${'MIIEvQ'.repeat(30)}`;
    const args = JSON.stringify({ key, next: 'abc', list: ['d', 1] });
    const events = [...args].map((each) =>
      event({
        choices: [{ ...index, delta: { tool_calls: [{ ...index, function: { arguments: each } }] } }],
      }),
    );
    const got = dialects[1]?.read(sse(chat, events).text) ?? '';
    expect(got).not.toContain('MIIEvQ');
    expect(JSON.parse(got)).toMatchObject({ key: gone });
  });

  it('keeps what this request’s tokens put back', () => {
    // Models leave brackets out, too.
    const bare = word.slice(2, -2);
    const text = `The password: ${word} and password=${word}, api_key = "${word}", password = "${bare}"`;
    const passed = sse(chat, [...text].map(delta));
    expect(read(passed.text)).toBe(plain(text.replace(`"${bare}"`, `"${word}"`)));
    expect(passed.found).toBeNull();
    // Not so a password that is none of them.
    expect(read(sse(chat, [...`password = "Tr3ppe!kell9r" `].map(delta)).text)).toBe(`password = "${gone}" `);
  });

  it('is looked through in texts that the vendor signs, and nothing is put back there', () => {
    const thought = (thinking: string) =>
      event({ type: 'content_block_delta', ...index, delta: { type: 'thinking_delta', thinking } });
    const passed = sse(messages, [
      ...`${secret} of ${anna}`.split('').map(thought),
      event({ type: 'content_block_stop', ...index }),
    ]);
    expect(joined(passed.text, ({ delta: one }: { delta?: { thinking: string } }) => one?.thinking)).toBe(
      `${gone} of ${anna}`,
    );
  });

  it('is cut before the secret where the contract says so', () => {
    const passed = sse(chat, [...`Use ${secret} for it. `].map(delta), { do: 'refuse' });
    expect(read(passed.text)).toBe('Use ');
    expect(passed.refusal).toMatchObject({ code: 'secret_in_answer', fieldClass: 'secret.api_key' });
    expect(passed.found).toEqual({ 'secret.api_key': 1 });
    expect(String(passed.refusal)).not.toContain('mu-proj');
  });

  it('is cut when a detector fails, and nothing of what was not looked through has passed', () => {
    const broken = () => {
      throw new Error('made up');
    };
    const scanner = {
      scan: broken,
      stream: () => ({ push: broken, end: broken, held: 0 }),
      mayOpen: () => false,
    };
    for (const [type, chunk] of [
      ['text/event-stream', delta('Hello there')],
      ['application/json', '{"a":"Hello there"}'],
      ['text/plain', 'Hello there'],
      ['application/jsonl', '{"a":"Hello there"}\n'],
    ] as const) {
      const passed = pass(chat, type, [chunk], { scanner });
      expect(passed.refusal).toBeInstanceOf(Refusal);
      expect(passed.refusal).toMatchObject({ code: 'scan_failed', stage: 'restore' });
      expect(passed.text).toBe('');
    }
  });

  it('is so in whole documents, lines and plain text, in whatever chunks', () => {
    const value = { a: [`x ${secret}`], b: argued, id: 'chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG', c: '' };
    const want = {
      ...value,
      a: [`x ${gone}`],
      b: JSON.stringify({ to: gone, n: [1, true], [`a ${gone}`]: `x\n${gone}"`, who: plain(anna) }),
    };
    const json = JSON.stringify(value);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 30 }), (cuts) => {
        for (const answer of [chat, messages]) {
          expect(JSON.parse(pass(answer, 'application/json', chunksOf(json, cuts)).text)).toEqual(want);
        }
        const lines = pass(null, 'application/jsonl', chunksOf(`${json}\n${json}\n`, cuts)).text.split('\n');
        expect(lines.slice(0, 2).map((line) => JSON.parse(line))).toEqual([want, want]);
        expect(pass(null, 'text/markdown', chunksOf(said, cuts)).text).toBe(
          plain(said.replaceAll(secret, gone)),
        );
      }),
      { numRuns: 40 * soak },
    );
  });

  it('never grows what is held back beyond its bound, and holds nothing of it forever', () => {
    const text = new AnswerText(live, null).string(1);
    let most = 0;
    let out = '';
    for (let at = 0; at < 4000; at++) {
      out += text.push('abcdefghij');
      most = Math.max(most, text.held);
    }
    expect(most).toBeLessThanOrEqual(18_036);
    expect(out + text.end()).toBe('abcdefghij'.repeat(4000));
  });

  it('passes as it comes where it is written without white space', () => {
    const whole = '今日はとても良い天気ですね。';
    const { chunks } = sse(chat, [...whole].map(delta));
    expect(chunks.map(read)).toEqual(['', ...whole]);
    expect(read(sse(chat, [...`鍵は${secret}です。`].map(delta)).text)).toBe(`鍵は${gone}です。`);
  });
});
