import type { Fault } from '@drawbridge/journal/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fsck, type Log, openReader, parseCheckpoint, type Signer, TlogError } from './index.ts';
import { fetchFrom, HandClock, Machine, open, rootsOf, seeded, signer, trust } from './log-harness.ts';

const isSoak = process.env.DRAWBRIDGE_SOAK === '1';
const RUNS = isSoak ? 5000 : 150;
const TIMEOUT = isSoak ? 900_000 : 60_000;

type Step =
  | { do: 'append'; count: number; size: number }
  | { do: 'wait'; turns: number }
  | { do: 'checkpoint' }
  | { do: 'move'; ms: number }
  | { do: 'close' }
  | { do: 'kill' }
  | { do: 'power' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      count: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 100, max: 300 })),
      size: fc.integer({ min: 0, max: 60 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.nat(60) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'checkpoint' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('move' as const), ms: fc.constantFrom(2, 1000, -5000) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'kill' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'power' as const }) },
);

interface Run {
  steps: Step[];
  seed: number;
  faults: Fault[];
  /** Which of so many operations each fault meets. */
  spread: number;
}

const runs: fc.Arbitrary<Run> = fc.record({
  steps: fc.array(step, { minLength: 2, maxLength: 16 }),
  seed: fc.integer(),
  faults: fc.array(fc.constantFrom<Fault>('enospc', 'short', 'eio', 'eio', 'crash', 'crash'), {
    maxLength: 4,
  }),
  spread: fc.integer({ min: 1, max: 120 }),
});

/** Plays a run. After each end of a process the log has to go on, with all that it has told of, in every signed tree. */
async function play(run: Run, lies: ('sync' | 'syncDir')[] = []): Promise<void> {
  const random = seeded(run.seed);
  const clock = new HandClock();
  const plan = [...run.faults];
  let isChecking = false;
  const fault = () => (!isChecking && random() < 1 / run.spread ? (plan.shift() ?? null) : null);
  const machine = new Machine({ fault, lies }, random);
  let log: Log | null = null;
  let written = 0;
  /** What someone was told of, by index. */
  const told = new Map<number, string>();
  /** Every root that was signed, by size: whoever holds the signature can show it for ever. */
  const signed = new Map<number, string>();

  const recording: Signer = {
    ...signer,
    sign(text) {
      const { size, root } = parseCheckpoint(text);
      const before = signed.get(size);
      if (before !== undefined) expect(root.toString('hex')).toBe(before);
      signed.set(size, root.toString('hex'));
      return signer.sign(text);
    },
  };

  const opened = async (): Promise<Log | null> => {
    if (machine.isDead) machine.powerCut();
    log ??= await open(machine, { clock, signer: recording }).catch((error: unknown) => {
      const isMadeUp = error instanceof Error && error.message.startsWith('made-up failure');
      if (isMadeUp) return null;
      throw error;
    });
    return log;
  };

  const check = async () => {
    isChecking = true;
    const own = await opened();
    if (!own) throw new Error('the log does not open without faults');
    const tree = await own.checkpoint();
    const fetch = fetchFrom(machine.files);
    const report = await fsck({ ...trust, fetch, list: () => machine.files.list(), clock });
    // What a crash left of a file, and tiles of a tree that was not signed, may be there, and nothing else.
    const left = ['unfinished_file', 'beyond_checkpoint'];
    expect(report.problems.filter(({ code }) => !left.includes(code))).toEqual([]);
    const entries = await entriesOf(machine, tree.size);
    for (const [index, text] of told) expect(entries[index]?.toString()).toBe(text);
    const roots = rootsOf(entries);
    for (const [size, root] of signed) expect(roots[size]?.toString('hex')).toBe(root);
    isChecking = false;
  };

  const end = async (how: 'kill' | 'power') => {
    log = null;
    if (how === 'kill' && !machine.isDead) machine.kill();
    else machine.powerCut();
    await check();
  };

  for (const next of run.steps) {
    const own = await opened();
    if (!own) continue;
    if (next.do === 'append') {
      for (let count = 0; count < next.count; count++) {
        const text = `${++written} ${'x'.repeat(next.size)}`;
        own.append(Buffer.from(text)).then(
          ({ index }) => told.set(index, text),
          () => undefined,
        );
      }
    } else if (next.do === 'wait') {
      for (let turn = 0; turn < next.turns; turn++) await null;
    } else if (next.do === 'checkpoint') {
      await own.checkpoint().catch((error: unknown) => {
        if (error instanceof TlogError && error.code === 'contradiction') throw error;
      });
    } else if (next.do === 'move') {
      clock.move(next.ms);
    } else if (next.do === 'close') {
      await own.close().catch(() => undefined);
      log = null;
    } else {
      await end(next.do);
    }
    if (machine.isDead) await end('power');
  }
  await end('power');
}

async function entriesOf(machine: Machine, size: number): Promise<Buffer[]> {
  const reader = await openReader({ ...trust, fetch: fetchFrom(machine.files) });
  const entries: Buffer[] = [];
  for await (const entry of reader.entries(0, size)) entries.push(entry);
  return entries;
}

describe('whatever happens to process, power and disk', () => {
  it(
    'what was told of is in the log, and every tree that was signed is the beginning of it',
    async () => {
      const property = fc.asyncProperty(runs, (run) => play(run));
      await fc.assert(property, { numRuns: RUNS });
    },
    TIMEOUT,
  );
});

/** The property is worth something only if it sees what it is there to see. */
describe('the test itself', () => {
  it.for(['sync', 'syncDir'] as const)('sees a %s that was left out', { timeout: TIMEOUT }, async (lie) => {
    const result = await fc.check(
      fc.asyncProperty(runs, (run) => play(run, [lie])),
      { numRuns: 400, endOnFailure: true, seed: 1 },
    );
    expect(result.failed).toBe(true);
  });
});
