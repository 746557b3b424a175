import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { permissionsOf, type Role } from '../identity/index.ts';
import type { MessageDetail, Taken } from './index.ts';
import { testDesk } from './testing.ts';

/** Messages as other rooms hand them in, and what goes on with them beside people. All of it is made up. */

let desk: Awaited<ReturnType<typeof testDesk>>;
beforeAll(async () => {
  desk = await testDesk();
});
afterAll(() => desk.platform.close());
beforeEach(async () => {
  desk.said.ourNotice = async () => null;
  await desk.platform.pool.query('TRUNCATE message, message_verdict, message_rejudging, sender, job CASCADE');
});

const mailOf = (text: string, subject = 'Notice'): Buffer =>
  Buffer.from(
    `From: Ours <privacy@ours.example>\r\nTo: ada@ours.example\r\nSubject: ${subject}\r\nMessage-ID: <notice.1@ours.example>\r\n\r\n${text}\r\n`,
  );
const take = (raw: Buffer, more: Partial<Taken> = {}) =>
  desk.messages.take({
    raw,
    form: 'mail',
    channel: 'mail',
    came: 'imap',
    arrival: 'file',
    sender: null,
    envelope: null,
    reporter: { id: 'person-1', name: 'Ada Example' },
    receivedAt: new Date(desk.platform.clock.now()),
    ...more,
  });
const read = async (id: string): Promise<MessageDetail> =>
  (await (await desk.app.request(`/messages/${id}`)).json()) as MessageDetail;

describe('a notice that we sent', () => {
  const text = 'On 9 November a vendor of ours was breached. Your name and your address were taken.';
  const notice = { incident: '0199c0de-0000-7000-8000-000000000001', notice: 'n', title: 'Incident 4', text };

  test('is ours by its number and its words', async () => {
    desk.said.ourNotice = async (id) => (id === '<notice.1@ours.example>' ? notice : null);
    const { ours, sentence } = await read((await take(mailOf(text))).id);
    expect([ours?.title, sentence]).toEqual([
      'Incident 4',
      expect.stringContaining('a notice of ours (Incident 4)'),
    ]);
  });

  test('is not with other words under its number, nor with more of them', async () => {
    desk.said.ourNotice = async () => notice;
    const more = `${text} ${'Pay the fee at https://fee.example/now before you do anything else. '.repeat(20)}`;
    for (const words of ['Enter your password at https://fee.example/.', more]) {
      const { ours, evidence } = await read((await take(mailOf(words))).id);
      expect(ours).toBeNull();
      expect(evidence).toContainEqual(
        expect.objectContaining({ signal: 'not_our_notice', weighs: 'against', strength: 'strong' }),
      );
    }
  });
});

test('every role may hand messages in, and a member may do nothing else', () => {
  const all: Role[] = [
    ...(['owner', 'administrator', 'security', 'developer', 'privacy_officer'] as const),
    ...(['auditor', 'responder', 'member'] as const),
  ];
  for (const role of all) expect(permissionsOf([role]).actions.has('message.report')).toBe(true);
  expect([...permissionsOf(['member']).actions]).toEqual(['message.report']);
  expect(all.filter((role) => permissionsOf([role]).actions.has('message.decide'))).toEqual([
    ...(['owner', 'administrator', 'security', 'responder'] as const),
  ]);
});

test('judging again goes on where it was when it was stopped', async () => {
  const ids: string[] = [];
  for (const n of [1, 2, 3]) {
    desk.platform.advance(1);
    ids.push((await take(mailOf('Hello', `Number ${n}`))).id);
  }
  const said = await desk.app.request('/senders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ vendor: 'acme-ai', is: 'ours.example', class: 'vendor', reason: 'It is' }),
  });
  expect(said.status).toBe(201);
  const before = await desk.platform.pool.query('SELECT total, done FROM message_rejudging');
  expect(before.rows).toEqual([{ total: 3, done: 0 }]);
  // Two were done when it stopped.
  await desk.platform.pool.query('UPDATE message_rejudging SET done = 2, after_ = $1', [ids[1]]);
  const running = desk.messages.start();
  await expect
    .poll(
      async () =>
        (await desk.platform.pool.query('SELECT ended_at FROM message_rejudging')).rows[0]?.ended_at,
    )
    .not.toBeNull();
  await running.stop();
  const { rows } = await desk.platform.pool.query('SELECT total, done FROM message_rejudging');
  expect(rows).toEqual([{ total: 3, done: 3 }]);
  const vendors = (await Promise.all(ids.map(read))).map(({ vendor }) => vendor?.id ?? null);
  expect(vendors).toEqual([null, null, 'acme-ai']);
});

test('one person can’t flood the desk', async () => {
  for (let n = 0; n < 60; n++) await take(mailOf('Hello', `Number ${n}`));
  await expect(take(mailOf('Hello', 'One more'))).rejects.toMatchObject({ code: 'too_many_messages' });
});

describe('hostile bodies', () => {
  test.each([
    ['a word without an end', 'a.'.repeat(900_000)],
    ['links without a space', 'http://'.repeat(250_000)],
    ['addresses without a space', 'a@'.repeat(900_000)],
    ['digits without a space', '1'.repeat(1_800_000)],
  ])('of %s hold up nobody for long', async (_, body) => {
    const began = performance.now();
    await take(Buffer.from(`From: a@b.example\r\nSubject: x\r\n\r\n${body}`), { reporter: null });
    // Measured 0.2 s; it was 91 s.
    expect(performance.now() - began).toBeLessThan(8_000);
  });

  test('of nothing but ends of lines are refused as too large, by whichever way they come', async () => {
    const raw = Buffer.from(`From: a@b.example\r\nSubject: x\r\n\r\n${'\n'.repeat(1_000_000)}`);
    await expect(take(raw)).rejects.toMatchObject({ status: 413, code: 'message_too_large' });
  });
});
