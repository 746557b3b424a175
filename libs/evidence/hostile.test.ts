import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { formats } from './formats.ts';
import { LONGEST_LINE } from './lines.ts';
import { readEvidence } from './read.ts';
import { readPieces, values } from './testing.ts';
import { LINES_KEPT, UNREAD_KEPT } from './trace.ts';

const tunnel = (host: string, time = 1_793_527_200) =>
  `${time}.123   1532 10.0.0.5 TCP_TUNNEL/200 100 CONNECT ${host}:443 - HIER_DIRECT/203.0.113.7 -\n`;

async function* repeated(piece: Buffer, times: number, end = ''): AsyncGenerator<Buffer> {
  for (let n = 0; n < times; n += 1) yield piece;
  yield Buffer.from(end);
}

test('a line of a gigabyte is passed over, told, and not held', async () => {
  const before = process.memoryUsage().rss;
  const piece = Buffer.alloc(1024 * 1024, 'a');
  async function* file() {
    yield Buffer.from(tunnel('api.openai.com'));
    yield* repeated(piece, 1024, `\n${tunnel('api.stripe.com')}`);
  }
  const read = await readEvidence('access.txt', file());
  expect(values(read)).toEqual(['api.openai.com', 'api.stripe.com']);
  expect(read.unread).toEqual([{ line: 2, field: null, why: 'the line is longer than 1024 KiB' }]);
  expect(read.lines).toBe(3);
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
});

test('no format holds a line, a text or a record without an end', async () => {
  const begins: Record<string, string> = {
    har: '{"log":{"entries":[{"request":{"url":"',
    csv: 'host,note\na.example,"',
    payments: 'date,payee\n2026-01-01,"',
  };
  const piece = Buffer.alloc(1024 * 1024, 'x');
  for (const { id } of formats) {
    async function* file() {
      yield Buffer.from(begins[id] ?? '');
      yield* repeated(piece, 64);
    }
    const before = process.memoryUsage().rss;
    await readEvidence('x', file(), { format: id }).catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'EvidenceError' });
    });
    // Documents are read whole up to 64 MiB: those, and a copy of them while they are put together.
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  }
});

test('a quote that is never closed is told by its line', async () => {
  const text = `host,at\na.example,1\nb.example,"2\n${'c.example,3\n'.repeat(200_000)}`;
  await expect(readPieces('x.csv', text)).rejects.toMatchObject({ code: 'malformed', line: 3 });
});

test('a gzip bomb is refused before it has grown', async () => {
  const bomb = gzipSync(Buffer.concat([Buffer.from(tunnel('a.example')), Buffer.alloc(200 * 1024 * 1024)]));
  await expect(readPieces('access.txt.gz', bomb)).rejects.toMatchObject({ code: 'too_large' });
});

test('a file larger than what is allowed is refused, packed or not', async () => {
  const text = tunnel('a.example').repeat(2000);
  await expect(readPieces('a', text, { maxBytes: 1000 })).rejects.toMatchObject({ code: 'too_large' });
  await expect(readPieces('a.gz', gzipSync(text), { maxBytes: 1000 })).rejects.toMatchObject({
    code: 'too_large',
  });
});

test('gzip that breaks off or is damaged is refused: a part would count as the whole', async () => {
  const log = Array.from({ length: 5000 }, (_, n) =>
    tunnel(`api.vendor${n % 97}.example`, 1_793_527_200 + n * 7),
  );
  const packed = gzipSync(log.join(''));
  for (const length of [3, 12, Math.floor(packed.length / 2), packed.length - 1]) {
    await expect(readPieces('a.gz', packed.subarray(0, length))).rejects.toMatchObject({ code: 'truncated' });
  }
  const damaged = Buffer.from(packed);
  damaged.fill(0xff, 2000, 2100);
  await expect(readPieces('a.gz', damaged)).rejects.toMatchObject({ code: 'truncated' });
  const twice = await readPieces('a.gz', Buffer.concat([packed, packed]));
  expect(twice.lines).toBe(10_000);
});

test('what feeds a file is ended when reading stops early', async () => {
  let isEnded = false;
  async function* file() {
    try {
      while (true) yield gzipSync(Buffer.alloc(1_000_000));
    } finally {
      isEnded = true;
    }
  }
  await expect(readEvidence('x.gz', file(), { format: 'har' })).rejects.toMatchObject({ code: 'malformed' });
  expect(isEnded).toBe(true);
});

test('an error of the source is the source’s, also behind gzip', async () => {
  async function* file() {
    yield gzipSync(tunnel('a.example').repeat(1000)).subarray(0, 40);
    throw new TypeError('the disk is gone');
  }
  await expect(readEvidence('x.gz', file())).rejects.toThrow('the disk is gone');
});

test('JSON as deep as it likes is followed where it is passed over, and refused where it is kept', async () => {
  const deep = `${'['.repeat(300_000)}${']'.repeat(300_000)}`;
  const passed = `{"log":{"x":${deep},"entries":[{"request":{"url":"https://a.example/"},"y":${deep}}]}}`;
  expect(values(await readPieces('x.har', passed))).toEqual(['a.example']);
  const kept = `{"log":{"entries":[{"request":{"url":${deep}}}]}}`;
  await expect(readPieces('x.har', kept, { format: 'har' })).rejects.toMatchObject({
    code: 'too_deep',
    line: 1,
  });
  const sent = JSON.stringify({
    log: { entries: [{ request: { url: 'https://a.example/', postData: { text: deep } } }] },
  });
  expect(values(await readPieces('x.har', sent, { format: 'har' }))).toEqual(['a.example']);
  const line = await readPieces('x', `{"host":"a.example","x":${deep.slice(250_000, 350_000)}}\n`, {
    format: 'jsonl',
  });
  expect(values(line)).toEqual(['a.example']);
});

test('a recording that breaks off is told with how far it was', async () => {
  await expect(readPieces('x.har', '{"log":{"entries":[{"request":{}},')).rejects.toMatchObject({
    code: 'truncated',
    message: expect.stringContaining('after 1 whole records') as string,
  });
  await expect(readPieces('x.har', '{"log":{"pages":[]}}')).rejects.toMatchObject({ field: 'log.entries' });
});

test('members that objects have by themselves are names like others', async () => {
  const text =
    '{"log":{"entries":[{"__proto__":{"url":"https://b.example"},"request":{"url":"https://a.example/"}}]}}';
  expect(values(await readPieces('x.har', text))).toEqual(['a.example']);
  expect(({} as { url?: string }).url).toBeUndefined();
});

test('names are the same in Unicode and in ASCII; NUL bytes make none', async () => {
  const log = [
    tunnel('münchen.example'),
    tunnel('xn--mnchen-3ya.example.'),
    tunnel('MÜNCHEN.example'),
    tunnel('a\0b.example'),
  ];
  const read = await readPieces('x', log.join(''), { format: 'csv' }).catch(() => null);
  expect(read).toBeNull();
  const csv = await readPieces(
    'x.csv',
    'host,n\nmünchen.example,1\nxn--mnchen-3ya.example.,2\nMÜNCHEN.example,3\na\0b.example,4\n',
  );
  expect(csv.traces).toMatchObject([{ value: 'xn--mnchen-3ya.example', count: 3, lines: [2, 3, 4] }]);
  expect(csv.unread).toEqual([{ line: 5, field: 'host', why: 'this is no name of a host' }]);
});

test('what may be a secret is nowhere in what is read', async () => {
  const secret = 'hunter2secret';
  const files: [string, string][] = [
    [
      'access.txt',
      `1793527200.123 15 10.0.0.5 TCP_MISS/200 42 GET http://u:${secret}@a.example/${secret}?k=${secret} ${secret} HIER_DIRECT/203.0.113.7 -\n`,
    ],
    [
      't.csv',
      `time,url,${secret}\n${secret},https://u:${secret}@a.example/${secret},${secret}\n2026-01-01,${secret},1\n`,
    ],
    ['t.jsonl', `{"url":"https://u:${secret}@a.example/${secret}","time":"${secret}","x":"${secret}"}\n`],
    [
      '_headers',
      `Content-Security-Policy: connect-src https://u:${secret}@a.example/${secret}?k=${secret} https://a.example/\n`,
    ],
    [
      'x.har',
      JSON.stringify({
        log: {
          creator: {},
          entries: [
            {
              startedDateTime: secret,
              request: {
                url: `https://u:${secret}@a.example/${secret}`,
                headers: [{ name: 'authorization', value: secret }],
                cookies: [{ name: 'session', value: secret }],
                queryString: [{ name: 'k', value: secret }],
                postData: {
                  mimeType: 'application/json',
                  text: JSON.stringify({ k: [secret, { k: secret }] }),
                },
              },
            },
            {
              request: {
                url: 'https://a.example',
                postData: { mimeType: 'application/x-www-form-urlencoded', text: `k=${secret}&l=${secret}` },
              },
            },
          ],
        },
      }),
    ],
    [
      'm.eml',
      `From: ${secret} <${secret}@a.example>\nSubject: ${secret}\nTo: ${secret}@b.example\nDate: ${secret}\n\n${secret}\n`,
    ],
  ];
  for (const [name, text] of files) {
    const read = await readPieces(name, text);
    expect(values(read), name).toEqual(['a.example']);
    expect(JSON.stringify(read), name).not.toContain(secret);
  }
});

test('what is told of what can’t be read holds nothing of it', async () => {
  const secret = 'hunter2secret';
  for (const { id } of formats) {
    for (const text of [
      `{"${secret}":[`,
      `${secret},"${secret}`,
      `[${secret}]`,
      `{"log":{"entries":[${secret}`,
    ]) {
      // A name that stands where names stand is a trace, by whatever it is called.
      const told = await readPieces('x', text, { format: id }).then(
        ({ unread }) => JSON.stringify(unread),
        String,
      );
      expect(told, `${id}: ${text}`).not.toContain(secret);
    }
  }
});

test('a body with a member per person has its names left out, not kept', async () => {
  const text = JSON.stringify({
    log: {
      creator: {},
      entries: [
        {
          request: {
            url: 'https://a.example/',
            postData: {
              text: JSON.stringify({
                users: { 'anna@b.example': { plan: 1 }, '4711471147': { plan: 1 }, ok: 1 },
              }),
            },
          },
        },
      ],
    },
  });
  const { traces } = await readPieces('x.har', text);
  expect(traces[0]?.fields).toEqual(['body.users.*.plan', 'body.users.ok']);
});

test('as many names as there may be are kept, the rest is counted', async () => {
  const log = Array.from({ length: 50 }, (_, n) => tunnel(`h${n}.example`))
    .join('')
    .repeat(2);
  const read = await readPieces('x', log, { maxTraces: 10 });
  expect(read.traces).toHaveLength(10);
  expect(read.overflow).toBe(80);
});

test('what is left out is told up to a hundred times, and counted', async () => {
  const read = await readPieces('x', tunnel('a.example') + 'broken line\n'.repeat(500));
  expect(read.unread).toHaveLength(UNREAD_KEPT);
  expect(read.unreadCount).toBe(500);
  const many = await readPieces('x', tunnel('a.example').repeat(20));
  expect(many.traces[0]?.lines).toHaveLength(LINES_KEPT);
});

test('a message whose header is longer than is read is told, not passed over', async () => {
  const long = `Received: ${'x'.repeat(20_000)}\n`;
  const alone = await readPieces(
    'a.mbox',
    `From a\n${long}\nHello\n\nFrom b\nFrom: ${'y'.repeat(20_000)}@z.example\nDate: x\n\n`,
    {
      format: 'mbox',
    },
  );
  expect(alone.unread.map(({ why }) => why)).toEqual(Array(2).fill('a header is longer than is read'));
});

test('text made to take long takes no time', async () => {
  const long = LONGEST_LINE - 100;
  const slow: [string, string][] = [
    ['csv', `host,${' '.repeat(60_000)}x\n`],
    ['csp', `connect-src ${'.'.repeat(long)}@\n`],
    ['csp', `connect-src ${'a.'.repeat(long / 2)}@\n`],
    ['payments', `date,payee\n2026-01-01,${' '.repeat(long - 50)}x\n`],
    ['dnsmasq', `${'dnsmasq: query[A] '.repeat(50_000)}\n`],
    ['mbox', `From: ${'<'.repeat(16_000)}\nSubject: ${'=?a?q?'.repeat(2000)}\n\n`],
    ['zeek', `#fields\t${'\t'.repeat(long)}\n`],
  ];
  for (const [format, text] of slow) {
    const begin = performance.now();
    await readPieces('x', text, { format }).catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'EvidenceError' });
    });
    await readPieces('x', text).catch((error: unknown) => {
      expect(error).toMatchObject({ name: 'EvidenceError' });
    });
    expect(performance.now() - begin, format).toBeLessThan(2000);
  }
  for (const head of [
    ','.repeat(65_536),
    ' '.repeat(65_536),
    '}'.repeat(65_536),
    '"'.repeat(65_536),
    `"log"${' '.repeat(60_000)}`,
  ]) {
    const begin = performance.now();
    await readPieces('x', head).catch(() => null);
    expect(performance.now() - begin).toBeLessThan(2000);
  }
});
