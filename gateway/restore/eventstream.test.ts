import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileAnswer, restoreFor } from './index.ts';
import { address, anna, plain, tokens } from './testing/pass.ts';

const TYPE = 'application/vnd.amazon.eventstream';
const converse = compileAnswer({
  deltas: [{ event: 'contentBlockDelta', text: 'delta.text', channel: ['contentBlockIndex'] }],
  ends: [{ events: ['contentBlockStop'], channel: ['contentBlockIndex'] }],
});
const invoke = compileAnswer({
  deltas: [{ event: 'content_block_delta', text: 'delta.text', channel: ['index'] }],
  ends: [{ events: ['content_block_stop'], channel: ['index'] }],
});

const checksum = (bytes: Buffer): Buffer => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum;
};
const text = (name: string, value: string): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(value.length);
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([7]),
    length,
    Buffer.from(value),
  ]);
};
/** Headers of other types, which nobody looks at: true, a number, bytes, a time, a UUID. */
const others = Buffer.concat([
  Buffer.from('\x01a\x00\x01b\x04\x00\x00\x00\x07', 'latin1'),
  Buffer.from('\x01c\x06\x00\x02hi\x01d\x08\x00\x00\x00\x00\x00\x00\x00\x01\x01e\x09', 'latin1'),
  Buffer.alloc(16, 9),
]);

function message(payload: string, headers: Buffer): Buffer {
  const body = Buffer.from(payload);
  const lengths = Buffer.alloc(8);
  lengths.writeUInt32BE(16 + headers.length + body.length, 0);
  lengths.writeUInt32BE(headers.length, 4);
  const head = Buffer.concat([lengths, checksum(lengths), headers, body]);
  return Buffer.concat([head, checksum(head)]);
}
const event = (type: string, value: unknown): Buffer =>
  message(
    JSON.stringify(value),
    Buffer.concat([text(':event-type', type), others, text(':message-type', 'event')]),
  );

interface Read {
  headers: Buffer;
  payload: string;
}
/** What a strict reader gets of a stream. */
function read(stream: Buffer): Read[] {
  const found: Read[] = [];
  for (let at = 0; at < stream.length; ) {
    const length = stream.readUInt32BE(at);
    const headers = stream.readUInt32BE(at + 4);
    expect(stream.readUInt32BE(at + 8)).toBe(crc32(stream.subarray(at, at + 8)));
    expect(stream.readUInt32BE(at + length - 4)).toBe(crc32(stream.subarray(at, at + length - 4)));
    found.push({
      headers: stream.subarray(at + 12, at + 12 + headers),
      payload: stream.toString('utf8', at + 12 + headers, at + length - 4),
    });
    at += length;
  }
  return found;
}

function pass(answer: typeof converse, stream: Buffer, cuts: readonly number[] = []): Buffer {
  const body = restoreFor(answer, tokens, null).begin(['content-type', TYPE]);
  if (body === null) throw new Error('not restored');
  const places = [...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  const out = places.map((place, at) => body.push(stream.subarray(places[at - 1] ?? 0, place)));
  return Buffer.concat([...out, body.end()]);
}

const said = `Dear "${anna}",\nof ${address} — ☂`;
const pieces = (size: number): string[] => said.match(new RegExp(`.{1,${size}}`, 'gsu')) ?? [];

const delta = (piece: string) =>
  event('contentBlockDelta', {
    contentBlockIndex: 0,
    delta: { text: piece },
    p: 'abcdefgh'.slice(0, piece.length),
  });
const conversed = (size: number): Buffer =>
  Buffer.concat([
    event('messageStart', { role: 'assistant' }),
    ...pieces(size).map(delta),
    event('contentBlockStop', { contentBlockIndex: 0 }),
    event('messageStop', { stopReason: 'end_turn' }),
  ]);
const textOfConverse = (stream: Buffer): string =>
  read(stream)
    .map(({ payload }) => (JSON.parse(payload) as { delta?: { text: string } }).delta?.text ?? '')
    .join('');

const chunk = (value: unknown) =>
  event('chunk', { bytes: Buffer.from(JSON.stringify(value)).toString('base64'), p: 'abcdef' });
const invoked = (size: number): Buffer =>
  Buffer.concat([
    ...pieces(size).map((piece) =>
      chunk({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } }),
    ),
    chunk({ type: 'content_block_stop', index: 0 }),
  ]);
const textOfInvoke = (stream: Buffer): string =>
  read(stream)
    .map(({ payload }) => {
      const { bytes, p } = JSON.parse(payload) as { bytes: string; p: string };
      expect(p).toBe('abcdef');
      return (
        (JSON.parse(Buffer.from(bytes, 'base64').toString()) as { delta?: { text: string } }).delta?.text ??
        ''
      );
    })
    .join('');

describe("Amazon's event stream", () => {
  it('has tokens put back over its messages, with the right lengths and checksums, wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: said.length }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (size, cuts) => {
          expect(textOfConverse(pass(converse, conversed(size), cuts))).toBe(plain(said));
          expect(textOfInvoke(pass(invoke, invoked(size), cuts))).toBe(plain(said));
        },
      ),
      { numRuns: 100 },
    );
    const stream = conversed(5);
    const single = pass(
      converse,
      stream,
      Array.from(stream, (_, at) => at),
    );
    expect(textOfConverse(single)).toBe(plain(said));
    for (const { headers } of read(single)) expect(headers.includes(others)).toBe(true);
  });

  it('passes as it came, in the same chunk, where nothing is to be put back', () => {
    const stream = Buffer.concat([
      delta('Hello'),
      event('metadata', { usage: { inputTokens: 1 } }),
      message('', others),
    ]);
    const body = restoreFor(converse, tokens, null).begin(['content-type', TYPE]);
    expect(body?.push(stream)).toBe(stream);
  });

  it('has a document read whose base64 is written with escapes', () => {
    const [given] = read(chunk({ delta: { text: `“${anna}?” ${'?~'.repeat(9)}` } }));
    const payload = (given?.payload ?? '').replaceAll('/', '\\/');
    expect(payload).toContain('\\/');
    const stream = message(payload, text(':event-type', 'chunk'));
    expect(textOfInvoke(pass(invoke, stream))).toBe(plain(`“${anna}?” ${'?~'.repeat(9)}`));
  });

  it('lets go at its end of what may have become a token', () => {
    expect(textOfConverse(pass(converse, delta('a [[PERSON_7')))).toBe('a [[PERSON_7');
  });

  it('is cut off where a length or a checksum is wrong, where it is too long, and where it ends in a message', () => {
    const good = delta(`Hello ${anna}`);
    const failed = expect.objectContaining({ code: 'restore_failed', stage: 'restore' });
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 1;
      expect(() => pass(converse, bad), `byte ${at}`).toThrow(failed);
    }
    for (const at of [1, 11, 12, good.length - 1])
      expect(() => pass(converse, good.subarray(0, at)), `${at} bytes`).toThrow(failed);
    const long = Buffer.alloc(12);
    long.writeUInt32BE(9 * 1024 * 1024, 0);
    checksum(long.subarray(0, 8)).copy(long, 8);
    // Known by its beginning: nothing is waited for.
    const body = restoreFor(converse, tokens, null).begin(['content-type', TYPE]);
    expect(() => body?.push(long)).toThrow(failed);
    for (const headers of [
      [1, 0x61, 77],
      [5, 0x61],
      [1, 0x61, 7, 0, 9, 0x62],
      Array(130).fill([0, 1]).flat(),
    ])
      expect(() => pass(converse, message('{}', Buffer.from(headers)))).toThrow(failed);
    expect(() => pass(invoke, message('{"bytes":', text(':event-type', 'chunk')))).toThrow(failed);
  });
});
