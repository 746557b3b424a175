import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeShipment, type Journal, openJournal } from '@drawbridge/journal';
import { ForgetfulStorage, HandClock, seeded } from '@drawbridge/journal/testing';
import { DirectoryFiles, fsck, logVerifier, parsePruned } from '@drawbridge/tlog';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GatewayJournal, openGatewayJournal, type Post } from './index.ts';
import { logKeyOf } from './log-key.ts';
import { Retention } from './retention.ts';
import { openDirectory } from './storage.ts';

const DAY = 24 * 3600_000;
const ORIGIN = 'gateway.example.test/log-1';
/** Made up. */
const DISK_KEY = Buffer.alloc(32, 7);
const patience = { timeout: 10_000, interval: 10 };

let folder = '';
let directory = '';
let journal: GatewayJournal | null = null;
let days = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-retention-'));
  directory = join(folder, 'journal');
  days = 0;
});
afterEach(async () => {
  await stop();
  await rm(folder, { recursive: true });
});

const clock = {
  now: () => Date.now() + days * DAY,
  after(ms: number, run: () => void) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** What the control plane has, and whether it takes checkpoints. */
const control = { next: 0, verifies: true, refused: 0 };
beforeEach(() => {
  control.next = 0;
  control.verifies = true;
});
const post: Post = async ({ path, body }) => {
  if (path === '/fleet/v1/checkpoint') {
    if (control.verifies) return { status: 200, body: '{"verified":0}' };
    control.refused += 1;
    return { status: 503, body: '{}' };
  }
  const first = decodeShipment(body).entries[0]?.index ?? 0;
  if (first > control.next)
    return { status: 409, body: JSON.stringify({ code: 'journal_gap', next: control.next }) };
  for (const { index } of decodeShipment(body).entries) control.next = Math.max(control.next, index + 1);
  return { status: 200, body: JSON.stringify({ next: control.next }) };
};

async function start(): Promise<GatewayJournal> {
  const say = () => undefined;
  journal = await openGatewayJournal({
    directory,
    origin: ORIGIN,
    payloadKey: () => null,
    diskKey: DISK_KEY,
    post,
    log: { debug: say, info: say, warn: say, error: say },
    clock,
    checkpointEveryMs: 20,
    limits: { laterMs: 1 },
    shipping: { gatherMs: 1, backoffMs: [10, 40], tidyMs: 20 },
  });
  return journal;
}

async function stop(): Promise<void> {
  await journal?.close();
  journal = null;
}

/** Entries up to an index, written from beside in small segments. */
async function fill(from: number, to: number): Promise<void> {
  const filled = await openJournal({
    storage: await openDirectory(directory),
    origin: ORIGIN,
    clock: { now: Date.now, after: () => () => undefined },
    random: () => Buffer.alloc(32, 1),
    sealDataKey: async () => ({ enc: 'test', ct: 'test' }),
    report: () => undefined,
    limits: { segmentBytes: 4_000 },
  });
  for (let at = from; at < to; at += 50) {
    const some = Array.from({ length: Math.min(50, to - at) }, (_, n) =>
      Buffer.from(`{"made-up":${at + n}}`),
    );
    await Promise.all(some.map((entry) => filled.append(entry, Buffer.from('made-up payload'))));
  }
  await filled.close();
}

const segments = async () => (await readdir(directory)).filter((name) => /\.(journal|leaves)$/.test(name));
const bundles = async () => (await readdir(join(directory, 'log/tile/entries'))).sort();

async function verified(minimumIndex: number) {
  const files = new DirectoryFiles(await import('node:fs/promises'), join(directory, 'log'));
  return fsck({
    origin: ORIGIN,
    log: logVerifier(logKeyOf(DISK_KEY, ORIGIN).verifierKey),
    fetch: (path, limit) => files.read(path, limit),
    list: () => files.list(),
    clock: { now: Date.now, after: () => () => undefined },
    minimumIndex,
  });
}

/** From now on it is known that the control plane has what was shipped. */
async function noted(): Promise<void> {
  const kept = () => readFile(join(directory, 'kept.json'), 'utf8').catch(() => '');
  await expect.poll(kept, patience).toMatch(/"segments":\{"\d.*"marks":\[\[/);
}

describe('what the control plane has and is past its time', () => {
  it('goes: segments after a week, bundles of the log after half a year; what comes after goes on', async () => {
    await fill(0, 600);
    const many = (await segments()).length;
    expect(many).toBeGreaterThan(5);
    await start();
    await noted();
    days = 6;
    await fillOn(600, 620);
    expect((await segments()).length).toBeGreaterThanOrEqual(many);
    days = 8;
    await expect.poll(segments, patience).toHaveLength(1);
    expect(await bundles()).toEqual(['000', '001', '002.p']);
    days = 190;
    await expect.poll(bundles, patience).toEqual(['002.p']);
    expect(parsePruned(await readFile(join(directory, 'log/pruned')))).toMatchObject({
      minimumIndex: 512,
      policy: expect.stringContaining('at least 184 days'),
    });
    await fillOn(620, 700);
    await expect
      .poll(() => journal?.status().log, patience)
      .toEqual({ signed: 700, unsigned: 0, problem: null });
    expect(control.next).toBe(700);
    expect(await verified(512)).toMatchObject({ ok: true, pruned: 512 });
    expect((await verified(0)).ok).toBe(false);
  });

  it('stays while no checkpoint of it was verified', async () => {
    control.verifies = false;
    await fill(0, 600);
    const many = (await segments()).length;
    const running = await start();
    await expect.poll(() => running.status().shipped, patience).toBe(600);
    await expect.poll(() => control.refused, patience).toBeGreaterThan(4);
    days = 400;
    const before = control.refused;
    await expect.poll(() => control.refused, patience).toBeGreaterThan(before + 4);
    expect(await segments()).toHaveLength(many);
    expect(await bundles()).toHaveLength(3);
  });

  it('is asked for by a restored control plane: again while it is there, and plainly said when it is not', async () => {
    await fill(0, 400);
    await start();
    await noted();
    days = 8;
    await expect.poll(segments, patience).toHaveLength(1);
    await stop();
    // What was noted of the shipping is lost too.
    await rm(join(directory, 'shipped.json'));
    await start();
    await expect.poll(() => journal?.status(), patience).toMatchObject({ shipped: 400, problem: null });
    await stop();
    await rm(join(directory, 'shipped.json'));
    control.next = 20;
    await start();
    await expect.poll(() => journal?.status().problem, patience).toBe('removed');
  });

  async function fillOn(from: number, to: number): Promise<void> {
    await stop();
    await fill(from, to);
    await start();
    await expect.poll(() => journal?.status().log.signed, patience).toBe(to);
    await expect.poll(() => control.next, patience).toBe(to);
  }
});

describe('removing segments', () => {
  const opened = (storage: ForgetfulStorage): Promise<Journal> =>
    openJournal({
      storage,
      origin: ORIGIN,
      clock: new HandClock(),
      report: () => undefined,
      limits: { segmentBytes: 300 },
    });

  it('is finished by the next time, wherever the power went, and loses nothing that was not to go', async () => {
    for (let at = 1, isOver = false; !isOver; at++) {
      let counted = 0;
      let isCounting = false;
      const fault = () => (isCounting && ++counted === at ? ('crash' as const) : null);
      const storage = new ForgetfulStorage({ random: seeded(at), fault });
      const writing = await opened(storage);
      for (let n = 0; n < 60; n++) await writing.append(Buffer.from(`made-up entry ${n}`), null);
      await writing.close();
      const time = new HandClock();
      const of = (kept: Journal, place: ForgetfulStorage) =>
        new Retention({
          journal: kept,
          storage: place,
          clock: time,
          keep: { segments: 7, log: 184 },
          verified: () => 40,
          prune: async () => null,
        });
      const first = await opened(storage);
      const retention = of(first, storage);
      await retention.tidy(50);
      time.move(7 * DAY);
      isCounting = true;
      isOver = await retention.tidy(50).then(
        () => true,
        () => false,
      );
      isCounting = false;
      const after = storage.afterPowerCut({ random: seeded(at) });
      const again = await opened(after);
      const from = again.segments()[0]?.first ?? 60;
      expect(from).toBeLessThanOrEqual(40);
      for (let next = from; next < 60; ) {
        const read = await again.readEntries(next, 10_000);
        for (const [n, entry] of (read?.entries ?? []).entries())
          expect(entry.toString()).toBe(`made-up entry ${next + n}`);
        next = read?.next ?? 0;
        expect(read).not.toBeNull();
      }
      const second = of(again, after);
      await second.tidy(50);
      time.move(7 * DAY);
      await second.tidy(50);
      expect(again.segments()[0]?.end).toBeGreaterThan(40);
      expect((again.segments()[0]?.first ?? 0) > 0).toBe(true);
      await again.append(Buffer.from('one more'), null);
      expect(again.status().next).toBe(61);
      await again.close();
      if (isOver) expect(at).toBeGreaterThan(5);
    }
  });
});
