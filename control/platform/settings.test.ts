import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { messageText } from './messages.ts';
import { readSetting, writeSetting } from './settings.ts';
import { type TestPlatform, testPlatform } from './testing.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const days = { key: 'test.days', schema: z.int().min(1).max(90), initial: 30 };
const by = { actor: { id: 'someone', name: 'Someone' }, reason: 'shorter is enough' };
const write = (value: number) =>
  platform.db.transaction().execute((tx) => writeSetting(tx, platform, days, value, by));

test('a setting has its initial value until it is set, and says who set it and why', async () => {
  expect(await readSetting(platform.db, days)).toBe(30);
  await write(14);
  await write(7);
  expect(await readSetting(platform.db, days)).toBe(7);
  const changes = await platform.pool.query(
    `SELECT actor, reason, act, subject_id FROM change WHERE subject_kind = 'setting'`,
  );
  expect(changes.rows).toEqual([
    { actor: 'someone', reason: 'shorter is enough', act: 'setting.write', subject_id: 'test.days' },
    { actor: 'someone', reason: 'shorter is enough', act: 'setting.write', subject_id: 'test.days' },
  ]);
});

test('a wrong value is refused by name and changes nothing', async () => {
  await write(7);
  await expect(write(0)).rejects.toMatchObject({ code: 'invalid_setting', errors: [{ field: 'test.days' }] });
  expect(await readSetting(platform.db, days)).toBe(7);
});

test('a stored value that this build can not read is said, not replaced', async () => {
  await platform.pool.query(`UPDATE setting SET value = '"a week"' WHERE key = 'test.days'`);
  await expect(readSetting(platform.db, days)).rejects.toMatchObject({ code: 'setting_unreadable' });
});

test('codes have sentences; unknown codes have none', () => {
  expect(messageText('refusal.key_expired')).toBe('The virtual key has expired.');
  expect(messageText('refusal.of_tomorrow')).toBeNull();
  expect(messageText('toString')).toBeNull();
});
