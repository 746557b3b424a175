import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { restoreFor } from './index.ts';
import { address, anna, chat, cutAt, pass, plain, tokens, unknown } from './testing/pass.ts';

const soak = process.env.DRAWBRIDGE_SOAK === '1' ? 50 : 1;
vi.setConfig({ testTimeout: soak * 30_000 });

const said = `Dear **${anna}**, of ${address}: [[1]] and ${unknown}! ${anna}`;

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

  it('has lines of hundreds of thousands of numbers, and is cut off with a reason beyond', () => {
    const line = (count: number): string =>
      `${JSON.stringify({ custom_id: anna, embedding: Array.from({ length: count }, (_, at) => -at / 7) })}\n`;
    const lines = line(20) + line(200_000);
    const put = JSON.stringify(plain(anna)).slice(1, -1);
    expect(pass(null, 'application/jsonl', [lines]).text === lines.replaceAll(anna, put)).toBe(true);
    expect(() => pass(null, 'application/jsonl', [`[${'1,'.repeat(500_000)}1]\n`])).toThrow(
      'more than 500000 values in one event or line',
    );
    // Where texts come in pieces, each event is read by itself, and soon.
    expect(() => pass(chat, 'application/jsonl', [line(30_000)])).toThrow(
      expect.objectContaining({
        code: 'restore_failed',
        message: expect.stringContaining('more than 20000 values'),
      }),
    );
    const strings = `${JSON.stringify(Array.from({ length: 3_000 }, () => 'x'.repeat(400)))}\n`;
    expect(() => pass(null, 'application/jsonl', [strings])).toThrow('more than 1 MB of text');
  });

  it('is cut off where it would grow beyond all bounds', () => {
    const long = new Map([[anna, 'a'.repeat(2 ** 20)]]);
    const failed = expect.objectContaining({ code: 'restore_failed' });
    for (const type of ['application/json', 'text/plain', 'text/event-stream', 'application/x-ndjson']) {
      const grown = (count: number) => () => {
        const text = `"${anna.repeat(count)}"`;
        const json = type === 'text/event-stream' ? `data: x ${text}\n\n` : `${text}\n`;
        restoreFor(chat, long, null).begin(['content-type', type])?.push(Buffer.from(json));
      };
      expect(grown(2), type).not.toThrow();
      expect(grown(20), type).toThrow(failed);
    }
  });

  it('passes untouched if it is neither text nor JSON', () => {
    for (const type of ['image/png', 'application/octet-stream', 'audio/mpeg'])
      expect(restoreFor(chat, tokens, null).begin(['content-type', type, 'etag', 'x'])).toBeNull();
  });

  it('is refused when it is packed', () => {
    const begin =
      (...headers: string[]) =>
      () =>
        restoreFor(chat, tokens, null).begin(headers);
    const failed = expect.objectContaining({ code: 'restore_failed', stage: 'restore' });
    expect(begin('Content-Type', 'text/event-stream', 'Content-Encoding', 'gzip')).toThrow(failed);
    expect(begin('content-type', 'application/json', 'content-encoding', 'br')).toThrow(failed);
    expect(begin('content-type', 'application/json', 'content-encoding', 'identity')).not.toThrow();
  });

  it('loses the headers that speak of its exact bytes', () => {
    const headers = ['Content-Type', 'application/json', 'ETag', '"x"', 'Digest', 'x', 'X-Request-Id', '1'];
    restoreFor(chat, tokens, null).begin(headers);
    expect(headers).toEqual(['Content-Type', 'application/json', 'X-Request-Id', '1']);
  });
});
