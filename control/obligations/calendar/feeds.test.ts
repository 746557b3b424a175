import { convertIcsCalendar, type IcsEvent } from 'ts-ics';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptied, type TestRoom, testRoom } from '../testing.ts';

let room: TestRoom;
beforeAll(async () => {
  room = await testRoom();
});
afterAll(() => room.close());
beforeEach(async () => {
  room.who = { ...room.who, id: 'person-1', kind: 'person' };
  await emptied(room);
  await room.ask('PUT', '/organisation/profile', {
    profile: { country: 'DE', countries: ['DE'], answers: { controller: 'yes' } },
    revision: 0,
    reason: 'A test',
  });
});

const AWARE = '2025-11-08T14:10:00+01:00';
const aware = (id: string, time = AWARE) =>
  room.ask('PATCH', `/incidents/${id}/clocks`, { times: { aware_personal_data: time }, reason: 'A test' });

async function feed(): Promise<{ id: string; path: string; token: string }> {
  const { status, body } = await room.ask('POST', '/clocks/feeds', {});
  expect(status).toBe(201);
  const path = body.url.replace('https://bridge.example/api/v1', '');
  return { id: body.id, path, token: path.split('/').at(-1).replace('.ics', '') };
}
async function events(path: string): Promise<IcsEvent[]> {
  const { status, text } = await room.ask('GET', path);
  expect(status).toBe(200);
  return convertIcsCalendar(undefined, text).events ?? [];
}

describe('the calendar of clocks', () => {
  test('has what is due, with rule, number and link, and says what is unreviewed and what is a drill', async () => {
    const real = await room.open({ title: 'Secret words of ours' });
    const drill = await room.open({ drill: true });
    await aware(real.id);
    await aware(drill.id);
    const { path } = await feed();
    const all = (await events(path)).filter(({ uid }) => uid.includes('-gdpr-33@'));
    expect(all.map(({ uid }) => uid).sort()).toEqual(
      [real, drill].map(({ id }) => `${id}-gdpr-33@test-deployment`).sort(),
    );
    const entry = all.find(({ uid }) => uid.startsWith(real.id));
    expect(entry?.summary).toBe(
      'Incident 1, GDPR Art. 33(1): Notification to the supervisory authority · Unreviewed, confirm with counsel',
    );
    expect(entry?.start.date.toISOString()).toBe('2025-11-11T13:10:00.000Z');
    expect(String(entry?.description)).toContain('Unreviewed, confirm with counsel.');
    expect(String(entry?.description)).toContain(`https://bridge.example/incidents/${real.id}`);
    expect(JSON.stringify(all)).not.toContain('Secret words');
    const drilled = all.find(({ uid }) => uid.startsWith(drill.id));
    expect(drilled?.summary).toMatch(/^\[Drill\] /);
    expect(String(drilled?.description)).toContain('This is a drill');
  });

  test('counts the changes of an entry, keeps its id, and alarms no more once it is done', async () => {
    const { id } = await room.open();
    await aware(id);
    const { path } = await feed();
    const read = async () => (await events(path)).find(({ uid }) => uid.includes('-gdpr-33@'));
    const first = await read();
    expect([first?.sequence ?? 0, first?.alarms?.length]).toEqual([0, 3]);
    room.platform.advance(1000);
    expect((await read())?.sequence ?? 0).toBe(0);
    await aware(id, '2025-11-08T15:10:00+01:00');
    const moved = await read();
    expect([moved?.uid, moved?.sequence]).toEqual([first?.uid, 1]);
    expect(moved?.start.date.toISOString()).toBe('2025-11-11T14:10:00.000Z');
    await room.ask('POST', `/incidents/${id}/clocks/gdpr-33/submissions`, {
      at: '2025-11-08T16:00:00Z',
      what: 'Sent',
      reason: 'A test',
    });
    const done = await read();
    expect([done?.sequence, done?.alarms?.length ?? 0]).toEqual([2, 0]);
    expect(done?.summary).toContain('(done)');
  });

  test('of somebody who is no member leaves restricted incidents out, and has them once they are one', async () => {
    const { id } = await room.open({ restricted: true });
    await aware(id);
    room.who = { ...room.who, id: 'person-2' };
    const { path } = await feed();
    expect(await events(path)).toEqual([]);
    room.who = { ...room.who, id: 'person-1' };
    await room.ask('PUT', `/incidents/${id}/members`, { person: 'person-2', roles: [], reason: 'A test' });
    expect(await events(path)).not.toEqual([]);
  });

  test('is behind an address whose token is kept only as a hash, and answers nobody once it is ended', async () => {
    const { id, path, token } = await feed();
    const { rows } = await room.platform.pool.query('SELECT * FROM obligation_feed');
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(rows[0].token_hash).toHaveLength(32);
    expect((await room.ask('GET', '/clocks/feeds')).body.items).toMatchObject([{ id, lastReadAt: null }]);
    await events(path);
    expect((await room.ask('GET', '/clocks/feeds')).body.items[0].lastReadAt).not.toBeNull();
    // Nobody ends, or sees, a calendar of somebody else.
    room.who = { ...room.who, id: 'person-2' };
    expect((await room.ask('DELETE', `/clocks/feeds/${id}`)).status).toBe(404);
    expect((await room.ask('GET', '/clocks/feeds')).body.items).toEqual([]);
    room.who = { ...room.who, id: 'person-1' };
    expect((await room.ask('DELETE', `/clocks/feeds/${id}`)).body.items).toEqual([]);
    expect((await room.ask('GET', path)).status).toBe(404);
    for (const wrong of ['x.ics', `${token}`, `${token.slice(1)}A.ics`])
      expect((await room.ask('GET', `/clocks/feed/${wrong}`)).status).toBe(404);
    expect(room.platform.logged()).not.toContain(token);
  });

  test('ends with its owner’s right to see incidents, and a command has none', async () => {
    const { path } = await feed();
    room.gone.add('person-1');
    expect((await room.ask('GET', path)).status).toBe(404);
    room.who = { ...room.who, kind: 'command' };
    expect((await room.ask('POST', '/clocks/feeds', {})).status).toBe(403);
  });
});
