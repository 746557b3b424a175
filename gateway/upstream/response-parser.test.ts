import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ResponseError, ResponseParser } from './response-parser.ts';

interface Message {
  status: number;
  headers: string[];
  body: string;
  reusableMs: number;
}

/** Reads bytes given in these pieces as the answers to requests of these methods, one after the other. */
function read(pieces: readonly Buffer[], methods: readonly string[], isClosed = false): Message[] {
  const messages: Message[] = [];
  let at = 0;
  const parser = new ResponseParser({
    head: (status, headers) => void messages.push({ status, headers, body: '', reusableMs: -1 }),
    data: (chunk) => {
      const message = messages.at(-1);
      if (message !== undefined) message.body += chunk.toString('latin1');
    },
    end: (reusableMs) => {
      const message = messages.at(-1);
      if (message !== undefined) message.reusableMs = reusableMs;
    },
  });
  parser.begin(methods[at] ?? '');
  for (const piece of pieces) {
    // The next request is sent once the answer to the last is whole.
    const next = methods[at + 1];
    if (next !== undefined && messages.length > at && (messages.at(-1)?.reusableMs ?? -1) >= 0) {
      at += 1;
      parser.begin(next);
    }
    parser.read(piece);
  }
  if (isClosed) parser.finish();
  return messages;
}

const cut = (bytes: Buffer, places: readonly number[]): Buffer[] => {
  const marks = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b);
  return [0, ...marks].map((from, index) => bytes.subarray(from, marks[index] ?? bytes.length));
};

const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9!#$%&'*+.^_`|~-]{0,12}$/).map((text) => `X-${text}`);
const value = fc.stringMatching(/^[!-~\x80-\xff]([ -~\x80-\xff]{0,20}[!-~\x80-\xff])?$/);
const body = fc.array(fc.nat(255), { maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const message = fc.record({
  status: fc.constantFrom(200, 201, 404, 500),
  reason: fc.constantFrom(' OK', ' ', '', ' Not quite what was meant'),
  headers: fc.array(fc.tuple(name, value), { maxLength: 5 }),
  parts: fc.array(body, { maxLength: 4 }),
  framing: fc.constantFrom('length', 'chunked'),
  interim: fc.constantFrom(
    '',
    'HTTP/1.1 100 Continue\r\n\r\n',
    'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n',
  ),
});

function written({
  status,
  reason,
  headers,
  parts,
  framing,
  interim,
}: typeof message extends fc.Arbitrary<infer T> ? T : never) {
  const all = parts.join('');
  const framed: [string, string] =
    framing === 'length' ? ['Content-Length', String(all.length)] : ['transfer-encoding', 'Chunked'];
  const pairs = [...headers, framed];
  const chunks = parts
    .filter((part) => part !== '')
    .map((part) => `${part.length.toString(16)};ext="1"\r\n${part}\r\n`)
    .join('');
  const text =
    `${interim}HTTP/1.1 ${status}${reason}\r\n${pairs.map(([n, v]) => `${n}:  ${v} \r\n`).join('')}\r\n` +
    (framing === 'length' ? all : `${chunks}0\r\nX-Trailer: 1\r\n\r\n`);
  return {
    bytes: Buffer.from(text, 'latin1'),
    told: { status, headers: pairs.flat(), body: all, reusableMs: 4000 },
  };
}

test('whatever is sent, in whatever pieces, is read as it was meant', () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 3 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (messages, places) => {
        const all = messages.map(written);
        const pieces = all.flatMap(({ bytes }) => cut(bytes, places));
        expect(
          read(
            pieces,
            messages.map(() => 'POST'),
          ),
        ).toEqual(all.map(({ told }) => told));
      },
    ),
    { numRuns: 500 },
  );
});

describe('how messages end', () => {
  const one = (text: string, method = 'GET', isClosed = false) =>
    read([Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')], [method], isClosed)[0];

  test.each([
    ['with a length', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nhi', 'hi', 4000],
    ['of no length at all', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n', '', 4000],
    ['without a body', 'HTTP/1.1 204 No Content\n\n', '', 4000],
    [
      'not modified, with the length of what it would be',
      'HTTP/1.1 304 Not Modified\nContent-Length: 9\n\n',
      '',
      4000,
    ],
    [
      'the server wants to close',
      'HTTP/1.1 200 OK\nConnection: foo, Close\nContent-Length: 2\n\nhi',
      'hi',
      0,
    ],
    ['of HTTP/1.0', 'HTTP/1.0 200 OK\nContent-Length: 2\n\nhi', 'hi', 0],
    [
      'that says how long it waits',
      'HTTP/1.1 200 OK\nKeep-Alive: timeout=3, max=9\nContent-Length: 2\n\nhi',
      'hi',
      2000,
    ],
    [
      'that waits for less than is worth it',
      'HTTP/1.1 200 OK\nKeep-Alive: timeout=1\nContent-Length: 2\n\nhi',
      'hi',
      0,
    ],
    ['that waits for long', 'HTTP/1.1 200 OK\nkeep-alive: timeout=600\nContent-Length: 2\n\nhi', 'hi', 4000],
  ])('%s', (_what, text, body, reusableMs) => {
    expect(one(text)).toMatchObject({ body, reusableMs });
  });

  test('the answer to HEAD has a length and no body', () => {
    expect(one('HTTP/1.1 200 OK\nContent-Length: 2000\n\n', 'HEAD')).toMatchObject({
      body: '',
      reusableMs: 4000,
    });
  });

  test('without a length the end is the connection’s', () => {
    expect(one('HTTP/1.1 200 OK\n\nall of it', 'GET')).toMatchObject({ body: 'all of it', reusableMs: -1 });
    expect(one('HTTP/1.1 200 OK\n\nall of it', 'GET', true)).toMatchObject({
      body: 'all of it',
      reusableMs: 0,
    });
  });

  test.each([
    ['in the head', 'HTTP/1.1 200 OK\nContent-Le'],
    ['in a body of known length', 'HTTP/1.1 200 OK\nContent-Length: 3\n\nhi'],
    ['in a chunk', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhi'],
    ['before the last chunk', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhi\n'],
    ['in the trailers', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n0\nX-A: 1'],
  ])('a connection that ends %s is no end', (_where, text) => {
    expect(() => one(text, 'GET', true)).toThrow(ResponseError);
  });
});

describe('what could be read in two ways is an error', () => {
  const huge = 'x'.repeat(70_000);
  test.each([
    ['another protocol', 'SSH-2.0-made-up\r\n'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status line with a line feed in it', 'HTTP/1.1 200 OK\nX: 1\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi'],
    ['the same length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi'],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi'],
    ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi'],
    ['a length in hex', 'HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\nhi'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['another transfer encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['chunks twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nX-A\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: 1\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nhi'],
    ['a line feed in a header', 'HTTP/1.1 200 OK\r\nX-A: 1\nSet-Cookie: 2\r\n\r\n'],
    ['a carriage return in a header', 'HTTP/1.1 200 OK\r\nX-A: 1\rSet-Cookie: 2\r\n\r\n'],
    ['NUL in a header', 'HTTP/1.1 200 OK\r\nX-A: 1\0\r\n\r\n'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX-A: ${huge}`],
    ['a head too large', `HTTP/1.1 200 OK\r\nX-A: ${huge}\r\n\r\n`],
    ['a chunk without a size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n'],
    ['a chunk of negative size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nhi\r\n'],
    [
      'a chunk whose size overflows',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n',
    ],
    ['a chunk longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi!!\r\n'],
    [
      'a chunk ended by a bare line feed',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\n0\r\n\r\n',
    ],
    ['a size line without an end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;${huge}`],
    ['trailers without an end', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-A: ${huge}`],
    [
      'many trailers',
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'X-A: 12345678\r\n'.repeat(2000)}`,
    ],
    ['interim answers without an end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(50)],
    ['more than was asked for', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi!'],
    [
      'a second answer to one question',
      'HTTP/1.1 204 None\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi',
    ],
  ])('%s', (_what, text) => {
    const bytes = Buffer.from(text, 'latin1');
    expect(() => read([bytes], ['GET'])).toThrow(ResponseError);
    // The same, byte by byte at the beginning, in pieces later on.
    const pieces = [...bytes.subarray(0, 400)].map((byte) => Buffer.of(byte));
    for (let at = 400; at < bytes.length; at += 997) pieces.push(bytes.subarray(at, at + 997));
    expect(() => read(pieces, ['GET'])).toThrow(ResponseError);
  });

  test('whatever comes is read or refused: nothing else is thrown', () => {
    const wild = fc.array(
      fc.oneof(
        fc.constantFrom(
          'HTTP/1.1 200 OK\r\n',
          'Content-Length: 3\r\n',
          'Transfer-Encoding: chunked\r\n',
          '\r\n',
          '2\r\n',
          'hi',
          '0\r\n',
        ),
        fc.string({ maxLength: 8 }),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(wild, fc.array(fc.nat(), { maxLength: 5 }), (parts, places) => {
        const bytes = Buffer.from(parts.join(''), 'latin1');
        if (bytes.length === 0) return;
        try {
          read(cut(bytes, places), ['GET'], true);
        } catch (error) {
          expect(error).toBeInstanceOf(ResponseError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
