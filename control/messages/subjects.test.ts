import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Taken } from './index.ts';
import { eraseMessages } from './index.ts';
import { pseudonymOf, testDesk } from './testing.ts';

/** Erasing people whom messages name, on a real database. All of them are made up. */

let desk: Awaited<ReturnType<typeof testDesk>>;
beforeAll(async () => {
  desk = await testDesk();
});
afterAll(() => desk.platform.close());
beforeEach(() =>
  desk.platform.pool.query('TRUNCATE message, message_verdict, message_campaign, vendor_address CASCADE'),
);

const mail = (from: string, to: string): Buffer =>
  Buffer.from(`From: <${from}>\r\nTo: ${to}\r\nSubject: Your key\r\n\r\nIt was disabled.\r\n`);
const take = async (raw: Buffer, more: Partial<Taken> = {}): Promise<string> =>
  (
    await desk.messages.take({
      raw,
      form: 'mail',
      channel: 'mail',
      came: 'imap',
      arrival: 'file',
      sender: null,
      envelope: null,
      reporter: null,
      receivedAt: new Date(desk.platform.clock.now()),
      ...more,
    })
  ).id;
async function erase(...names: string[]): Promise<number> {
  const client = await desk.platform.pool.connect();
  try {
    return await eraseMessages(client, await Promise.all(names.map(pseudonymOf)));
  } finally {
    client.release();
  }
}
/** Of each message whether anything of it is left. */
const kept = async (ids: readonly string[]): Promise<boolean[]> => {
  const { rows } = await desk.platform.pool.query<{ id: string; kept: boolean }>(
    `SELECT id, raw IS NOT NULL OR findings IS NOT NULL OR shape IS NOT NULL OR reporter IS NOT NULL
       OR subjects <> '{}' OR bands <> '{}' OR traces <> '{}' AS kept FROM message`,
  );
  return ids.map((id) => rows.find((row) => row.id === id)?.kept ?? true);
};

test('whoever sent, got or handed in a message is found by their address, and nobody else is', async () => {
  const ids = [
    await take(mail('eve@lure.example', 'Ada <ada@ours.example>, bo@ours.example')),
    await take(mail('cyn@lure.example', 'bo@ours.example')),
    await take(mail('dan@lure.example', 'bo@ours.example'), { reporter: { address: 'guest@else.example' } }),
    await take(mail('fay@lure.example', 'bo@ours.example'), {
      reporter: { id: 'person-1', name: 'Ada Example' },
    }),
    await take(mail('gil@lure.example', 'hal@ours.example')),
    await take(Buffer.from('Your key was disabled.'), {
      form: 'text',
      channel: 'sms',
      arrival: 'text',
      sender: '+1 555 0100',
    }),
  ];
  expect(await erase('nobody@ours.example')).toBe(0);
  // Person 1 has the address ada@ours.example.
  expect(await erase('ADA@ours.example')).toBe(2);
  expect(await kept(ids)).toEqual([false, true, true, false, true, true]);
  expect(await erase('cyn@lure.example')).toBe(1);
  expect(await erase('guest@else.example', '+1 555 0100')).toBe(2);
  expect(await kept(ids)).toEqual([false, false, false, false, true, false]);
  expect(await erase('ada@ours.example')).toBe(0);
  // What became of it stays, and is read as what was forgotten in time is.
  const response = await desk.app.request(`/messages/${ids[0]}`);
  expect([response.status, await response.json()]).toMatchObject([
    200,
    { verdict: 'unverified', subject: '', from: null, kept: { raw: false } },
  ]);
});

test('what came before messages were known by it is found after the hourly look, and an address of ours goes', async () => {
  const id = await take(mail('eve@lure.example', 'ada@ours.example'));
  const response = await desk.app.request('/vendor-addresses', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ vendor: 'acme-ai', address: 'Ada+acme@ours.example', reason: 'A test' }),
  });
  expect(response.status).toBe(201);
  const named = async () =>
    (await desk.platform.pool.query('SELECT subjects FROM message')).rows.concat(
      (await desk.platform.pool.query('SELECT subject FROM vendor_address')).rows,
    );
  const before = await named();
  expect(before).toEqual([
    { subjects: expect.arrayContaining([await pseudonymOf('ada@ours.example')]) },
    { subject: await pseudonymOf('ada+acme@ours.example') },
  ]);
  await desk.platform.pool.query('UPDATE message SET subjects = NULL');
  await desk.platform.pool.query('UPDATE vendor_address SET subject = NULL');
  expect(await erase('ada@ours.example', 'ada+acme@ours.example')).toBe(0);
  const context = { platform: desk.platform, attempt: 1, stillAtIt: async () => undefined };
  await desk.messages.hourly[1].run({}, context);
  expect(await named()).toEqual(before);
  await desk.messages.hourly[1].run({}, context);
  expect(await erase('ada@ours.example', 'ada+acme@ours.example')).toBe(1);
  expect([await kept([id]), (await named()).length]).toEqual([[false], 1]);
});
