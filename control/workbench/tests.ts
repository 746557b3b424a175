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
  run(connection: string, rules: ContractDocument | null): Promise<ContractTestRunView>;
}

export function createContractTests(platform: Platform, workbench: Workbench): ContractTests {
  async function result(connection: string, test: ContractTestView, rules: ContractDocument | null) {
    const { id, name, sample, expects } = test;
    const problems = await workbench
      .run(connection, sample, rules)
      .then((run) => problemsOf(expects, run))
      .catch((error: unknown) => {
        // What can't be tried did not pass.
        if (error instanceof Problem) return [error.message];
        throw error;
      });
    return { id, name, passed: problems.length === 0, problems } satisfies TestResult;
  }

  return {
    async list(connection) {
      await workbench.expectConnection(connection);
      return readTests(platform.db, connection);
    },

    async prepare(connection, sample, rules) {
      const { text, replaced, lost, left } = await workbench.madeUp(connection, sample);
      const made: Sample = 'text' in sample ? { ...sample, text } : { ...sample, body: text };
      return {
        sample: made,
        replaced,
        lost,
        left,
        expects: expectsOf(await workbench.run(connection, made, rules)),
      };
    },

    async save(connection, tests, by, despite) {
      for (const [at, { sample }] of tests.entries()) {
        const { replaced, text } = await workbench.madeUp(connection, sample);
        const given = 'text' in sample ? sample.text : sample.body;
        // Made-up values come to themselves.
        if (replaced > 0 && text !== given && !despite) {
          const field = `${tests.length === 1 ? '' : `items.${at}.`}sample`;
          throw new Problem(
            422,
            'sample_holds_data',
            'Something is found in the sample that Drawbridge did not make up. Have it prepared first, or say that it is nobody’s data.',
            [{ field, message: 'holds what was not made up' }],
          );
        }
      }
      return writeTests(platform, connection, tests, by);
    },

    remove: (connection, id, by) => removeTest(platform, connection, id, by),

    async run(connection, rules) {
      await workbench.expectConnection(connection);
      const items: TestResult[] = [];
      for (const test of await readTests(platform.db, connection)) {
        items.push(await result(connection, test, rules));
      }
      return { items, failed: items.filter(({ passed }) => !passed).length };
    },
  };
}
