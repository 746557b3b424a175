import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { CompiledAnswer } from './index.ts';
import {
  address,
  anna,
  chat,
  cutAt,
  dataOf,
  event,
  gemini,
  messages,
  plain,
  responses,
  sse,
  unknown,
} from './testing/pass.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

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
