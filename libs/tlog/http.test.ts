import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGzip, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Fetch, fetchOver, fsck, openReader, type ProblemCode } from './index.ts';
import { contentsOf, finished, trust } from './log-harness.ts';

/** A log behind a real HTTP server, which first does what it should and then whatever means harm. */
const clock = {
  now: Date.now,
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

let contents: Map<string, Buffer>;
let answer: RequestListener;
const server = createServer((request, response) => answer(request, response));
let url = '';
beforeAll(async () => {
  contents = await contentsOf(await finished([600]));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const pathOf = (asked: string | undefined): string => (asked ?? '').replace('/log/', '');
const honest: RequestListener = (request, response) => {
  const bytes = contents.get(pathOf(request.url));
  response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
};
beforeEach(() => {
  answer = honest;
});

const over = (timeoutMs = 15_000): Fetch => fetchOver({ fetch, url, clock, timeoutMs });
const check = (timeoutMs?: number) => fsck({ ...trust, fetch: over(timeoutMs), clock });

it('a log over HTTP is read, proven and checked', async () => {
  const reader = await openReader({ ...trust, fetch: over() });
  expect((await reader.entry(599)).toString()).toContain('made-up entry 599');
  expect((await reader.prove(3)).hashes.length).toBeGreaterThan(8);
  const report = await check();
  expect(report).toMatchObject({ ok: true, checked: { entries: 600 } });
  expect(report.unknown.join(' ')).toContain('Whether there are other files');
});

/** Writes for as long as anyone reads. */
function endless(response: ServerResponse, part: Buffer): void {
  const more = (): void => {
    while (!response.destroyed && response.write(part));
  };
  response.on('drain', more);
  more();
}

type Harm = (path: string, response: ServerResponse) => void;
const harms: [string, ProblemCode, RegExp, Harm][] = [
  [
    'a body without end',
    'too_large',
    /longer than/,
    (_, response) => endless(response, Buffer.alloc(65_536)),
  ],
  [
    'a length of petabytes',
    'too_large',
    /longer than/,
    (_, response) => endless(response.writeHead(200, { 'content-length': 2 ** 52 }), Buffer.alloc(65_536)),
  ],
  [
    'a drip',
    'gave_up',
    /not there within 150 ms/,
    (_, response) => {
      const timer = setInterval(() => response.write('x'), 20);
      response.once('close', () => clearInterval(timer));
    },
  ],
  ['silence', 'gave_up', /not there within 150 ms/, () => undefined],
  [
    'a redirect',
    'unreadable',
    /could not be fetched: .*redirect/,
    (path, response) => response.writeHead(302, { location: `/elsewhere/${path}` }).end(),
  ],
  [
    'bytes that unpack to gigabytes',
    'too_large',
    /longer than/,
    (_, response) => {
      const gzip = createGzip();
      gzip.pipe(response.writeHead(200, { 'content-encoding': 'gzip' }));
      const zeros = Buffer.alloc(1024 * 1024);
      const more = (): void => {
        if (!response.destroyed) gzip.write(zeros, more);
      };
      more();
    },
  ],
  [
    'what does not unpack',
    'unreadable',
    /could not be fetched/,
    (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
  ],
  [
    'fewer bytes than announced',
    'unreadable',
    /could not be fetched/,
    (_, response) =>
      response.writeHead(200, { 'content-length': 999 }).write('few', () => response.destroy()),
  ],
  [
    'an error',
    'unreadable',
    /the server answered 500/,
    (_, response) => response.writeHead(500).end('x'.repeat(100_000)),
  ],
];

describe.each(harms)('a server that sends %s', (_, code, said, harm) => {
  it.each(['checkpoint', 'tile/0/001', 'tile/entries/001'])(
    'for %s is left soon, and named',
    async (path) => {
      answer = (request, response) =>
        pathOf(request.url) === path ? harm(path, response) : honest(request, response);
      const [from, before] = [performance.now(), process.memoryUsage.rss()];
      const patience = code === 'gave_up' ? 150 : 15_000;
      const { problems, ok } = await check(patience);
      expect(ok).toBe(false);
      expect(problems[0]).toMatchObject({ code, message: expect.stringMatching(said) });
      expect(problems[0]?.message).toContain(path);
      const reading = openReader({ ...trust, fetch: over(patience) }).then((reader) => reader.entry(300));
      await expect(reading).rejects.toThrow(said);
      expect(performance.now() - from).toBeLessThan(10_000);
      expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 2 ** 20);
    },
  );
});

it.each<[string, ProblemCode, (bytes: Buffer) => Buffer]>([
  ['tile/0/001', 'bad_tile', (bytes) => bytes.subarray(1)],
  ['tile/0/001', 'bad_tile', () => Buffer.alloc(0)],
  ['tile/0/001', 'too_large', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
  ['tile/entries/001', 'bad_bundle', (bytes) => bytes.subarray(1)],
  ['checkpoint', 'too_large', (bytes) => Buffer.concat([bytes, Buffer.alloc(2_000_000, 'x')])],
  ['checkpoint', 'bad_note', () => Buffer.alloc(900_000, '\n')],
])('%s of another size is %s', async (path, code, change) => {
  answer = (request, response) => {
    const bytes = contents.get(pathOf(request.url));
    if (pathOf(request.url) !== path || bytes === undefined) return honest(request, response);
    const packed = gzipSync(change(bytes));
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed);
  };
  const { problems } = await check();
  expect(problems[0]?.code).toBe(code);
});
