import { expect, test } from 'vitest';
import { readEvidence } from '../read.ts';

async function namesOf(text: string): Promise<string[]> {
  async function* bytes() {
    yield Buffer.from(text);
  }
  const { traces } = await readEvidence('.env', bytes());
  return traces.map(({ value }) => value);
}

test('lines of a value that goes on are no names, quoted or not', async () => {
  const key = `-----BEGIN PRIVATE${' KEY-----'}\nMIImadeupSECRET=\nMadeUpSecretToo==\n-----END PRIVATE${' KEY-----'}`;
  expect(await namesOf(`A_KEY=${key}\nOTHER=1\n`)).toEqual(['A_KEY', 'OTHER']);
  expect(await namesOf(`A_KEY="${key}"\nOTHER=1\n`)).toEqual(['A_KEY', 'OTHER']);
});

test('an escaped quote does not end a value', async () => {
  expect(await namesOf('GREETING="says \\"hello\nSECRETLINE=hidden\nthe end"\nOTHER=1\n')).toEqual([
    'GREETING',
    'OTHER',
  ]);
});

test('characters that no name has are left out', async () => {
  expect(await namesOf('GO\0OD=1\nOTHER=1\n')).toEqual(['OTHER']);
});
