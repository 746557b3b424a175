import { expect, test } from 'vitest';
import { shippedExercises } from '../shipped-packs.ts';
import { playExercise } from './play.ts';
import { sheetText } from './sheet.ts';

/** Exercises against the system as it is, in a deployment of their own. */
const played = async (name: string, people: number) => {
  const exercise = (await shippedExercises()).find(({ id }) => id === name);
  if (exercise === undefined) throw new Error(`there is no exercise ${name}`);
  return playExercise(exercise, { people, log: () => undefined });
};

test('who sits in a vendor’s vendor is found by accounts and a recorded visit, and every goal is met', async () => {
  const sheet = await played('mixpanel-2025-customer', 40);
  expect(sheet.goals.flatMap(({ problem }) => problem ?? [])).toEqual([]);
  expect(sheet.goals.map(({ state }) => state)).toEqual(sheet.goals.map(() => 'met'));
  expect(sheet.goals.find(({ id }) => id === 'people')?.said).toBe(
    '0 people in its data, 40 holders of accounts.',
  );
  expect(sheet.messages).toBe(8);
  expect(sheetText(sheet)).toContain('6 of 6 goals met in time.');
}, 120_000);

test('whose data went to the vendor is counted from what crossed, and every goal is met', async () => {
  const sheet = await played('mixpanel-2025-platform', 120);
  expect(sheet.goals.flatMap(({ problem }) => problem ?? [])).toEqual([]);
  expect(sheet.met).toBe(sheet.goals.length);
  expect(sheet.goals.find(({ id }) => id === 'people')?.said).toBe(
    '120 people in its data, 0 holders of accounts.',
  );
}, 120_000);
