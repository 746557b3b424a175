import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exportNetworkFrom } from './export-network.ts';

test('a secret comes from its variable or its file, read anew each time, and only with its host', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-export-'));
  const path = join(folder, 'token');
  await writeFile(path, 'made-up-secret\n');
  const env = {
    DRAWBRIDGE_EXPORT_ONE: 'made-up',
    DRAWBRIDGE_EXPORT_ONE_HOST: 'siem.example',
    DRAWBRIDGE_EXPORT_TWO_FILE: path,
    DRAWBRIDGE_EXPORT_TWO_HOST: 'siem.example',
    DRAWBRIDGE_EXPORT_NOWHERE: 'made-up',
  };
  const { secret } = await exportNetworkFrom(env, null);
  expect(await secret('DRAWBRIDGE_EXPORT_ONE')).toEqual({ value: 'made-up', host: 'siem.example' });
  expect(await secret('DRAWBRIDGE_EXPORT_TWO')).toEqual({ value: 'made-up-secret', host: 'siem.example' });
  await writeFile(path, 'another');
  expect(await secret('DRAWBRIDGE_EXPORT_TWO')).toMatchObject({ value: 'another' });
  await rm(folder, { recursive: true });
  expect(await secret('DRAWBRIDGE_EXPORT_TWO')).toBe(null);
  expect(await secret('DRAWBRIDGE_EXPORT_NOWHERE')).toBe(null);
  await expect(exportNetworkFrom({}, join(folder, 'ca.pem'))).rejects.toThrow('DRAWBRIDGE_EXPORT_CA');
});
