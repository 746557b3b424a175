import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordChange } from '../platform/index.ts';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { changesAbout } from './about.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 12, minute));

test('changes about some things in a time come newest first, each once, whatever page is asked for', async () => {
  const made: [minute: number, kind: string, id: string, act: string][] = [
    [0, 'connection', 'mine', 'too.early'],
    [1, 'connection', 'mine', 'first'],
    [2, 'connection', 'other', 'not.mine'],
    [2, 'vendor', 'mine', 'not.mine'],
    [3, 'connection', 'mine', 'second'],
    [3, 'policy', 'any', 'third'],
    [3, 'vendor', 'party', 'fourth'],
    [4, 'connection', 'mine', 'too.late'],
  ];
  for (const [minute, kind, id, act] of made) {
    const clock = { now: () => at(minute).getTime() };
    const actor = { id: 'person-1', name: 'Ada Example' };
    await platform.db
      .transaction()
      .execute((tx) =>
        recordChange(
          tx,
          { ...platform, clock },
          { actor, reason: 'a secret reason', act, subject: { kind, id } },
        ),
      );
  }
  const query = {
    subjects: [
      { kind: 'connection', id: 'mine' },
      { kind: 'vendor', id: 'party' },
    ],
    kinds: ['policy'],
    from: at(1),
    to: at(3),
    before: null,
    limit: 10,
  };
  const all = await changesAbout(platform, query);
  expect(all.map(({ act }) => act)).toEqual(['fourth', 'third', 'second', 'first']);
  expect(JSON.stringify(all)).not.toContain('secret');
  const third = all[1];
  if (third === undefined) throw new Error('none was found');
  const acts = async (before: { at: Date; seq: number | null; inclusive: boolean }) =>
    (await changesAbout(platform, { ...query, before })).map(({ act }) => act);
  expect(await acts({ at: third.at, seq: third.seq, inclusive: false })).toEqual(['second', 'first']);
  expect(await acts({ at: third.at, seq: null, inclusive: true })).toEqual([
    'fourth',
    'third',
    'second',
    'first',
  ]);
  expect(await acts({ at: third.at, seq: null, inclusive: false })).toEqual(['first']);
  // An incident that is open has no end yet.
  expect((await changesAbout(platform, { ...query, to: null })).map(({ act }) => act)[0]).toBe('too.late');
});
