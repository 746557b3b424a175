import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type MixpanelStandin, startMixpanelStandin } from './server.ts';

const token = 'token-of-a-test';
let standin: MixpanelStandin;
beforeEach(async () => {
  standin = await startMixpanelStandin({ validTokens: [token] });
});
afterEach(() => standin.stop());

const event = (name: string, more: Record<string, unknown> = {}) => ({
  event: name,
  properties: { token, distinct_id: 'u1', time: 1_762_000_000, ...more },
});
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('the ingestion protocol', () => {
  it('reads the same event however it is packed', async () => {
    // Characters that make base64 contain + and /, which forms treat in their own way.
    const sent = event('Opened', { note: 'üÿþ~~??>>' });
    const url = `${standin.url}/track`;
    const answers = [
      await fetch(`${url}?data=${encodeURIComponent(base64(sent))}&ip=0`),
      await fetch(`${url}/`, { method: 'POST', headers: form, body: `data=${base64([sent])}` }),
      await fetch(url, {
        method: 'POST',
        body: `data=${encodeURIComponent(JSON.stringify([sent]))}`,
        headers: form,
      }),
      await fetch(url, { method: 'POST', body: JSON.stringify([sent]) }),
      await fetch(url, { method: 'POST', body: gzipSync(JSON.stringify([sent])) }),
    ];
    expect(await Promise.all(answers.map((answer) => answer.text()))).toEqual(['1', '1', '1', '1', '1']);
    const { token: _token, ...stored } = sent.properties;
    expect(standin.store.events.map((one) => one.properties)).toEqual(Array(5).fill(stored));
  });

  it('answers 1, or JSON when asked to be verbose, and says what is wrong', async () => {
    const good = encodeURIComponent(base64(event('A')));
    expect(await (await fetch(`${standin.url}/track?verbose=1&data=${good}`)).json()).toEqual({
      error: null,
      status: 1,
    });
    const bad = await fetch(`${standin.url}/track?verbose=1&data=%7Bnope`);
    expect([bad.status, await bad.json()]).toEqual([
      400,
      { error: expect.stringContaining('data'), status: 0 },
    ]);
    const foreign = encodeURIComponent(base64({ event: 'A', properties: { token: 'another' } }));
    const refused = await fetch(`${standin.url}/track?data=${foreign}`);
    expect([refused.status, await refused.text()]).toEqual([401, '0']);
    expect(standin.store.events).toHaveLength(1);
  });

  it('takes browsers with credentials, of the origin that asks', async () => {
    const preflight = await fetch(`${standin.url}/track`, {
      method: 'OPTIONS',
      headers: { origin: 'http://app.example.com' },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://app.example.com');
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
  });

  it('notes by which address it would geolocate', async () => {
    await fetch(`${standin.url}/track?ip=1&data=${encodeURIComponent(base64(event('A')))}`);
    await fetch(`${standin.url}/track?ip=0&data=${encodeURIComponent(base64(event('B')))}`);
    await fetch(
      `${standin.url}/track?ip=0&data=${encodeURIComponent(base64(event('C', { ip: '192.0.2.7' })))}`,
    );
    expect(standin.store.events.map((one) => one.geolocatedFrom)).toEqual(['127.0.0.1', null, '192.0.2.7']);
    expect(JSON.stringify(standin.store.events[2]?.properties)).not.toContain('192.0.2.7');
  });

  it('stores an event that is sent again only once', async () => {
    const data = encodeURIComponent(base64(event('A', { $insert_id: 'same' })));
    await fetch(`${standin.url}/track?data=${data}`);
    await fetch(`${standin.url}/track?data=${data}`);
    expect([standin.requests.length, standin.store.events.length]).toEqual([2, 1]);
  });
});

describe('what the vendor makes of it', () => {
  const post = (path: string, value: unknown) =>
    fetch(`${standin.url}${path}`, { method: 'POST', body: JSON.stringify(value) });

  it('merges the device a person came with, and aliases, into one person', async () => {
    const device = { distinct_id: '$device:d1', $device_id: 'd1' };
    await post('/track', [event('Seen', { ...device, time: 1 })]);
    await post('/track', [
      event('$identify', {
        distinct_id: 'u1',
        $anon_distinct_id: '$device:d1',
        $user_id: 'u1',
        $device_id: 'd1',
        time: 2,
      }),
      event('$create_alias', { distinct_id: 'u1', alias: 'other name', time: 3 }),
      event('Paid', { distinct_id: 'other name', time: 4 }),
    ]);
    await post('/track', [event('Seen', { distinct_id: 'u2', time: 5 })]);
    await post('/engage', [{ $token: token, $distinct_id: 'u1', $set: { plan: 'a' } }]);
    const people = standin.store.people();
    expect(people.map((one) => [one.id, one.events.length])).toEqual([
      ['u1', 4],
      ['u2', 1],
    ]);
    expect(people[0]?.ids.toSorted()).toEqual(['$device:d1', 'other name', 'u1']);
    expect(people[0]?.profile).toEqual({ plan: 'a' });
    expect(standin.store.funnel(['Seen', 'Paid'])).toEqual([2, 1]);
  });

  it('takes $identify, $create_alias and $merge each at its word', async () => {
    await post('/track', [
      event('$identify', { distinct_id: 'a1', $anon_distinct_id: 'a2' }),
      event('$create_alias', { distinct_id: 'b1', alias: 'b2' }),
      event('$merge', { distinct_id: 'x', $distinct_ids: ['c1', 'c2'] }),
    ]);
    const together = standin.store.people().map((person) => person.ids.toSorted().join(' '));
    expect(together.toSorted()).toEqual(['a1 a2', 'b1 b2', 'c1 c2', 'x']);
  });

  it('applies profile and group updates in its own language', async () => {
    const update = (more: object) => ({ $token: token, $distinct_id: 'u1', ...more });
    await post('/engage', [
      update({ $set: { a: 1, gone: true, list: ['x'] } }),
      update({ $set_once: { a: 2, b: 3 } }),
      update({ $add: { b: 4 }, $append: { list: 'y' } }),
      update({ $union: { list: ['y', 'z'] }, $unset: ['gone'] }),
      update({ $remove: { list: 'x' } }),
    ]);
    await post('/groups', [
      { $token: token, $group_key: 'org', $group_id: 'g1', $set: { $name: 'Example' } },
    ]);
    expect(standin.store.people()[0]?.profile).toEqual({ a: 1, b: 7, list: ['y', 'z'] });
    expect([...standin.store.groups.values()]).toEqual([
      { key: 'org', id: 'g1', profile: { $name: 'Example' } },
    ]);
    expect(standin.store.rows()).toBe(2);
    await post('/engage', [update({ $delete: '' })]);
    expect(standin.store.rows()).toBe(1);
  });
});
