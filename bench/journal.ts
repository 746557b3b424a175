import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateKeyPair, sealTo } from '@drawbridge/envelope';
import { type Journal, openJournal, type Storage } from '@drawbridge/journal';
import { openDirectory } from '../gateway/journal/storage.ts';
import { type Contestant, plainFile } from './plain-file.ts';

/**
 * Appends per second and CPU µs per append, each durable before it counts: the journal against a plain file (write and
 * fdatasync of the same bytes, unsealed, batched the same way), at 1 and at 64 appends under way. Rounds are
 * interleaved, medians told.
 */
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: tmpdir() },
    seconds: { type: 'string', default: '1.5' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});

const entry = Buffer.from(`{"type":"crossing","made_up":"${'x'.repeat(570)}"}`);
const payload = Buffer.from(`{"v":1,"made_up":"${'y'.repeat(340)}"}`);

async function journalIn(path: string, withPayload: boolean): Promise<Contestant> {
  const { publicKey } = await generateKeyPair();
  const storage: Storage = await openDirectory(path);
  const journal: Journal = await openJournal({
    storage,
    origin: 'bench.example.test/1',
    random: randomBytes,
    clock: { now: Date.now, after: () => () => undefined },
    sealDataKey: (key, context) => sealTo(publicKey, key, context),
    report: (event) => {
      if (event.kind === 'unavailable') throw event.error;
    },
  });
  return {
    append: () => journal.append(entry, withPayload ? payload : null),
    close: () => journal.close(),
  };
}

interface Measured {
  perSecond: number;
  cpuMicros: number;
}

async function measure(contestant: Contestant, concurrency: number): Promise<Measured> {
  const ms = Number(values.seconds) * 1000;
  // Making the file and sealing its key happen once in 16 MiB.
  await contestant.append();
  const from = performance.now();
  const cpu = process.cpuUsage();
  let done = 0;
  const work = async () => {
    while (performance.now() - from < ms) {
      await contestant.append();
      done++;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (done / (performance.now() - from)) * 1000, cpuMicros: (user + system) / done };
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;

const base = await mkdtemp(join(values.directory, 'drawbridge-bench-'));
const contestants: Record<string, (path: string) => Promise<Contestant>> = {
  'plain file + fdatasync': (path) => plainFile(path, Buffer.concat([entry, payload])),
  'journal, no payload': (path) => journalIn(path, false),
  'journal, sealed payload': (path) => journalIn(path, true),
};
const rounds = new Map<string, Measured[]>();
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const concurrency of [1, 64]) {
      for (const [name, make] of Object.entries(contestants)) {
        const contestant = await make(join(base, `${name}-${concurrency}-${round}`));
        const key = `${name} | ${concurrency}`;
        rounds.set(key, [...(rounds.get(key) ?? []), await measure(contestant, concurrency)]);
        await contestant.close();
      }
    }
  }
} finally {
  await rm(base, { recursive: true });
}

const results = [...rounds].map(([key, measured]) => {
  const [name = '', concurrency = ''] = key.split(' | ');
  const plain = rounds.get(`plain file + fdatasync | ${concurrency}`) ?? [];
  const perSecond = median(measured.map((each) => each.perSecond));
  return {
    what: name,
    underWay: Number(concurrency),
    appendsPerSecond: Math.round(perSecond),
    cpuMicros: Math.round(median(measured.map((each) => each.cpuMicros)) * 10) / 10,
    // Of the same round, since rounds differ more than contestants do.
    ofPlain:
      Math.round(median(measured.map((each, at) => each.perSecond / (plain[at]?.perSecond ?? 1))) * 100) /
      100,
  };
});
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
else console.table(results);
