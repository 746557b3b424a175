import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fault, ForgetfulStorage } from './forgetful.ts';
import { HandClock, open, readAll, seeded } from './harness.ts';
import { decodeShipment, type Journal, openPayload } from './index.ts';

/** Enough runs to find a missing fsync within the first dozens; the long version finds what takes three mishaps. */
const isSoak = process.env.DRAWBRIDGE_SOAK === '1';
const RUNS = isSoak ? 20_000 : 1000;
const TIMEOUT = isSoak ? 900_000 : 60_000;

type Step =
  | { do: 'append'; count: number; size: number; payload: boolean }
  | { do: 'later' }
  | { do: 'wait'; turns: number }
  | { do: 'settle' }
  | { do: 'ship' }
  | { do: 'move'; ms: number }
  | { do: 'strip' }
  | { do: 'remove' }
  | { do: 'close' }
  | { do: 'kill' }
  | { do: 'power' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.integer({ min: 1, max: 9 }),
      size: fc.integer({ min: 0, max: 600 }),
      payload: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'later' as const }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'settle' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'ship' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('move' as const), ms: fc.constantFrom(60, 2000, 700_000) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'strip' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'remove' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'kill' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'power' as const }) },
);

const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.constantFrom<Fault>('enospc', 'short', 'eio', 'eio', 'crash'),
  { maxLength: 4 },
);

interface Run {
  steps: Step[];
  seed: number;
  faults: Fault[];
  /** Which of so many operations each fault meets. */
  spread: number;
}

const runs: fc.Arbitrary<Run> = fc.record({
  steps: fc.array(step, { minLength: 2, maxLength: 30 }),
  seed: fc.integer(),
  faults,
  spread: fc.integer({ min: 1, max: 40 }),
});

interface Submitted {
  entry: string;
  payload: string | null;
}

/** Plays a run, and after each end of a process compares what is found with what was said. */
async function play(run: Run, lies: ('sync' | 'syncDir')[] = []): Promise<void> {
  const random = seeded(run.seed);
  const clock = new HandClock();
  const plan = [...run.faults];
  const fault = (): Fault | null => (random() < 1 / run.spread ? (plan.shift() ?? null) : null);
  const options = { random, fault, lies };
  let storage = new ForgetfulStorage(options);
  let journal: Journal | null = null;

  const submitted = new Map<string, Submitted>();
  /** What someone was told of: by the answer to an append, or by shipping. */
  const told = new Map<number, string>();
  let acknowledged = 0;
  /** Entries before it may be gone. */
  let removed = 0;
  let written = 0;
  const entry = (size: number) => `${++written} ${'x'.repeat(size)}`;

  const tell = (index: number, text: string) => {
    const before = told.get(index);
    if (before !== undefined && before !== text) throw new Error(`index ${index} stood for two entries`);
    told.set(index, text);
  };

  const opened = async (): Promise<Journal | null> => {
    if (storage.isDead) storage = storage.afterPowerCut(options);
    journal ??= await open(storage, { clock, verifyFrom: 0 }).catch((error: unknown) => {
      if (error instanceof Error && error.message.startsWith('made-up failure')) return null;
      throw error;
    });
    return journal;
  };

  const submit = (own: Journal, text: string, payload: string | null) => {
    submitted.set(text, { entry: text, payload });
    own.append(Buffer.from(text), payload === null ? null : Buffer.from(payload)).then(
      ({ index }) => tell(index, text),
      () => undefined,
    );
  };

  const ship = async (own: Journal) => {
    for (;;) {
      const batch = await own.readBatch(acknowledged, 900).catch(() => null);
      if (!batch) return;
      for (const { index, entry } of decodeShipment(batch.bytes).entries) tell(index, entry.toString());
      acknowledged = batch.next;
    }
  };

  const check = async () => {
    plan.length = 0;
    const own = await opened();
    if (!own) throw new Error('the journal does not open without faults');
    await own.verify();
    const first = own.segments()[0]?.first ?? 0;
    expect(first).toBeLessThanOrEqual(removed);
    const found = await readAll(own);
    for (const [at, { index, entry, payload, payloadDeleted }] of found.entries()) {
      expect(index).toBe(first + at);
      const sent = submitted.get(entry);
      if (!sent) throw new Error(`entry ${index} was never submitted`);
      if (!payloadDeleted) expect(payload).toBe(sent.payload);
    }
    for (const [index, text] of told) {
      if (index < first) told.delete(index);
      else expect(found[index - first]?.entry).toBe(text);
    }
    for (const { entry, index } of found) tell(index, entry);
  };

  const end = async (how: 'kill' | 'power') => {
    journal = null;
    storage = how === 'kill' && !storage.isDead ? storage.afterKill(options) : storage.afterPowerCut(options);
    const waiting = plan.splice(0);
    await check();
    plan.push(...waiting);
  };

  for (const next of run.steps) {
    const own = await opened();
    if (!own) continue;
    if (next.do === 'append') {
      for (let count = 0; count < next.count; count++) {
        const text = entry(next.size);
        submit(own, text, next.payload ? `payload of ${text.slice(0, 8)}` : null);
      }
    } else if (next.do === 'later') {
      const text = entry(20);
      submitted.set(text, { entry: text, payload: null });
      own.appendLater(Buffer.from(text));
    } else if (next.do === 'wait') {
      for (let turn = 0; turn < next.turns; turn++) await null;
    } else if (next.do === 'settle') {
      await own.flush().catch(() => undefined);
    } else if (next.do === 'ship') {
      await ship(own);
    } else if (next.do === 'move') {
      clock.move(next.ms);
      await own.closeOldSegment();
    } else if (next.do === 'strip') {
      const closed = own
        .segments()
        .find(({ isOpen, stripped, end }) => !isOpen && !stripped && end <= acknowledged);
      if (closed) await own.stripPayloads(closed.number).catch(() => undefined);
    } else if (next.do === 'remove') {
      removed = Math.max(removed, acknowledged);
      await own.removeBefore(acknowledged).catch(() => undefined);
    } else if (next.do === 'close') {
      await own.close().catch(() => undefined);
      journal = null;
    } else {
      await end(next.do);
    }
    if (storage.isDead) await end('power');
  }
  await end('power');
}

describe('whatever happens to process, power and disk', () => {
  it(
    'what was told of is there again, with the same bytes and index; all else is whole or absent',
    async () => {
      const property = fc.asyncProperty(runs, (run) => play(run));
      await fc.assert(property, { numRuns: RUNS });
    },
    TIMEOUT,
  );
});

/** The property is worth something only if it sees what it is there to see. */
describe('the test itself', () => {
  const sees = async (lie: 'sync' | 'syncDir') => {
    const result = await fc.check(
      fc.asyncProperty(runs, (run) => play(run, [lie])),
      { numRuns: 400, endOnFailure: true, seed: 1 },
    );
    return result.failed;
  };

  it('sees an fsync that was left out', async () => {
    expect(await sees('sync')).toBe(true);
  });

  it('sees a directory fsync that was left out', async () => {
    expect(await sees('syncDir')).toBe(true);
  });
});

describe('opening a payload', () => {
  it('needs the index that it was written under', async () => {
    const journal = await open(new ForgetfulStorage({ random: () => 0.5 }));
    await journal.append(Buffer.from('a'), Buffer.from('payload a'));
    await journal.append(Buffer.from('b'), Buffer.from('payload b'));
    const batch = await journal.readBatch(0, 10_000);
    const { header, entries } = decodeShipment(batch?.bytes ?? Buffer.alloc(0));
    const key = Buffer.from(header.sealed.ct, 'base64url');
    const [a, b] = entries.map(({ payload }) => payload ?? Buffer.alloc(0));
    expect(openPayload(key, header.origin, 0, a ?? Buffer.alloc(0)).toString()).toBe('payload a');
    expect(() => openPayload(key, header.origin, 0, b ?? Buffer.alloc(0))).toThrow();
    expect(() => openPayload(key, 'another.example.test', 0, a ?? Buffer.alloc(0))).toThrow();
  });
});
