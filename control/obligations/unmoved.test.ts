import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRouter } from '../platform/index.ts';
import { emptied, type TestRoom, testRoom } from './testing.ts';
import { sameUntil } from './unmoved.ts';
import type { WallItem } from './wall.ts';

let room: TestRoom;
beforeAll(async () => {
  room = await testRoom();
});
afterAll(() => room.close());
beforeEach(() => emptied(room));

const answers = { controller: 'yes', processor: 'no' };
const setProfile = async (profile: object): Promise<void> => {
  const { revision } = (await room.ask('GET', '/organisation/profile')).body;
  const { status } = await room.ask('PUT', '/organisation/profile', { profile, revision, reason: 'A test' });
  expect(status).toBe(200);
};
const aware = async (id: string, hoursAgo: number): Promise<void> => {
  const at = new Date(room.platform.clock.now() - hoursAgo * 3600_000).toISOString();
  const times = { aware_personal_data: at };
  const { status } = await room.ask('PATCH', `/incidents/${id}/clocks`, { times, reason: 'A test' });
  expect(status).toBe(200);
};
const wall = async (): Promise<WallItem[]> => (await room.ask('GET', '/clocks?limit=200')).body.items;
/** What is shown of each incident, and the wall: by the room that keeps, and by one that has kept nothing. */
const shown = async (ids: readonly string[], ask = room.ask): Promise<unknown[]> => {
  const paths = [...ids.map((id) => `/incidents/${id}/clocks`), '/clocks?limit=200'];
  const answers = await Promise.all(paths.map((path) => ask('GET', path)));
  expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
  return answers.map(({ body }) => body);
};
const fresh = (ids: readonly string[]): Promise<unknown[]> => {
  const app = createRouter();
  app.use('*', async (c, next) => {
    c.set('actor', room.who);
    await next();
  });
  app.route('/', room.second().routes);
  return shown(ids, async (method, path) => {
    const response = await app.request(path, { method });
    return { status: response.status, text: '', body: await response.json() };
  });
};

describe('the wall keeps what was reckoned', () => {
  test('and says at every time what one that kept nothing says', async () => {
    await setProfile({ country: 'DE', countries: ['DE'], answers });
    const [first, second] = [await room.open(), await room.open()];
    const ids = [first.id, second.id];
    await aware(first.id, 71);
    await aware(second.id, 1);
    for (const minutes of [0, 1, 58, 1, 0, 1, 14, 15, 600, 1440, 5000]) {
      room.platform.advance(minutes * 60_000);
      expect(await shown(ids)).toEqual(await fresh(ids));
      room.platform.advance(1);
      expect(await shown(ids)).toEqual(await fresh(ids));
    }
  });

  test('until something is entered, in the incident, for the organisation, in the register, or by another control plane', async () => {
    await setProfile({ country: 'DE', countries: ['DE'], answers });
    const { id } = await room.open({ party: 'mixpanel' });
    const rules = async (): Promise<string[]> => (await wall()).map(({ clock }) => clock.rule);
    expect(await rules()).toEqual([]);
    await aware(id, 1);
    expect(await rules()).toContain('gdpr-33');
    const sent = {
      at: new Date(room.platform.clock.now()).toISOString(),
      what: 'All of it',
      reason: 'A test',
    };
    expect((await room.ask('POST', `/incidents/${id}/clocks/gdpr-33/submissions`, sent)).status).toBe(201);
    expect(await rules()).not.toContain('gdpr-33');
    const again = { because: 'An error', reason: 'A test' };
    expect((await room.ask('POST', `/incidents/${id}/clocks/gdpr-33/reopening`, again)).status).toBe(201);
    expect(await rules()).toContain('gdpr-33');
    await setProfile({ country: 'DE', countries: ['DE'], answers: { controller: 'no', processor: 'no' } });
    expect(await rules()).not.toContain('gdpr-33');
    room.notices.set('mixpanel', {
      vendor: 'mixpanel',
      hours: 24,
      source: 'DPA',
      asOf: '2025-01-01',
      by: 'Ada Example',
    });
    const { body } = await room.ask('GET', `/incidents/${id}/clocks/facts.json`);
    expect(body.rules).toMatchObject([{ id: 'register-notice-mixpanel' }]);
    expect(await shown([id])).toEqual(await fresh([id]));
  });
});

describe('what was reckoned holds', () => {
  const clock = (over: object) =>
    ({ start: null, due: null, latest: null, end: null, ...over }) as Parameters<
      typeof sameUntil
    >[0]['clocks'][number];
  const at = Date.parse('2026-03-28T10:02:00Z');
  const until = (over: object) => new Date(sameUntil({ clocks: [clock(over)] }, at)).toISOString();

  test.each([
    ['until the next quarter of an hour', {}, '2026-03-28T10:15:00.000Z'],
    ['until it is due', { due: { at: '2026-03-28T11:07:00+01:00' } }, '2026-03-28T10:07:00.000Z'],
    [
      'for this millisecond, where it is due now',
      { due: { at: '2026-03-28T10:02:00Z' } },
      '2026-03-28T10:02:00.001Z',
    ],
    ['until the latest reading', { latest: { at: '2026-03-28T10:09:00Z' } }, '2026-03-28T10:09:00.000Z'],
    ['until it starts', { start: { at: '2026-03-28T10:03:00Z' } }, '2026-03-28T10:03:00.000Z'],
    ['no shorter for what is past', { start: { at: '2026-03-28T09:03:00Z' } }, '2026-03-28T10:15:00.000Z'],
    [
      'until what was submitted lies in the past',
      { end: { submissions: [{ at: '2026-03-28T10:04:00Z' }] } },
      '2026-03-28T10:04:00.000Z',
    ],
  ])('%s', (_, over, time) => {
    expect(until(over)).toBe(time);
  });
});
