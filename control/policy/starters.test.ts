import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runExamples } from './guard.ts';
import { readPolicyFolder } from './starters.ts';

const shipped = fileURLToPath(new URL('../../packs/policies', import.meta.url));

test('shipped policies are valid, laid out, and do what their examples say, all of them together', async () => {
  const { policies, problems } = await readPolicyFolder(shipped);
  expect(problems).toEqual([]);
  expect(policies.map(({ name }) => name)).toHaveLength(6);
  expect(runExamples(policies).filter(({ holds }) => !holds)).toEqual([]);
});
