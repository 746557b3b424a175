import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { serviceOf } from '../minimise/testing/cross.ts';
import { Refusal } from '../refusal/index.ts';
import { type CompiledAnswer, compileAnswer, restoreFor } from './index.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

const anna = '[[PERSON_7Q2K9XWM10]]';
const address = '[[ADDRESS_0000000000]]';
const unknown = '[[PERSON_ZZZZZZZZZZ]]';
const tokens = new Map([
  [anna, 'Änna "Made-up" Berger'],
  [address, 'Alley 1\n00000 Nowhere 😀'],
]);
const plain = (text: string) =>
  text.replaceAll(anna, 'Änna "Made-up" Berger').replaceAll(address, 'Alley 1\n00000 Nowhere 😀');

function answerOf(pack: string, endpoint: string): CompiledAnswer {
  const found = serviceOf(pack).endpoints.find(({ id }) => id === endpoint)?.answer;
  if (found === undefined) throw new Error(`no answer of ${pack} ${endpoint}`);
  return compileAnswer(found);
}
const chat = answerOf('openai', 'chat_completions');
const responses = answerOf('openai', 'responses');
const messages = answerOf('anthropic', 'messages');
const gemini = answerOf('google-gemini', 'stream_generate_content');

interface Passed {
  text: string;
  chunks: string[];
  restored: number;
  unknown: number;
}

/** An answer of this type as the client gets it, in the chunks given. */
function pass(answer: CompiledAnswer | null, type: string, chunks: readonly (string | Buffer)[]): Passed {
  const restore = restoreFor(answer, tokens, null);
  const body = restore.begin(['Content-Type', type]);
  if (body === null) throw new Error('not restored');
  const out = chunks.map((chunk) => body.push(Buffer.from(chunk)));
  out.push(body.end());
  return {
    text: Buffer.concat(out).toString(),
    chunks: out.map(String),
    ...(restore.counts ?? { restored: 0, unknown: 0 }),
  };
}

const sse = (answer: CompiledAnswer | null, chunks: readonly (string | Buffer)[]) =>
  pass(answer, 'text/event-stream; charset=utf-8', chunks);
const event = (value: unknown, type?: string) =>
  `${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(value)}\n\n`;
const dataOf = (text: string): unknown[] =>
  text
    .split(/\r?\n\r?\n/)
    .flatMap((each) => each.split(/\r?\n/).filter((line) => line.startsWith('data: {')))
    .map((line) => JSON.parse(line.slice(6)));

function cutAt(text: string, cuts: readonly number[]): string[] {
  const places = [...cuts.map((each) => each % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.map((place, at) => text.slice(places[at - 1] ?? 0, place));
}

const said = `Dear **${anna}**, of ${address}: [[1]] and ${unknown}! ${anna}`;

/** How each vendor streams a text, and how it is read again. */
const dialects: Record<
  string,
  {
    answer: CompiledAnswer;
    stream: (pieces: readonly string[]) => string;
    read: (events: unknown[]) => string;
  }
> = {
  chat: {
    answer: chat,
    stream: (pieces) =>
      event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }) +
      pieces
        .map((content) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }))
        .join(': keep-alive\n\n') +
      event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }) +
      event({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }) +
      'data: [DONE]\n\n',
    read: (events) =>
      events
        .map(
          (each) => (each as { choices: { delta: { content?: string } }[] }).choices[0]?.delta.content ?? '',
        )
        .join(''),
  },
  tools: {
    answer: chat,
    stream: (pieces) =>
      event({
        choices: [
          {
            index: 0,
            delta: { tool_calls: [{ index: 1, id: 'c', function: { name: 'f', arguments: '' } }] },
          },
        ],
      }) +
      pieces
        .map((piece) =>
          event({
            choices: [{ index: 0, delta: { tool_calls: [{ index: 1, function: { arguments: piece } }] } }],
          }),
        )
        .join('') +
      event({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }) +
      'data: [DONE]\n\n',
    read: (events) =>
      events
        .map(
          (each) =>
            (each as { choices: { delta: { tool_calls?: { function: { arguments: string } }[] } }[] })
              .choices[0]?.delta.tool_calls?.[0]?.function.arguments ?? '',
        )
        .join(''),
  },
  responses: {
    answer: responses,
    stream: (pieces) =>
      pieces
        .map((delta) =>
          event(
            { type: 'response.output_text.delta', output_index: 0, content_index: 0, delta },
            'response.output_text.delta',
          ),
        )
        .join('') +
      event(
        { type: 'response.output_text.done', output_index: 0, content_index: 0, text: 'x' },
        'response.output_text.done',
      ),
    read: (events) => events.map((each) => (each as { delta?: string }).delta ?? '').join(''),
  },
  messages: {
    answer: messages,
    stream: (pieces) =>
      event(
        { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '' } },
        'content_block_start',
      ) +
      pieces
        .map((text) =>
          event(
            { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text } },
            'content_block_delta',
          ),
        )
        .join(event({ type: 'ping' }, 'ping')) +
      event({ type: 'content_block_stop', index: 2 }, 'content_block_stop'),
    read: (events) =>
      events.map((each) => (each as { delta?: { text?: string } }).delta?.text ?? '').join(''),
  },
  gemini: {
    answer: gemini,
    stream: (pieces) =>
      pieces
        .map((text, at) =>
          event({
            candidates: [
              {
                content: { parts: [{ text }] },
                ...(at === pieces.length - 1 ? { finishReason: 'STOP' } : {}),
              },
            ],
          }).replaceAll('\n', '\r\n'),
        )
        .join(''),
    read: (events) =>
      events
        .map(
          (each) =>
            (each as { candidates: { content: { parts: { text: string }[] } }[] }).candidates[0]?.content
              .parts[0]?.text ?? '',
        )
        .join(''),
  },
};

describe.each(Object.entries(dialects))('a stream of %s', (name, { answer, stream, read }) => {
  const text = name === 'tools' ? JSON.stringify({ to: `${anna}, ${address}`, n: [[1]], x: unknown }) : said;
  const check = (got: string) => {
    if (name === 'tools')
      expect(JSON.parse(got)).toEqual({ to: plain(`${anna}, ${address}`), n: [[1]], x: unknown });
    else expect(got).toBe(plain(text));
  };

  it('is whole wherever its texts are cut', () => {
    for (let at = 0; at <= text.length; at++) {
      const passed = sse(answer, [stream([text.slice(0, at), text.slice(at)])]);
      check(read(dataOf(passed.text)));
      expect(passed.unknown).toBe(1);
    }
    check(read(dataOf(sse(answer, [stream([...text])]).text)));
  });

  it('is whole whatever bytes come together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (cuts, chunks) => {
          const bytes = stream(cutAt(text, cuts));
          check(read(dataOf(sse(answer, cutAt(bytes, chunks)).text)));
        },
      ),
      { numRuns: 60 * soak },
    );
    const bytes = Buffer.from(stream(cutAt(text, [3, 15, 30, 31])));
    check(
      read(
        dataOf(
          sse(
            answer,
            Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
          ).text,
        ),
      ),
    );
  });

  it('lets go of what it held back where the text ends within a token', () => {
    for (let at = 1; at < anna.length; at++) {
      const cut = `x ${anna.slice(0, at)}`;
      const passed = sse(answer, [stream([...cut])]);
      const got = read(dataOf(passed.text));
      // A whole name without its brackets is one that came back.
      expect(got).toBe(
        at < 19
          ? cut
          : name === 'tools'
            ? `x [[Änna \\"Made-up\\" Berger${cut.slice(21)}`
            : `x [[Änna "Made-up" Berger${cut.slice(21)}`,
      );
    }
  });
});

describe('events', () => {
  const delta = (content: string, index = 0) => event({ choices: [{ index, delta: { content } }] });

  it('pass as they came, in the same chunk, where nothing is to be put back', () => {
    const chunk = Buffer.from(
      `: hi\n\nid: 1\nretry: 5\n\n${event({ choices: [{ index: 0, delta: { content: 'ä [1] 1.50 a_b' } }] }).replace('"index":0', '"index" : 0.0')}`,
    );
    const body = restoreFor(chat, tokens, null).begin(['content-type', 'text/event-stream']);
    expect(body?.push(chunk)).toBe(chunk);
    const cut = Buffer.from(delta('Hello'));
    expect(body?.push(cut.subarray(0, 20)).length).toBe(0);
    expect(body?.push(Buffer.concat([cut.subarray(20), Buffer.from('data: x')]))).toEqual(cut);
  });

  it('keep all else of one in which a token stands', () => {
    const given = `: note\nid: 7\ndata: {"n":1.50,"big":12345678901234567890,\ndata:  "choices":[{"index":0,"delta":{"content":"${anna}!"}}]}\nretry: 1\n\n`;
    const { text } = sse(chat, [given]);
    expect(text).toBe(given.replace(anna, 'Änna \\"Made-up\\" Berger'));
  });

  it('are told apart in their channels, and each lets go when its own ends', () => {
    const end = (index: number) => event({ choices: [{ index, delta: {}, finish_reason: 'stop' }] });
    const chunks = [
      delta('[[PER', 0),
      delta('[[', 1),
      delta('SON_7Q2K9', 0),
      delta('ADDR', 1),
      delta('XWM10]]', 0),
      end(0),
      end(1),
      'data: [DONE]\n\n',
    ];
    const { text, chunks: out } = sse(chat, chunks);
    const found = dataOf(text) as { choices: { index: number; delta: { content?: string } }[] }[];
    const of = (index: number) =>
      found.map(({ choices: [one] }) => (one?.index === index ? (one.delta.content ?? '') : '')).join('');
    expect([of(0), of(1)]).toEqual([plain(anna), '[[ADDR']);
    // The rest of channel 1 comes with its end, and not at the end of another.
    expect(out[5]).not.toContain('[[ADDR');
    expect(out[6]).toMatch(/"content":"\[\[ADDR"[\s\S]*"finish_reason":"stop"/);
  });

  it('let go before the mark at the end, and at the end without one', () => {
    expect(sse(chat, [delta('a [[PERSON_7'), 'data: [DONE]\n\n']).text).toBe(
      `${delta('a ')}${delta('[[PERSON_7')}data: [DONE]\n\n`,
    );
    expect(sse(chat, [delta('a [[PERSON_7')]).text).toBe(`${delta('a ')}${delta('[[PERSON_7')}`);
    expect(sse(chat, [delta('a [['), 'data: {"cut":']).text).toBe(
      `${delta('a ')}${delta('[[')}data: {"cut":`,
    );
  });

  it('have tokens put back in all their strings, and in JSON within them', () => {
    const value = {
      type: 'response.completed',
      response: { output: [{ arguments: JSON.stringify({ a: address }) }, { text: anna }] },
    };
    const [found] = dataOf(sse(responses, [event(value)]).text) as [
      { response: { output: [{ arguments: string }, { text: string }] } },
    ];
    expect(JSON.parse(found.response.output[0].arguments)).toEqual({ a: plain(address) });
    expect(found.response.output[1].text).toBe(plain(anna));
    expect(sse(null, [event({ any: [anna] })]).text).toBe(event({ any: [plain(anna)] }));
    expect(sse(null, [`data: ${anna} says\n\n`]).text).toBe(`data: ${plain(anna)} says\n\n`);
  });

  it('that are a structured output come back as JSON', () => {
    const text = JSON.stringify({ name: anna, address });
    const { text: out } = sse(
      chat,
      [...text].map((content) => delta(content)),
    );
    const got = (dataOf(out) as { choices: { delta: { content: string } }[] }[])
      .map((each) => each.choices[0]?.delta.content)
      .join('');
    expect(JSON.parse(got)).toEqual({ name: plain(anna), address: plain(address) });
  });

  it('of a vendor’s signed thoughts stay as they are, streamed and plain', () => {
    const thought = event({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'thinking_delta', thinking: anna },
    });
    expect(sse(messages, [thought]).text).toBe(thought);
    const message = {
      content: [
        { type: 'thinking', thinking: anna, signature: 's' },
        { type: 'text', text: anna },
      ],
    };
    const { text } = pass(messages, 'application/json', cutAt(JSON.stringify(message), [10, 40]));
    expect(JSON.parse(text)).toEqual({ content: [message.content[0], { type: 'text', text: plain(anna) }] });
  });

  it('may be large, end in any way, and hold bytes that are no UTF-8', () => {
    const large = delta(`${'x'.repeat(100_000)}${anna}`);
    expect(sse(chat, cutAt(large, [1, 70_000])).text).toBe(large.replace(anna, 'Änna \\"Made-up\\" Berger'));
    for (const end of ['\r\n', '\r', '\n']) {
      const given = (delta('[[PER') + delta('SON_7Q2K9XWM10]]')).replaceAll('\n', end);
      for (const chunks of [[given], [...given]]) {
        const text = sse(chat, chunks).text;
        expect(text.replaceAll(end, '\n')).toBe(delta('') + delta(plain(anna)));
      }
    }
    const bytes = Buffer.concat([
      Buffer.from('data: {"a":"'),
      Buffer.from([0xff, 0xe2, 0x82]),
      Buffer.from(`","b":"${anna}"}\n\n`),
    ]);
    const body = restoreFor(chat, tokens, null).begin(['content-type', 'text/event-stream']);
    const out = Buffer.concat([
      body?.push(bytes.subarray(0, 13)) ?? Buffer.alloc(0),
      body?.push(bytes.subarray(13)) ?? Buffer.alloc(0),
    ]);
    expect(out.subarray(0, 15)).toEqual(bytes.subarray(0, 15));
    expect(out.toString()).toContain('Änna');
    expect(sse(chat, [`\ufeff${delta(anna)}`]).text).toBe(`\ufeff${delta(plain(anna))}`);
  });

  it('that are never whole, or of ever new channels, are cut off', () => {
    const body = restoreFor(chat, tokens, null).begin(['content-type', 'text/event-stream']);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    expect(() => {
      for (let n = 0; n < 10; n++) body?.push(chunk);
    }).toThrow(Refusal);
    const many = Array.from({ length: 300 }, (_, index) => delta('[', index));
    expect(() => sse(chat, many)).toThrow(expect.objectContaining({ code: 'restore_failed' }));
  });

  it('of more than 64 KB let go of what they would hold back', () => {
    const large = event({
      filler: 'x'.repeat(70_000),
      choices: [{ index: 0, delta: { content: '[[PERSON_7Q' } }],
    });
    expect(sse(chat, [large]).text).toBe(large);
  });
});

describe('an answer that is no stream', () => {
  const value = {
    a: `${anna} \\[\\[PERSON\\_7Q2K9XWM10\\]\\] ä`,
    call: { arguments: JSON.stringify({ to: address, note: '"quoted"' }) },
    list: [1.5, null, '\\', '"', '[[', 'é', unknown],
  };
  const expected = {
    a: `${plain(anna)} ${plain(anna)} ä`,
    call: { arguments: JSON.stringify({ to: plain(address), note: '"quoted"' }) },
    list: value.list,
  };

  it('is restored string by string, as it passes, in whatever chunks', () => {
    const text = JSON.stringify(value, null, 1);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (cuts) => {
        const bytes = cutAt(Buffer.from(text).toString('latin1'), cuts).map((each) =>
          Buffer.from(each, 'latin1'),
        );
        const passed = pass(chat, 'application/json', bytes);
        expect(JSON.parse(passed.text)).toEqual(expected);
        expect([passed.restored, passed.unknown]).toEqual([3, 1]);
      }),
      { numRuns: 100 * soak },
    );
    const bytes = Buffer.from(text);
    const single = pass(
      null,
      'application/problem+json',
      Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
    );
    expect(JSON.parse(single.text)).toEqual(expected);
    // It passes as it comes: nothing waits for the document’s end.
    expect(single.chunks[2]).not.toBe('');
  });

  it('is restored line by line, and as text', () => {
    const lines = `${JSON.stringify({ a: anna })}\r\n\n${JSON.stringify({ b: 1 })}\n${JSON.stringify({ c: address })}`;
    expect(pass(null, 'application/x-ndjson', cutAt(lines, [5, 30])).text).toBe(
      `${JSON.stringify({ a: plain(anna) })}\r\n\n${JSON.stringify({ b: 1 })}\n${JSON.stringify({ c: plain(address) })}`,
    );
    expect(pass(null, 'text/markdown', cutAt(said, [9, 12, 40])).text).toBe(plain(said));
  });

  it('passes untouched if it is neither text nor JSON', () => {
    for (const type of ['image/png', 'application/octet-stream', 'audio/mpeg'])
      expect(restoreFor(chat, tokens, null).begin(['content-type', type, 'etag', 'x'])).toBeNull();
  });

  it('is refused when it is packed, or framed in a way that is not read', () => {
    const begin =
      (...headers: string[]) =>
      () =>
        restoreFor(chat, tokens, null).begin(headers);
    const failed = expect.objectContaining({ code: 'restore_failed', stage: 'restore' });
    expect(begin('Content-Type', 'text/event-stream', 'Content-Encoding', 'gzip')).toThrow(failed);
    expect(begin('content-type', 'application/json', 'content-encoding', 'br')).toThrow(failed);
    expect(begin('content-type', 'application/vnd.amazon.eventstream')).toThrow(failed);
    expect(begin('content-type', 'application/json', 'content-encoding', 'identity')).not.toThrow();
  });

  it('loses the headers that speak of its exact bytes', () => {
    const headers = ['Content-Type', 'application/json', 'ETag', '"x"', 'Digest', 'x', 'X-Request-Id', '1'];
    restoreFor(chat, tokens, null).begin(headers);
    expect(headers).toEqual(['Content-Type', 'application/json', 'X-Request-Id', '1']);
  });
});
