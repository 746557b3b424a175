import { describe, expect, it } from 'vitest';
import { HandClock, memory, ORIGIN, open, plainSeal, readAll, SMALL, seeded, testRandom } from './harness.ts';
import {
  decodeShipment,
  EntryTooLarge,
  type JournalEvent,
  JournalLocked,
  JournalUnavailable,
  openJournal,
} from './index.ts';

const bytes = (text: string) => Buffer.from(text);
const power = { random: () => 0.99 };

describe('append', () => {
  it('gives indices in the order handed in, and keeps bytes and payloads as they were', async () => {
    const journal = await open(memory());
    const indices = await Promise.all([
      journal.append(bytes('{"first":1}'), bytes('one')),
      journal.append(bytes('{"second":2}'), null),
      journal.append(bytes('{"third":3}'), bytes('three')),
    ]);
    expect(indices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(await readAll(journal)).toEqual([
      { index: 0, entry: '{"first":1}', payload: 'one', payloadDeleted: false },
      { index: 1, entry: '{"second":2}', payload: null, payloadDeleted: false },
      { index: 2, entry: '{"third":3}', payload: 'three', payloadDeleted: false },
    ]);
  });

  it('writes what came together with one write and one fsync', async () => {
    const done: string[] = [];
    const storage = memory(({ kind }) => {
      done.push(kind);
      return null;
    });
    const journal = await open(storage, {
      limits: { batchEntries: 100, batchBytes: 1e6, segmentBytes: 1e6 },
    });
    await journal.append(bytes('first'), null);
    done.length = 0;
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => journal.append(bytes(`entry ${at}`), bytes('payload'))),
    );
    // At most the first goes alone; all others wait for it and then go together.
    expect(done.slice(0, 2)).toEqual(['append', 'sync']);
    expect(done.slice(2)).toEqual(done.length > 2 ? ['append', 'sync'] : []);
  });

  it('resolves only after the fsync: a power cut at any later moment keeps it', async () => {
    for (let cut = 1; cut < 14; cut++) {
      const storage = memory(({ number }) => (number === cut ? 'crash' : null), cut);
      const told: number[] = [];
      const journal = await open(storage).catch(() => null);
      for (let at = 0; journal && at < 3; at++) {
        await journal.append(bytes(`entry ${at}`), bytes(`payload ${at}`)).then(
          ({ index }) => told.push(index),
          () => undefined,
        );
      }
      const after = await open(storage.afterPowerCut({ random: () => 0.1 }));
      const found = await readAll(after);
      expect(found.map(({ index }) => index)).toEqual(expect.arrayContaining(told));
      expect(found.every(({ index, entry }) => entry === `entry ${index}`)).toBe(true);
    }
  });

  it('refuses what is too large, and only that', async () => {
    const journal = await open(memory());
    await expect(journal.append(Buffer.alloc(65_536), null)).rejects.toBeInstanceOf(EntryTooLarge);
    await expect(journal.append(bytes('x'), Buffer.alloc(8 * 1024 * 1024 + 1))).rejects.toThrow('payload');
    expect(() => journal.appendLater(Buffer.alloc(65_536))).toThrow(EntryTooLarge);
    expect(await journal.append(Buffer.alloc(65_535), Buffer.alloc(8 * 1024 * 1024))).toEqual({ index: 0 });
    expect((await journal.readBatch(0, 10))?.next).toBe(1);
  });

  it('refuses what memory does not hold, at once, and takes more later', async () => {
    const journal = await open(memory(), { limits: { waitingBytes: 100 } });
    const attempts = Array.from({ length: 20 }, () => journal.append(Buffer.alloc(30), null));
    const results = await Promise.allSettled(attempts);
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ reason: { code: 'overloaded' } });
    await expect(journal.append(Buffer.alloc(30), null)).resolves.toEqual({ index: 20 - refused.length });
  });
});

describe('when the disk fails', () => {
  it('a full disk refuses the batch with a code, leaves nothing of it, and works again when there is space', async () => {
    let isFull = false;
    const storage = memory(({ kind }) => (isFull && kind === 'append' ? 'enospc' : null));
    const clock = new HandClock();
    const events: JournalEvent[] = [];
    const journal = await open(storage, { clock, events });
    await journal.append(bytes('kept'), null);
    isFull = true;
    const refused = await journal.append(bytes('refused'), null).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(JournalUnavailable);
    expect(refused).toMatchObject({ code: 'disk_full', cause: { code: 'ENOSPC' } });
    expect(journal.status().unavailable?.code).toBe('disk_full');
    isFull = false;
    await journal.append(bytes('after'), null);
    expect((await readAll(journal)).map(({ entry }) => entry)).toEqual(['kept', 'after']);
    expect(events.map(({ kind }) => kind)).toEqual(['unavailable', 'available']);
    expect(journal.segments()).toHaveLength(1);
  });

  it('a short write is a full disk', async () => {
    let isShort = false;
    const storage = memory(({ kind }) => (isShort && kind === 'append' ? 'short' : null), 5);
    const journal = await open(storage);
    await journal.append(bytes('kept'), null);
    isShort = true;
    await expect(journal.append(Buffer.alloc(900, 'x'), null)).rejects.toMatchObject({ code: 'disk_full' });
    isShort = false;
    await journal.append(bytes('after'), null);
    expect((await readAll(journal)).map(({ entry }) => entry)).toEqual(['kept', 'after']);
  });

  it('after a failed fsync the segment is not trusted again', async () => {
    let fails = 0;
    const storage = memory(({ kind }) => (kind === 'sync' && fails-- > 0 ? 'eio' : null));
    const journal = await open(storage);
    await journal.append(bytes('kept'), null);
    fails = 1;
    await expect(journal.append(bytes('refused'), null)).rejects.toMatchObject({ code: 'sync_failed' });
    expect(await journal.append(bytes('after'), null)).toEqual({ index: 1 });
    expect(journal.segments().map(({ first, end }) => [first, end])).toEqual([
      [0, 1],
      [1, 2],
    ]);
    const after = await open(storage.afterPowerCut(power));
    expect((await readAll(after)).map(({ entry }) => entry)).toEqual(['kept', 'after']);
  });

  it('a first segment whose directory entry can not be made durable is refused', async () => {
    let fails = true;
    const storage = memory(({ kind, number }) => (fails && kind === 'syncDir' && number > 1 ? 'eio' : null));
    const journal = await open(storage);
    await expect(journal.append(bytes('refused'), null)).rejects.toMatchObject({ code: 'sync_failed' });
    fails = false;
    expect(await journal.append(bytes('after'), null)).toEqual({ index: 0 });
  });

  it('repeated failures are not tried again at once: appends are refused until the pause is over', async () => {
    let fails = true;
    let attempts = 0;
    const storage = memory(({ kind }) => {
      if (kind !== 'append') return null;
      attempts++;
      return fails ? 'eio' : null;
    });
    const clock = new HandClock();
    const journal = await open(storage, { clock });
    for (let at = 0; at < 50; at++) {
      await expect(journal.append(bytes('refused'), null)).rejects.toMatchObject({ code: 'write_failed' });
    }
    expect(attempts).toBe(2);
    fails = false;
    await expect(journal.append(bytes('still too soon'), null)).rejects.toMatchObject({
      code: 'write_failed',
    });
    clock.move(50);
    expect(await journal.append(bytes('after'), null)).toEqual({ index: 0 });
  });

  it('without a sealed data key nothing is written', async () => {
    let isKnown = false;
    const sealDataKey = (dataKey: Uint8Array) =>
      isKnown ? plainSeal(dataKey) : Promise.reject(new Error('made-up: no public key yet'));
    const storage = memory();
    const journal = await open(storage, { sealDataKey });
    await expect(journal.append(bytes('refused'), null)).rejects.toMatchObject({ code: 'key_unavailable' });
    expect(await storage.list()).toEqual([]);
    isKnown = true;
    expect(await journal.append(bytes('after'), null)).toEqual({ index: 0 });
  });
});

describe('appendLater', () => {
  it('rides with the next batch', async () => {
    const journal = await open(memory());
    await journal.append(bytes('crossing'), null);
    journal.appendLater(bytes('settlement'));
    await journal.append(bytes('next crossing'), null);
    expect((await readAll(journal)).map(({ entry }) => entry)).toEqual([
      'crossing',
      'next crossing',
      'settlement',
    ]);
  });

  it('goes by itself when nothing else comes', async () => {
    const clock = new HandClock();
    const journal = await open(memory(), { clock });
    journal.appendLater(bytes('settlement'));
    expect(journal.status()).toMatchObject({ next: 0, laterWaiting: 1 });
    const durable = new Promise((resolve) => journal.onDurable(resolve));
    clock.move(100);
    expect(await durable).toBe(1);
    expect((await readAll(journal)).map(({ entry }) => entry)).toEqual(['settlement']);
  });

  it('is tried again after a failure, and no crossing waits for it', async () => {
    const clock = new HandClock();
    let fails = true;
    const journal = await open(
      memory(({ kind }) => (fails && kind === 'append' ? 'eio' : null)),
      { clock },
    );
    journal.appendLater(bytes('settlement'));
    await expect(journal.flush()).rejects.toMatchObject({ code: 'write_failed' });
    expect(journal.status()).toMatchObject({ laterWaiting: 1, laterLost: 0 });
    expect(journal.status().laterFailures).toBeGreaterThan(0);
    fails = false;
    const durable = new Promise((resolve) => journal.onDurable(resolve));
    clock.move(1000);
    await durable;
    expect((await readAll(journal)).map(({ entry }) => entry)).toEqual(['settlement']);
    expect(journal.status()).toMatchObject({ laterWaiting: 0, laterLost: 0 });
  });

  it('says how many it lost when memory is full', async () => {
    const events: JournalEvent[] = [];
    const journal = await open(memory(), { events, limits: { waitingBytes: 100 } });
    for (let at = 0; at < 5; at++) journal.appendLater(Buffer.alloc(40));
    expect(journal.status()).toMatchObject({ laterWaiting: 2, laterLost: 3 });
    expect(events).toEqual(Array(3).fill({ kind: 'later_lost', count: 1 }));
  });

  it('is written on close', async () => {
    const storage = memory();
    const journal = await open(storage);
    journal.appendLater(bytes('settlement'));
    await journal.close();
    await expect(journal.append(bytes('late'), null)).rejects.toMatchObject({ code: 'closed' });
    const again = await open(storage.afterPowerCut(power));
    expect((await readAll(again)).map(({ entry }) => entry)).toEqual(['settlement']);
  });
});

describe('segments', () => {
  it('begin anew by size and by age, each with a key of its own', async () => {
    const clock = new HandClock();
    const keys = new Set<string>();
    const sealDataKey = (dataKey: Uint8Array) => {
      keys.add(Buffer.from(dataKey).toString('hex'));
      return plainSeal(dataKey);
    };
    const journal = await open(memory(), { clock, sealDataKey, limits: { segmentBytes: 1000 } });
    for (let at = 0; at < 6; at++) await journal.append(Buffer.alloc(500, `${at}`), bytes('payload'));
    const bySize = journal.segments();
    expect(bySize.map(({ first, end }) => end - first)).toEqual([2, 2, 2]);
    clock.move(10 * 60_000);
    await journal.append(bytes('later'), null);
    expect(journal.segments()).toHaveLength(bySize.length + 1);
    expect(keys.size).toBe(bySize.length + 1);
    expect(await readAll(journal)).toHaveLength(7);
  });

  it('an old one is closed also when nothing is appended', async () => {
    const clock = new HandClock();
    const journal = await open(memory(), { clock });
    await journal.append(bytes('one'), bytes('payload'));
    await journal.closeOldSegment();
    expect(journal.segments()[0]?.isOpen).toBe(true);
    clock.move(10 * 60_000);
    await journal.closeOldSegment();
    expect(journal.segments()[0]?.isOpen).toBe(false);
  });

  it('lose their payloads when stripped, and nothing else', async () => {
    const clock = new HandClock();
    const storage = memory();
    const journal = await open(storage, { clock });
    await journal.append(bytes('leaf'), bytes('payload of made-up people'));
    await journal.append(bytes('settlement'), null);
    const [segment] = journal.segments();
    await expect(journal.stripPayloads(segment?.number ?? 0)).rejects.toThrow('not one that was closed');
    clock.move(10 * 60_000);
    await journal.closeOldSegment();
    await journal.stripPayloads(segment?.number ?? 0);
    await journal.stripPayloads(segment?.number ?? 0);
    const stripped = [
      { index: 0, entry: 'leaf', payload: null, payloadDeleted: true },
      { index: 1, entry: 'settlement', payload: null, payloadDeleted: false },
    ];
    expect(await readAll(journal)).toEqual(stripped);
    const after = await open(storage.afterPowerCut(power));
    expect(await readAll(after)).toEqual(stripped);
    await after.verify();
  });
});

describe('removeBefore', () => {
  const sixSegments = async (storage: Parameters<typeof open>[0]) => {
    const journal = await open(storage, { limits: { segmentBytes: 600 } });
    for (let at = 0; at < 12; at++) await journal.append(Buffer.alloc(300, String(at % 10)), null);
    expect(journal.segments()).toHaveLength(6);
    return journal;
  };

  it('removes what lies before, whole segments only, and counting goes on', async () => {
    const storage = memory();
    const journal = await sixSegments(storage);
    await journal.removeBefore(5);
    expect(journal.segments()[0]).toMatchObject({ first: 4, end: 6 });
    expect(await journal.readBatch(3, 100)).toBeNull();
    expect((await journal.readEntries(4, 1))?.entries).toEqual([Buffer.alloc(300, '4')]);
    await journal.removeBefore(1000);
    expect(journal.segments()).toEqual([expect.objectContaining({ first: 10, isOpen: true })]);
    const after = await open(storage.afterPowerCut(power));
    expect(await after.append(bytes('next'), null)).toEqual({ index: 12 });
    await after.verify();
  });

  it('may stop anywhere: what is left has no gap', async () => {
    const left = new Set<number>();
    for (let seed = 0; seed < 80; seed++) {
      const random = seeded(seed);
      let until = Number.POSITIVE_INFINITY;
      const storage = memory(() => (until-- === 0 ? 'crash' : null), seed);
      const journal = await sixSegments(storage);
      until = seed % 10;
      await journal.removeBefore(9).catch(() => undefined);
      const again = await open(storage.afterPowerCut({ random }));
      await again.verify();
      const found = await readAll(again);
      expect(found.at(-1)?.index).toBe(11);
      left.add(found[0]?.index ?? -1);
    }
    expect([...left].sort()).toEqual([0, 2, 4, 6, 8]);
  });

  it('takes along what a refused batch left, which would stand for entries that are gone', async () => {
    let fails = false;
    const storage = memory(({ kind }) =>
      fails && (kind === 'sync' || kind === 'truncate' || kind === 'remove') ? 'eio' : null,
    );
    const journal = await open(storage, { limits: { segmentBytes: 600 } });
    for (let at = 0; at < 2; at++) await journal.append(Buffer.alloc(300, 'k'), null);
    fails = true;
    await expect(journal.append(bytes('refused'), null)).rejects.toMatchObject({ code: 'sync_failed' });
    fails = false;
    for (let at = 0; at < 6; at++) await journal.append(Buffer.alloc(300, 'k'), null);
    expect(await storage.list()).toContain('0000000002-0000000000000002.journal');
    await journal.removeBefore(4);
    expect((await storage.list()).sort()).toEqual([
      '0000000004-0000000000000004.journal',
      '0000000005-0000000000000006.journal',
    ]);
  });
});

describe('a journal without payloads', () => {
  const plain = (storage: Parameters<typeof open>[0]) =>
    openJournal({ storage, origin: ORIGIN, limits: SMALL, clock: new HandClock(), report: () => undefined });

  it('needs no key and no randomness, and refuses payloads', async () => {
    const storage = memory();
    const journal = await plain(storage);
    await journal.append(bytes('one'), null);
    await expect(journal.append(bytes('two'), bytes('payload'))).rejects.toThrow('takes no payloads');
    await journal.append(bytes('three'), null);
    const [name = ''] = await storage.list();
    expect((await storage.read(name, 0, 1000)).toString()).not.toContain('sealed');
    const again = await plain(storage.afterPowerCut(power));
    expect((await again.readEntries(0, 1000))?.entries.map(String)).toEqual(['one', 'three']);
    const batch = await again.readBatch(0, 1000);
    expect(() => decodeShipment(batch?.bytes ?? bytes(''))).toThrow('takes no payloads');
  });

  it('may be one from now on, or no longer: each segment says it', async () => {
    const storage = memory();
    const sealed = await open(storage);
    await sealed.append(bytes('one'), bytes('payload'));
    await sealed.close();
    const journal = await plain(storage);
    await journal.append(bytes('two'), null);
    await journal.close();
    const again = await open(storage);
    await again.append(bytes('three'), bytes('payload'));
    expect((await again.readEntries(1, 1))?.entries.map(String)).toEqual(['two']);
    expect((await again.readEntries(2, 1))?.entries.map(String)).toEqual(['three']);
    await again.verify();
  });
});

describe('a clock that is set back', () => {
  it('makes no pause longer, and keeps no segment open for ever', async () => {
    let fails = true;
    const clock = new HandClock();
    const journal = await open(
      memory(({ kind }) => (fails && kind === 'append' ? 'eio' : null)),
      { clock },
    );
    for (let at = 0; at < 3; at++) await journal.append(bytes('refused'), null).catch(() => undefined);
    fails = false;
    clock.move(-3_600_000);
    expect(await journal.append(bytes('after'), null)).toEqual({ index: 0 });
    clock.move(-3_600_000);
    await journal.closeOldSegment();
    expect(journal.segments()[0]?.isOpen).toBe(false);
  });
});

describe('onDurable', () => {
  it('hands out the entries before those who appended go on', async () => {
    const journal = await open(memory());
    const told: string[] = [];
    journal.onDurable((next, entries) => told.push(`${next} ${entries.map(({ entry }) => String(entry))}`));
    await Promise.all(
      ['a', 'b', 'c'].map((text) =>
        journal.append(bytes(text), null).then(() => told.push(`${text} goes on`)),
      ),
    );
    expect(told).toEqual(['1 a', 'a goes on', '3 b,c', 'b goes on', 'c goes on']);
  });
});

describe('openJournal', () => {
  it('takes the directory for itself, and gives it back on close', async () => {
    const storage = memory();
    const journal = await open(storage);
    await expect(open(storage)).rejects.toBeInstanceOf(JournalLocked);
    await journal.close();
    await (await open(storage)).close();
  });

  it('refuses a name that is none', async () => {
    const attempt = openJournal({
      storage: memory(),
      origin: 'with space',
      limits: SMALL,
      sealDataKey: plainSeal,
      random: testRandom,
      clock: new HandClock(),
      report: () => undefined,
    });
    await expect(attempt).rejects.toThrow('"with space" can\'t name a log');
    expect(ORIGIN).not.toContain(' ');
  });

  it('goes on counting where it stopped, also when nothing is left but an empty segment', async () => {
    const storage = memory();
    const journal = await open(storage);
    await journal.append(bytes('one'), null);
    await journal.close();
    const again = await open(storage);
    expect(await again.append(bytes('two'), null)).toEqual({ index: 1 });
    await again.close();
    expect((await readAll(await open(storage))).map(({ entry }) => entry)).toEqual(['one', 'two']);
  });
});
