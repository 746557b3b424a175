import { EOL } from 'node:os';
import { parseArgs } from 'node:util';
import { type EvidenceFile, readEvidence } from '@drawbridge/evidence';

/**
 * Reading evidence: MB/s and memory, over files that are made as they are read, so that no disk is measured. The parts of a log
 * are 64 KiB, as a file stream gives them. `--json` gives the rows.
 */
const { values: asked } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const PIECE = 64 * 1024;
const MB = 1_000_000;

const vendors = Array.from({ length: 60 }, (_, n) => `vendor${n}.example`);
const hosts = Array.from({ length: 300 }, (_, n) => `api${n}.${vendors[n % 60]}`);
const hostOf = (n: number) => hosts[(n * 7919) % hosts.length];

/** 27 MB, read over and over: the same 200,000 lines, two of three a tunnel. */
function squidLog(): Buffer {
  const lines: string[] = [];
  for (let n = 0; n < 200_000; n += 1) {
    const begin = `${(1_793_527_200 + n * 0.013).toFixed(3)} ${String(n % 5000).padStart(6)} 10.1.${n % 200}.${n % 250}`;
    const address = `203.0.113.${n % 250}`;
    lines.push(
      n % 3 === 0
        ? `${begin} TCP_MISS/200 ${(n * 37) % 90_000} GET http://${hostOf(n)}/v1/some/path/of/it?id=${n}&session=abcdef - HIER_DIRECT/${address} application/json`
        : `${begin} TCP_TUNNEL/200 ${(n * 37) % 90_000} CONNECT ${hostOf(n)}:443 - HIER_DIRECT/${address} -`,
    );
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function zeekLog(): Buffer {
  const head = [
    '#separator \\x09',
    '#set_separator\t,',
    '#unset_field\t-',
    '#path\tssl',
    '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tversion\tserver_name',
  ];
  const lines = Array.from({ length: 150_000 }, (_, n) =>
    [1_793_527_200 + n, `C${n}`, '10.0.0.7', 40_000, `203.0.113.${n % 250}`, 443, 'TLSv13', hostOf(n)].join(
      '\t',
    ),
  );
  return Buffer.from(`${[...head, ...lines].join('\n')}\n`);
}

/** An entry of some 50 KB, most of it an answer's text with quotes in it, as recordings have it. */
function harEntry(n: number): Buffer {
  const text = '<div class="row"><a href="/x">text of an answer</a></div>\n'.repeat(700);
  return Buffer.from(
    JSON.stringify({
      startedDateTime: new Date(1_793_527_200_000 + n * 1000).toISOString(),
      serverIPAddress: `203.0.113.${n % 250}`,
      request: {
        method: 'POST',
        url: `https://${hostOf(n)}/track?ip=1&v=${n}`,
        headers: Array.from({ length: 20 }, (_, header) => ({
          name: `x-header-${header}`,
          value: 'v'.repeat(40),
        })),
        queryString: [{ name: 'ip', value: '1' }],
        headersSize: 900,
        bodySize: 400,
        postData: {
          mimeType: 'application/json',
          text: JSON.stringify({ event: 'x', properties: { email: 'a@b.example', n } }),
        },
      },
      response: {
        status: 200,
        headers: [],
        content: { size: text.length, mimeType: 'text/html', text },
        headersSize: 200,
        bodySize: text.length,
      },
    }),
  );
}

async function* over(file: Buffer, bytes: number): AsyncGenerator<Buffer> {
  for (let given = 0; given < bytes; given += file.length) {
    for (let at = 0; at < file.length; at += PIECE) yield file.subarray(at, at + PIECE);
  }
}

async function* recording(bytes: number): AsyncGenerator<Buffer> {
  const entries = Array.from({ length: 300 }, (_, n) => harEntry(n));
  yield Buffer.from('{"log":{"version":"1.2","creator":{"name":"x"},"pages":[],"entries":[');
  let given = 0;
  for (let n = 0; given < bytes; n += 1) {
    const entry = entries[n % entries.length] ?? Buffer.alloc(0);
    if (n > 0) yield Buffer.from(',');
    for (let at = 0; at < entry.length; at += PIECE) yield entry.subarray(at, at + PIECE);
    given += entry.length;
  }
  yield Buffer.from(']}}');
}

function mailBox(): Buffer {
  const body =
    `${'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg=='.repeat(1)}\n`.repeat(200);
  const messages = Array.from({ length: 1500 }, (_, n) => {
    const from = vendors[n % 60];
    return `From bounce@${from} Mon Nov  2 10:00:00 2026\nDKIM-Signature: v=1; a=rsa-sha256;\n\td=${from}; s=s1\nFrom: Billing <billing@${from}>\nSubject: Your invoice ${n}\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n\n${body}\n`;
  });
  return Buffer.from(messages.join(''));
}

function payments(): Buffer {
  const rows = Array.from(
    { length: 300_000 },
    (_, n) => `2026-11-02,"Vendor ${n % 60}, Inc.","Invoice ""${n}""",-12.00,EUR`,
  );
  return Buffer.from(`Date,Payee,Reference,Amount,Currency\n${rows.join('\n')}\n`);
}

interface Row {
  file: string;
  megabytes: number;
  seconds: number;
  mbPerSecond: number;
  /** Per second of processor time, also of other threads: what a busy machine changes less. */
  mbPerCpuSecond: number;
  /** Largest heap and buffers while reading, over what was there before: what was made to be read is not counted. */
  memoryMb: number;
  lines: number;
  names: number;
}

async function measure(file: string, name: string, chunks: () => AsyncGenerator<Buffer>): Promise<Row> {
  const once = async (): Promise<{ read: EvidenceFile; seconds: number; cpu: number; memoryMb: number }> => {
    const used = () => process.memoryUsage().rss;
    const before = used();
    let most = before;
    let n = 0;
    const watched = async function* () {
      for await (const chunk of chunks()) {
        n += 1;
        if (n % 512 === 0) most = Math.max(most, used());
        yield chunk;
      }
    };
    const cpuBefore = process.cpuUsage();
    const begin = performance.now();
    const read = await readEvidence(name, watched());
    const { user, system } = process.cpuUsage(cpuBefore);
    return {
      read,
      seconds: (performance.now() - begin) / 1000,
      cpu: (user + system) / 1e6,
      memoryMb: (most - before) / MB,
    };
  };
  const rounds = [await once(), await once(), await once()].sort((a, b) => a.seconds - b.seconds);
  const [, middle = rounds[0]] = rounds;
  if (middle === undefined) throw new Error('no round');
  const { read, seconds, cpu } = middle;
  return {
    file,
    megabytes: Math.round(read.bytes / MB),
    seconds: Number(seconds.toFixed(2)),
    mbPerSecond: Math.round(read.bytes / MB / seconds),
    mbPerCpuSecond: Math.round(read.bytes / MB / cpu),
    memoryMb: Math.round(Math.max(...rounds.map(({ memoryMb }) => memoryMb))),
    lines: read.lines,
    names: read.traces.length,
  };
}

const squid = squidLog();
const zeek = zeekLog();
const mail = mailBox();
const paid = payments();
const rows: Row[] = [
  await measure('Squid, 1 GB', 'access.txt', () => over(squid, 1000 * MB)),
  await measure('Squid, 300 MB', 'access.txt', () => over(squid, 300 * MB)),
  await measure('Zeek ssl.log, 300 MB', 'ssl.tsv', () => over(zeek, 300 * MB)),
  await measure('HAR, 100 MB', 'visit.har', () => recording(100 * MB)),
  await measure('mbox, 300 MB', 'archive.mbox', () => over(mail, 300 * MB)),
  await measure('payments, 100 MB', 'paid.csv', () => over(paid, 100 * MB)),
];
if (asked.json) process.stdout.write(`${JSON.stringify(rows)}${EOL}`);
else console.table(rows);
