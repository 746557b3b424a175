import { isDeepStrictEqual } from 'node:util';
import type { ContractDocument } from '@drawbridge/protocol';
import { type By, type Platform, Problem } from '../platform/index.ts';
import { expectsOf, problemsOf } from './expects.ts';
import type {
  ContractTestRunView,
  ContractTestView,
  NewContractTest,
  PreparedView,
  Sample,
  TestResult,
} from './schemas.ts';
import { readTests, removeTest, writeTests } from './store.ts';
import type { Workbench } from './workbench.ts';

/** Samples that are kept with what is expected of them, and tried whenever the contract is to change. */
export interface ContractTests {
  list(connection: string): Promise<ContractTestView[]>;
  /** The sample with made-up values, and what becomes of it. `rules`: null, the contract in force. Keeps nothing. */
  prepare(connection: string, sample: Sample, rules: ContractDocument | null): Promise<PreparedView>;
  /**
   * Keeps tests, all or none. Throws Problem 422 `sample_holds_data` where something else than made-up values is found in
   * one, unless that is meant (`despite`).
   */
  save(
    connection: string,
    tests: readonly NewContractTest[],
    by: By,
    despite: boolean,
  ): Promise<ContractTestView[]>;
  remove(connection: string, id: string, by: By): Promise<void>;
  /** In 20 seconds together; what was not run in them did not pass. */
  run(connection: string, rules: ContractDocument | null): Promise<ContractTestRunView>;
}

/** Of all tests of a connection together: a change of its contract waits for them. */
const LONGEST_MS = 20_000;
/** So that the bench is not idle between two, and others have their turn between these. */
const AT_ONCE = 4;

/** `longestMs`: for how long all tests of a connection are run together. */
export function createContractTests(
  platform: Platform,
  workbench: Workbench,
  longestMs: number = LONGEST_MS,
): ContractTests {
  async function result(connection: string, test: ContractTestView, rules: ContractDocument | null) {
    const { id, name, sample, expects } = test;
    const problems = await workbench
      .run(connection, sample, rules)
      .then((run) => problemsOf(expects, run))
      .catch((error: unknown) => {
        // What can't be tried did not pass.
        // That others are tried just now says nothing of it.
        if (error instanceof Problem && error.code !== 'workbench_busy') return [error.message];
        throw error;
      });
    return { id, name, passed: problems.length === 0, problems } satisfies TestResult;
  }

  /** The sample with made-up values wherever it is kept: in its text, its target and its headers. */
  async function madeUp(connection: string, sample: Sample) {
    const made = await workbench.madeUp(connection, sample);
    if ('text' in sample) return { ...made, sample: { ...sample, text: made.text } };
    let { replaced, lost } = made;
    const around = async (text: string): Promise<string> => {
      const one = await workbench.madeUp(connection, { text });
      replaced += one.replaced;
      lost += one.lost;
      return one.text;
    };
    const target = (await around(sample.target)).replaceAll(/\s/g, '+');
    const request = { ...sample, target, body: made.text };
    if (sample.headers === undefined) return { ...made, replaced, lost, sample: request };
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(sample.headers)) {
      // The name tells what its value is.
      const line = await around(`${name}: ${value}`);
      headers[name] = line.startsWith(`${name}: `) ? line.slice(name.length + 2) : line;
    }
    return { ...made, replaced, lost, sample: { ...request, headers } };
  }

  /** Where a test holds what was not made up; null: nowhere. */
  async function wrongIn(
    connection: string,
    { sample, expects }: NewContractTest,
  ): Promise<'sample' | 'expects.never' | null> {
    const made = await madeUp(connection, sample);
    // Made-up values come to themselves.
    if (made.replaced > 0 && !isDeepStrictEqual(made.sample, sample)) return 'sample';
    const text = 'text' in sample ? sample.text : sample.body;
    for (const value of expects.never) {
      const stands = text.includes(value) || text.includes(JSON.stringify(value).slice(1, -1));
      if (!stands && (await workbench.madeUp(connection, { text: value })).text !== value) {
        return 'expects.never';
      }
    }
    return null;
  }

  return {
    async list(connection) {
      await workbench.expectConnection(connection);
      return readTests(platform.db, connection);
    },

    async prepare(connection, sample, rules) {
      const { sample: made, replaced, lost, left } = await madeUp(connection, sample);
      return {
        sample: made,
        replaced,
        lost,
        left,
        expects: expectsOf(await workbench.run(connection, made, rules)),
      };
    },

    async save(connection, tests, by, despite) {
      for (const [at, test] of tests.entries()) {
        const wrong = await wrongIn(connection, test);
        if (wrong !== null && !despite) {
          throw new Problem(
            422,
            'sample_holds_data',
            'Something is found in the sample, or in what must not cross of it, that Drawbridge did not make up. Have it prepared first, or say that it is nobody’s data.',
            [
              {
                field: `${tests.length === 1 ? '' : `items.${at}.`}${wrong}`,
                message: 'holds what was not made up',
              },
            ],
          );
        }
      }
      return writeTests(platform, connection, tests, by);
    },

    remove: (connection, id, by) => removeTest(platform, connection, id, by),

    async run(connection, rules) {
      await workbench.expectConnection(connection);
      const tests = await readTests(platform.db, connection);
      const results = new Map<string, TestResult>();
      let isOver = false;
      const waiting = tests.values();
      const runNext = async (): Promise<void> => {
        for (const test of waiting) {
          if (isOver) return;
          results.set(test.id, await result(connection, test, rules));
        }
      };
      let timer: NodeJS.Timeout | undefined;
      const over = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, longestMs);
      });
      try {
        await Promise.race([over, Promise.all(Array.from({ length: AT_ONCE }, runNext))]);
      } finally {
        isOver = true;
        clearTimeout(timer);
      }
      const items = tests.map(({ id, name }) => results.get(id) ?? notRun(id, name, longestMs));
      return { items, failed: items.filter(({ passed }) => !passed).length };
    },
  };
}

const notRun = (id: string, name: string, longestMs: number): TestResult => ({
  id,
  name,
  passed: false,
  problems: [
    `It was not run to its end: all tests of a connection together have ${longestMs / 1000} seconds. Make samples shorter, or remove some.`,
  ],
});
