import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeShipment, type Journal, openJournal, openPayload } from '@drawbridge/journal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDirectory } from './storage.ts';
import { parseStrace, syncs, tracedCalls } from './testing/strace.ts';
import { payloadOf, WRITER_ORIGIN } from './testing/writer.ts';

const ROUNDS = process.env.DRAWBRIDGE_SOAK === '1' ? 100 : 5;
const WRITER = join(import.meta.dirname, 'testing/writer.ts');
const hasStrace = spawnSync('strace', ['--version']).status === 0;

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'drawbridge-journal-'));
});
afterAll(() => rm(directory, { recursive: true, maxRetries: 5 }));

async function openHere(path: string, verifyFrom = 0): Promise<Journal> {
  return openJournal({
    storage: await openDirectory(path),
    origin: WRITER_ORIGIN,
    clock: { now: Date.now, after: () => () => undefined },
    random: () => Buffer.alloc(32),
    sealDataKey: () => Promise.reject(new Error('this journal is only read')),
    report: () => undefined,
    verifyFrom,
  });
}

type Found = Map<number, { entry: string; payload: string }>;

async function readFrom(journal: Journal, from: number): Promise<Found> {
  const found: Found = new Map();
  for (let next = from; ; ) {
    const batch = await journal.readBatch(next, 256 * 1024);
    if (!batch) return found;
    const { header, entries } = decodeShipment(batch.bytes);
    const dataKey = Buffer.from(header.sealed.ct, 'base64url');
    for (const { index, entry, payload } of entries) {
      const opened = openPayload(dataKey, header.origin, index, payload ?? Buffer.alloc(0));
      found.set(index, { entry: entry.toString(), payload: opened.toString() });
    }
    next = batch.next;
  }
}

/** What is wrong with what was found from an index on, against what was acknowledged. */
function wrongWith(found: Found, from: number, told: ReadonlyMap<number, string>) {
  return {
    lost: [...told].filter(([index, entry]) => found.get(index)?.entry !== entry),
    torn: [...found.values()].filter(({ entry, payload }) => payload !== payloadOf(entry)),
    missing: Array.from({ length: found.size }, (_, at) => from + at).filter((index) => !found.has(index)),
  };
}
const nothing = { lost: [], torn: [], missing: [] };

/** Collects what a writer acknowledges, kills it after `lines`, and waits for its end. */
async function acknowledgedUntilKilled(child: ChildProcess, lines: number): Promise<Map<number, string>> {
  const acknowledged = new Map<number, string>();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (!child.stdout) throw new Error('the writer has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const space = line.indexOf(' ');
    // The kill may fall into the middle of a line.
    if (line.endsWith('"}')) acknowledged.set(Number(line.slice(0, space)), line.slice(space + 1));
    if (acknowledged.size === lines) child.kill('SIGKILL');
  }
  await ended;
  return acknowledged;
}

describe('kill -9 of a process that writes', () => {
  it(`loses nothing that was acknowledged, ${ROUNDS} times in one directory`, {
    timeout: 30_000 + ROUNDS * 5000,
  }, async () => {
    const all = new Map<number, string>();
    let from = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const child = spawn(process.execPath, [WRITER, directory, String(round), '16'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const told = await acknowledgedUntilKilled(child, 50 + ((round * 137) % 700));
      expect([...told.keys()].filter((index) => index < from)).toEqual([]);
      const journal = await openHere(directory, from);
      const found = await readFrom(journal, from);
      expect(wrongWith(found, from, told)).toEqual(nothing);
      for (const [index, entry] of told) all.set(index, entry);
      from += found.size;
      await journal.close();
    }
    expect(all.size).toBeGreaterThan(ROUNDS * 50 - 1);
    const journal = await openHere(directory);
    expect(wrongWith(await readFrom(journal, 0), 0, all)).toEqual(nothing);
    await journal.close();
  });
});

describe('kill -9 of a process that does not wait for the disk', () => {
  it('loses nothing either: what was written outlives the process', async () => {
    const path = join(directory, 'written');
    let from = 0;
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [WRITER, path, String(round), '16', '1000000000', 'written'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const told = await acknowledgedUntilKilled(child, 200 + round * 150);
      const journal = await openHere(path, from);
      const found = await readFrom(journal, from);
      expect(wrongWith(found, from, told)).toEqual(nothing);
      from += found.size;
      await journal.close();
    }
    expect(from).toBeGreaterThan(1_000);
  });

  it('tells of an entry after its write and before any fdatasync of it, which comes when it closes', {
    skip: !hasStrace && !process.env.CI,
  }, async () => {
    const path = join(directory, 'written-traced');
    const trace = join(directory, 'written-trace');
    const writer = [process.execPath, WRITER, path, '0', '4', '40', 'written'];
    const asked = ['-f', '-s', '8192', '-e', `trace=${tracedCalls}`, '-o', trace];
    expect(spawnSync('strace', [...asked, ...writer], { encoding: 'utf8' }).stderr).toBe('');
    const calls = parseStrace(await readFile(trace, 'utf8'));
    const told = calls.filter(({ name, args }) => name === 'write' && args.startsWith('1, '));
    expect(told).toHaveLength(40);
    const writes = calls.filter(({ name }) => name === 'pwrite64');
    for (const tell of told) {
      const entry = /\\"made\\":\d+,/.exec(tell.args)?.[0] ?? 'no entry';
      expect(writes.find(({ args }) => args.includes(entry))?.ended).toBeLessThan(tell.began);
    }
    const file = /^\d+/.exec(writes[0]?.args ?? '')?.[0];
    const first = writes[0]?.ended ?? Infinity;
    const synced = syncs(calls).filter(({ args, began }) => args === file && began > first);
    expect(synced.length).toBeGreaterThan(0);
    expect(synced.every(({ began }) => began > (told[0]?.ended ?? Infinity))).toBe(true);
  });
});

describe('the order of system calls', () => {
  it('shows fdatasync returning before anyone is told', { skip: !hasStrace && !process.env.CI }, async () => {
    const path = join(directory, 'traced');
    const trace = join(directory, 'trace');
    const writer = [process.execPath, WRITER, path, '0', '4', '40'];
    const run = spawnSync(
      'strace',
      ['-f', '-s', '8192', '-e', `trace=${tracedCalls}`, '-o', trace, ...writer],
      {
        encoding: 'utf8',
      },
    );
    expect(run.stderr).toBe('');
    const calls = parseStrace(await readFile(trace, 'utf8'));
    const told = calls.filter(({ name, args }) => name === 'write' && args.startsWith('1, '));
    expect(told).toHaveLength(40);
    for (const tell of told) {
      const entry = /\\"made\\":\d+,/.exec(tell.args)?.[0] ?? 'no entry';
      const written = calls.find(({ name, args }) => name === 'pwrite64' && args.includes(entry));
      const file = /^\d+/.exec(written?.args ?? '')?.[0];
      const kept = syncs(calls).find(
        ({ args, began, ended }) =>
          args === file && began > (written?.ended ?? Infinity) && ended < tell.began,
      );
      expect(kept, `${entry} was told of before it was durable`).toBeDefined();
    }
  });
});
