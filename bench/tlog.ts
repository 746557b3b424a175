import { randomBytes } from 'node:crypto';
import * as fsNow from 'node:fs';
import * as fs from 'node:fs/promises';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  DirectoryFiles,
  fetchIn,
  fsck,
  generateKey,
  type Log,
  logSigner,
  logVerifier,
  openLog,
  openReader,
  rootOf,
  signCheckpoint,
  subtreeHash,
  TILE_HEIGHT,
  TILE_WIDTH,
  tileOfNode,
  tilePath,
  tilesOf,
} from '@drawbridge/tlog';
import { openDirectory } from '../gateway/journal/storage.ts';
import { type Contestant, plainFile } from './plain-file.ts';

/**
 * What a transparency log costs.
 * `append`: the time that so many appends take, as many at once as the batch says, each durable before it counts and
 * with tiles and a checkpoint a second, as a ratio to a plain file that gets the same bytes, batched the same way (write
 * and fdatasync). Rounds are interleaved; the median of the ratios of each round is told.
 * `verify`: entries of 500 bytes that a full check does in a second of CPU, from a directory.
 * `prove`: milliseconds for an inclusion proof from a directory with a made-up log of `--entries`, every tile
 * authenticated, by where the entry lies: anywhere (no tile is known), or close to the one before.
 */
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: tmpdir() },
    only: { type: 'string', default: 'append,verify,prove' },
    rounds: { type: 'string', default: '15' },
    seconds: { type: 'string', default: '1' },
    entries: { type: 'string', default: '10000000' },
    verified: { type: 'string', default: '250000' },
    json: { type: 'boolean', default: false },
  },
});

const ORIGIN = 'bench.example.test/tlog';
const key = generateKey(ORIGIN, randomBytes(32));
const signer = logSigner(key);
const trust = { origin: ORIGIN, log: logVerifier(key) };
const entry = Buffer.from(`{"made_up":"${'x'.repeat(486)}"}`.padEnd(500));
const clock = {
  now: Date.now,
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

async function logIn(path: string): Promise<Log> {
  await mkdir(path);
  return openLog({
    storage: await openDirectory(join(path, 'private')),
    files: new DirectoryFiles(fs, path),
    origin: ORIGIN,
    signer,
    clock,
    report: (event) => {
      if (event.kind === 'checkpoint_failed') throw event.cause;
      if (event.kind === 'unavailable') throw event.error;
    },
  });
}

async function contestantIn(path: string): Promise<Contestant> {
  const log = await logIn(path);
  return { append: () => log.append(entry), close: () => log.close() };
}

/** Microseconds per append, closing included: what is left to do for a checkpoint is part of the price. */
async function timeOf(contestant: Contestant, batch: number): Promise<number> {
  await contestant.append();
  const from = performance.now();
  const until = from + Number(values.seconds) * 1000;
  let done = 0;
  const work = async () => {
    while (performance.now() < until) {
      await contestant.append();
      done++;
    }
  };
  await Promise.all(Array.from({ length: batch }, work));
  await contestant.close();
  return ((performance.now() - from) * 1000) / done;
}

async function appends(base: string): Promise<object[]> {
  const results: object[] = [];
  for (const batch of [1, 16, 64, 256]) {
    const plain: number[] = [];
    const logs: number[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      plain.push(await timeOf(await plainFile(join(base, 'plain'), entry), batch));
      logs.push(await timeOf(await contestantIn(join(base, 'log')), batch));
      await rm(join(base, 'plain'));
      await rm(join(base, 'log'), { recursive: true });
    }
    results.push({
      batch,
      plainMicros: round1(median(plain)),
      logMicros: round1(median(logs)),
      // Of the same round, since rounds differ more than contestants do.
      ratio: round2(median(logs.map((micros, at) => micros / (plain[at] ?? 1)))),
    });
  }
  return results;
}

async function verification(base: string): Promise<object> {
  const size = Number(values.verified);
  const path = join(base, 'log');
  const log = await logIn(path);
  for (let at = 0; at < size; at += 500) {
    await Promise.all(Array.from({ length: Math.min(500, size - at) }, () => log.append(entry)));
  }
  await log.close();
  await rm(join(path, 'private'), { recursive: true });
  const files = new DirectoryFiles(fs, path);
  const fetch = fetchIn(fsNow, path);
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const cpu = process.cpuUsage();
    const report = await fsck({ ...trust, fetch, list: () => files.list(), clock });
    const { user, system } = process.cpuUsage(cpu);
    if (!report.ok) throw new Error(JSON.stringify(report.problems));
    rates.push(size / ((user + system) / 1e6));
  }
  return { entries: size, perCpuSecond: Math.round(median(rates)) };
}

async function proofs(base: string): Promise<object> {
  const size = Number(values.entries);
  const indexes = Array.from({ length: 200 }, (_, at) => Math.floor((size * at) / 200));
  await madeUpLog(base, size, indexes);
  const fetch = fetchIn(fsNow, base);
  const anywhere: number[] = [];
  const close: number[] = [];
  for (const index of indexes) {
    const reader = await openReader({ ...trust, fetch });
    anywhere.push(await msOf(() => reader.prove(index)));
    close.push(await msOf(() => reader.prove(Math.min(index + 3, size - 1))));
  }
  return { entries: size, anywhereMs: round2(median(anywhere)), closeMs: round2(median(close)) };
}

/**
 * The tiles of a large log that proofs of these entries need. All tiles of a level are the same, so that one has to be
 * computed of each; nothing that reads them can tell.
 */
async function madeUpLog(base: string, size: number, indexes: readonly number[]): Promise<void> {
  const levels: Buffer[] = [randomBytes(TILE_WIDTH * 32)];
  const tileOf = (level: number): Buffer => {
    const known = levels[level];
    if (known !== undefined) return known;
    const above = subtreeHash(tileOf(level - 1), TILE_HEIGHT, 0);
    const tile = Buffer.concat(Array.from({ length: TILE_WIDTH }, () => above));
    levels[level] = tile;
    return tile;
  };
  const needed = new Map<string, Buffer>();
  for (const tile of tilesOf(size)) {
    const span = TILE_WIDTH ** (tile.level + 1);
    const isNeeded =
      tile.width < TILE_WIDTH || indexes.some((index) => Math.floor(index / span) === tile.index);
    if (isNeeded) needed.set(tilePath(tile), tileOf(tile.level).subarray(0, tile.width * 32));
  }
  const root = await rootOf(async (wanted) => {
    return wanted.map((node) => {
      const { tile, level, index } = tileOfNode(node, size);
      return subtreeHash(tileOf(tile.level), level, index);
    });
  }, size);
  const note = await signCheckpoint({ origin: ORIGIN, size, root, extensions: [] }, [signer]);
  needed.set('checkpoint', Buffer.from(note));
  for (const [path, bytes] of needed) {
    await mkdir(dirname(join(base, path)), { recursive: true });
    await writeFile(join(base, path), bytes);
  }
}

async function msOf(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
const round1 = (number: number): number => Math.round(number * 10) / 10;
const round2 = (number: number): number => Math.round(number * 100) / 100;

const wanted = values.only.split(',');
const results: Record<string, unknown> = {};
const base = await mkdtemp(join(values.directory, 'drawbridge-bench-'));
try {
  for (const [name, measure] of Object.entries({ append: appends, verify: verification, prove: proofs })) {
    if (!wanted.includes(name)) continue;
    const place = join(base, name);
    await mkdir(place);
    results[name] = await measure(place);
    await rm(place, { recursive: true });
  }
} finally {
  await rm(base, { recursive: true });
}
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`);
else for (const [name, result] of Object.entries(results)) console.log(name, result);
