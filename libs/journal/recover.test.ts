import { describe, expect, it } from 'vitest';
import { ForgetfulStorage } from './forgetful.ts';
import { frame, frameKinds, readFrames } from './frames.ts';
import { HandClock, memory, ORIGIN, open, readAll, seeded } from './harness.ts';
import { JournalCorrupt, type JournalEvent, openJournal } from './index.ts';

const bytes = (text: string) => Buffer.from(text);
/** All that was written survives: what is tested here is reading, not forgetting. */
const keepsAll = { random: () => 0.99 };

/** Three segments: entries 0-1, 2-3 and 4-5, each appended alone. */
async function threeSegments(): Promise<ForgetfulStorage> {
  const storage = memory();
  const journal = await open(storage, { limits: { segmentBytes: 600 } });
  for (let at = 0; at < 6; at++) await journal.append(Buffer.alloc(300, `${at}`), bytes(`payload ${at}`));
  expect(journal.segments().map(({ first, end }) => [first, end])).toEqual([
    [0, 2],
    [2, 4],
    [4, 6],
  ]);
  return storage.afterKill(keepsAll);
}

const FIRST = '0000000001-0000000000000000.journal';
const SECOND = '0000000002-0000000000000002.journal';
const THIRD = '0000000003-0000000000000004.journal';
const FOURTH_SAME = '0000000004-0000000000000004.journal';
const FOURTH = '0000000004-0000000000000006.journal';

/** A segment's bytes with another number in its header. */
function renumbered(segment: Buffer, number: number): Buffer {
  const [header] = readFrames(segment);
  const text = header?.body.toString().replace(/"segment":\d+/, `"segment":${number}`) ?? '';
  return Buffer.concat([frame(frameKinds.header, bytes(text)), segment.subarray(header?.end)]);
}

async function sizeOf(storage: ForgetfulStorage, name: string): Promise<number> {
  return (await storage.read(name, 0, 1e6)).length;
}

async function cutTo(storage: ForgetfulStorage, name: string, size: number): Promise<void> {
  const file = await storage.open(name);
  await file.truncate(size);
  await file.sync();
}

async function appendTo(storage: ForgetfulStorage, name: string, more: Uint8Array): Promise<void> {
  const file = await storage.open(name);
  await file.append(more);
  await file.sync();
}

async function corruptionOf(storage: ForgetfulStorage, verifyFrom = 0): Promise<JournalCorrupt> {
  const error = await open(storage, { verifyFrom }).catch((error: unknown) => error);
  if (error instanceof JournalCorrupt) return error;
  throw new Error(`no JournalCorrupt but ${String(error)}`);
}

describe('a torn tail', () => {
  it('is cut at the last whole entry, wherever it was torn', async () => {
    const whole = await sizeOf(await threeSegments(), THIRD);
    for (let size = whole - 1; size > whole - 360; size -= 7) {
      const storage = await threeSegments();
      await cutTo(storage, THIRD, size);
      const events: JournalEvent[] = [];
      const journal = await open(storage, { events });
      expect((await readAll(journal)).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
      expect(events[0]).toMatchObject({ kind: 'tail_cut' });
      expect(await journal.append(bytes('next'), null)).toEqual({ index: 5 });
      await journal.verify();
    }
  });

  it('takes an entry along whose payload is not whole, and a payload whose entry is not', async () => {
    const storage = await threeSegments();
    const size = await sizeOf(storage, THIRD);
    await cutTo(storage, THIRD, size - 1);
    expect(await readAll(await open(storage))).toHaveLength(5);

    const another = await threeSegments();
    await appendTo(another, THIRD, frame(frameKinds.payload, bytes('of no entry')));
    const journal = await open(another);
    expect(await readAll(journal)).toHaveLength(6);
    expect(await journal.append(bytes('next'), null)).toEqual({ index: 6 });
  });

  it('may be zeros, or a segment of which not even the header is whole', async () => {
    const storage = await threeSegments();
    await appendTo(storage, THIRD, Buffer.alloc(5000));
    expect(await readAll(await open(storage))).toHaveLength(6);

    const another = await threeSegments();
    await (await another.create(FOURTH)).append(bytes('{'));
    const journal = await open(another);
    expect(await another.list()).not.toContain(FOURTH);
    expect(await journal.append(bytes('next'), null)).toEqual({ index: 6 });
    expect(journal.segments().at(-1)?.number).toBe(5);
  });
});

describe('damage', () => {
  it('before entries that were durable is never taken for a torn tail', async () => {
    const storage = await threeSegments();
    const text = (await storage.read(THIRD, 0, 1e6)).indexOf('4444');
    storage.damage(THIRD, text);
    const error = await corruptionOf(storage);
    expect(error).toMatchObject({ code: 'bad_frame', file: THIRD });
    expect(error.message).toContain('Entry 4 is damaged');
    expect(text - error.offset).toBe(9);
    expect(await sizeOf(storage, THIRD)).toBeGreaterThan(text);
  });

  it('anywhere in an older segment is found, with file and offset', async () => {
    const size = await sizeOf(await threeSegments(), SECOND);
    for (let offset = 0; offset < size; offset += 11) {
      const storage = await threeSegments();
      storage.damage(SECOND, offset);
      const error = await corruptionOf(storage);
      expect([FIRST, SECOND]).toContain(error.file);
      expect(error.offset).toBeGreaterThanOrEqual(0);
    }
  });

  it('in what was acknowledged does not keep the journal from opening, and is found when read', async () => {
    const storage = await threeSegments();
    storage.damage(FIRST, (await sizeOf(storage, FIRST)) - 1);
    const journal = await open(storage, { verifyFrom: 2 });
    expect((await journal.readBatch(2, 100))?.from).toBe(2);
    await expect(journal.readBatch(1, 100)).rejects.toMatchObject({ name: 'JournalCorrupt', file: FIRST });
    await expect(journal.verify()).rejects.toMatchObject({ name: 'JournalCorrupt', file: FIRST });
  });

  it('that takes a segment away is a gap', async () => {
    const storage = await threeSegments();
    await storage.remove(SECOND);
    const error = await corruptionOf(storage);
    expect(error).toMatchObject({ code: 'gap', file: FIRST });
    expect(error.message).toContain('Entries 2 to 3 are missing');
  });

  it('that takes the last entries away is a gap, where a segment was begun after them', async () => {
    const storage = await threeSegments();
    await (await storage.create(FOURTH)).append(bytes('{'));
    await cutTo(storage, THIRD, (await sizeOf(storage, THIRD)) - 3);
    const error = await corruptionOf(storage);
    expect(error).toMatchObject({ code: 'gap', file: THIRD });
    expect(error.message).toContain('Entries 5 to 5 are missing');
  });

  it('that shortens an older segment is a gap', async () => {
    const storage = await threeSegments();
    await cutTo(storage, FIRST, (await sizeOf(storage, FIRST)) - 3);
    expect(await corruptionOf(storage)).toMatchObject({ code: 'gap', file: FIRST });
  });

  it('of the last header, with durable entries behind it, is not an empty segment', async () => {
    const storage = await threeSegments();
    storage.damage(THIRD, 20);
    expect(await corruptionOf(storage)).toMatchObject({ code: 'bad_header', file: THIRD, offset: 0 });
    expect(await storage.list()).toContain(THIRD);
  });
});

describe('what belongs elsewhere', () => {
  it('a segment of another log is refused', async () => {
    const storage = await threeSegments();
    const attempt = openJournal({
      storage,
      origin: `${ORIGIN}/other`,
      sealDataKey: () => Promise.reject(new Error('not reached')),
      random: () => new Uint8Array(),
      clock: new HandClock(),
      report: () => undefined,
    });
    await expect(attempt).rejects.toMatchObject({ code: 'other_origin', file: THIRD });
    await expect(open(storage)).resolves.toBeDefined();
  });

  it('a segment of a later format is refused by name', async () => {
    const storage = memory();
    const header = bytes('{"format":"drawbridge.journal/2"}');
    await (await storage.create(FIRST)).append(frame(frameKinds.header, header));
    const error = await corruptionOf(storage);
    expect(error.code).toBe('unknown_format');
    expect(error.message).toContain('drawbridge.journal/2');
  });

  it('a segment under the name of another is refused', async () => {
    const storage = await threeSegments();
    await storage.rename(THIRD, '0000000009-0000000000000004.journal');
    expect(await corruptionOf(storage)).toMatchObject({
      code: 'bad_header',
      file: '0000000009-0000000000000004.journal',
    });
  });

  it('other files are left alone', async () => {
    const storage = await threeSegments();
    await (await storage.create('shipped.json')).append(bytes('{}'));
    expect(await readAll(await open(storage))).toHaveLength(6);
    expect(await storage.list()).toContain('shipped.json');
  });
});

describe('what an interrupted step left', () => {
  it('a draft is removed, also when its place is needed', async () => {
    const storage = await threeSegments();
    await (await storage.create(`${THIRD}.draft`)).append(bytes('half of a segm'));
    await (await storage.create('0000000001-0000000000000000.leaves.draft')).append(bytes('half of a segm'));
    expect(await readAll(await open(storage))).toHaveLength(6);
    expect((await storage.list()).filter((name) => name.endsWith('.draft'))).toEqual([]);
  });

  it('of two that are the same segment, the one without payloads counts', async () => {
    const storage = await threeSegments();
    const original = await storage.read(FIRST, 0, 1e6);
    const journal = await open(storage);
    await journal.stripPayloads(1);
    const after = storage.afterKill(keepsAll);
    await (await after.create(FIRST)).append(original);
    const again = await open(after);
    expect((await readAll(again)).filter(({ payloadDeleted }) => payloadDeleted)).toHaveLength(2);
    expect(await after.list()).not.toContain(FIRST);
  });

  it('deleting payloads may stop anywhere: no entry is lost', async () => {
    const ends = new Set<boolean>();
    for (let seed = 0; seed < 160; seed++) {
      const before = await threeSegments();
      const random = seeded(seed);
      let left = Number.POSITIVE_INFINITY;
      const storage = before.afterKill({ random, fault: () => (left-- === 0 ? 'crash' : null) });
      const journal = await open(storage);
      left = seed % 8;
      await journal.stripPayloads(1).catch(() => undefined);
      const again = await open(storage.afterPowerCut({ random }));
      const found = await readAll(again);
      expect(found.map(({ entry }) => entry[0])).toEqual(['0', '1', '2', '3', '4', '5']);
      expect(found[0]?.payloadDeleted).toBe(found[1]?.payloadDeleted);
      ends.add(found[0]?.payloadDeleted ?? false);
    }
    expect(ends.size).toBe(2);
  });

  it('a segment that was given up at its first batch is passed over, though not even its header is whole', async () => {
    const storage = await threeSegments();
    await storage.rename(THIRD, FOURTH_SAME);
    await (await storage.create(THIRD)).append(bytes('{'));
    const whole = await storage.read(FOURTH_SAME, 0, 1e6);
    await storage.remove(FOURTH_SAME);
    await (await storage.create(FOURTH_SAME)).append(renumbered(whole, 4));
    const journal = await open(storage);
    expect(await readAll(journal)).toHaveLength(6);
    expect(await storage.list()).not.toContain(THIRD);
  });

  it('what a refused batch left behind is void, also when it could not be cut off', async () => {
    let fails = false;
    const storage = new ForgetfulStorage({
      ...keepsAll,
      fault: ({ kind }) => (fails && (kind === 'sync' || kind === 'truncate') ? 'eio' : null),
    });
    const events: JournalEvent[] = [];
    const journal = await open(storage, { events });
    await journal.append(bytes('kept'), null);
    fails = true;
    await expect(journal.append(bytes('refused'), null)).rejects.toMatchObject({ code: 'sync_failed' });
    fails = false;
    expect(await journal.append(bytes('after'), null)).toEqual({ index: 1 });
    expect(events.map(({ kind }) => kind)).toContain('untidy');
    const expected = ['kept', 'after'];
    expect((await readAll(journal)).map(({ entry }) => entry)).toEqual(expected);
    const again = await open(storage.afterKill(keepsAll));
    expect((await readAll(again)).map(({ entry }) => entry)).toEqual(expected);
    await again.stripPayloads(1);
    expect((await readAll(again)).map(({ entry }) => entry)).toEqual(expected);
    await again.verify();
  });
});
