import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runExamples } from './guard.ts';
import { readPolicyFolder } from './starters.ts';

const shipped = fileURLToPath(new URL('../../packs/policies', import.meta.url));

test('shipped policies are valid, laid out, and do what their examples say, all of them together', async () => {
  const { policies, problems } = await readPolicyFolder(shipped);
  expect(problems).toEqual([]);
  expect(policies.map(({ name }) => name)).toHaveLength(7);
  expect(runExamples(policies).filter(({ holds }) => !holds)).toEqual([]);
});

test('what is wrong in a folder is said with file, line and column', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-policies-'));
  const write = (file: string, text: string) => writeFile(join(folder, file), text);
  // A slip in a name makes it a policy that never applies.
  await write(
    'never.cedar',
    '@title("x")\nforbid (principal, action == Action::"cross", resource)\nwhen { context has modl };\n',
  );
  await write('Upper.cedar', 'x');
  await write('lost.examples.yaml', '[]');
  await write(
    'night.cedar',
    '@title("x")\nforbid (principal, action == Action::"cross", resource) when { context.hour == 3 };\n',
  );
  await write(
    'night.examples.yaml',
    '- must: never\n  says: At three\n  crossing: { hour: 24 }\n- must: denied\n  says: x\n  act: { action: fly }\n',
  );
  const { policies, problems } = await readPolicyFolder(folder);
  await rm(folder, { recursive: true });
  expect(policies.map(({ name }) => name)).toEqual(['night']);
  expect(problems).toMatchObject([
    { file: 'Upper.cedar', line: 1 },
    { file: 'never.cedar', line: 1, message: expect.stringContaining('impossible') },
    { file: 'night.examples.yaml', line: 1, column: 9, message: expect.stringContaining('0.must') },
    { file: 'night.examples.yaml', line: 3, column: 21, message: expect.stringContaining('0.crossing.hour') },
    { file: 'night.examples.yaml', line: 6, message: expect.stringContaining('1.act.action') },
    { file: 'lost.examples.yaml' },
  ]);
});
