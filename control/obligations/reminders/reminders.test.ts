import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { certificate } from '../../export/testing-receiver.ts';
import { emptied, type TestRoom, testRoom } from '../testing.ts';
import { LEASE_MS } from './store.ts';

/** Reminders of the room, to a receiver over TLS and to a mail server that is made up. */
let room: TestRoom;
let server: Server;
let url: string;
let received: { path: string; headers: Record<string, string | string[] | undefined>; body: string }[] = [];
let answer: (path: string) => number | 'hang up' | 'silence';
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

beforeAll(async () => {
  room = await testRoom({ ca: certificate.cert, resolve: async () => [{ address: '127.0.0.1', family: 4 }] });
  server = createServer(certificate, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (bytes: Buffer) => parts.push(bytes));
    request.on('end', () => {
      const path = request.url ?? '';
      received.push({ path, headers: request.headers, body: Buffer.concat(parts).toString() });
      const status = answer(path);
      if (status === 'hang up') return request.socket.destroy();
      if (status === 'silence') return;
      response.writeHead(status, { location: '/elsewhere', 'retry-after': '120' }).end('of no use');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await room.close();
});
beforeEach(async () => {
  received = [];
  answer = () => 202;
  room.mailAnswer = null;
  room.who = { ...room.who, id: 'person-1', name: 'Ada Example', kind: 'person' };
  await emptied(room);
  await room.ask('PUT', '/organisation/profile', {
    // A bank’s and a state’s clocks are not of these tests.
    profile: {
      country: 'DE',
      countries: ['DE'],
      answers: { controller: 'yes', processor: 'no', uk_gdpr: 'no', swiss_fadp: 'no' },
    },
    revision: 0,
    reason: 'A test',
  });
});

const leads = { start: true, half: true, hoursBefore: [24, 4, 1], late: true };
const none = { start: false, half: false, hoursBefore: [], late: false };
/** Of one rule alone. */
const only = { leads: none, leadsOf: { 'gdpr-33': leads }, escalation: null };
const webhook = { id: 'hook', name: 'Hook', kind: 'webhook', private: true };
const email = { id: 'mail', name: 'Mail', kind: 'email', to: 'duty@example.com' };

async function set(reminders: object, secrets: object = {}) {
  const { revision } = (await room.ask('GET', '/organisation/reminders')).body;
  return room.ask('PUT', '/organisation/reminders', { reminders, secrets, revision, reason: 'A test' });
}
async function aware(id: string, ms = room.platform.clock.now()) {
  const times = { aware_personal_data: new Date(ms).toISOString() };
  return room.ask('PATCH', `/incidents/${id}/clocks`, { times, reason: 'A test' });
}
const round = () => room.obligations.round();
const sent = async () => (await room.ask('GET', '/organisation/reminders/sent')).body.items;
const states = async () =>
  (await sent()).map(({ moment, state }: { moment: string; state: string }) => [moment, state]);

describe('a reminder', () => {
  test('comes at each of its times, once, signed, under an id of its own', async () => {
    expect(
      (await set({ ...only, channels: [{ ...webhook, url: `${url}/hook` }] }, { hook: SECRET })).status,
    ).toBe(200);
    const { id } = await room.open();
    await aware(id);
    const moments: string[] = [];
    for (const wait of [0, 36 * HOUR, 12 * HOUR, 20 * HOUR, 3 * HOUR, HOUR + 1]) {
      room.platform.advance(wait);
      await round();
      await round();
      moments.push(JSON.parse(received.at(-1)?.body ?? '{}').data?.moment);
    }
    expect(moments).toEqual(['start', 'half', 'before_24h', 'before_4h', 'before_1h', 'late']);
    expect(received).toHaveLength(6);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(6);
    for (const { headers, body } of received) {
      const key = Buffer.from(SECRET.slice(6), 'base64');
      const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
      expect(headers['webhook-signature']).toBe(
        `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
      );
    }
    expect(new Set((await states()).map(([, state]: string[]) => state))).toEqual(new Set(['sent']));
  });

  test('of two control planes and after a start anew is still one', async () => {
    await set({ ...only, channels: [{ ...webhook, url: `${url}/hook` }, email] }, { hook: SECRET });
    const { id } = await room.open();
    await aware(id);
    const planes = [room.obligations, room.second(), room.second()];
    await Promise.all([...planes, ...planes].map((plane) => plane.round()));
    await room.second().round();
    expect(received).toHaveLength(1);
    expect(room.mails).toHaveLength(1);
  });

  test('says the last of several that passed while nobody looked, and nothing of a clock that ended', async () => {
    await set({ ...only, channels: [email] });
    const { id } = await room.open();
    await aware(id, room.platform.clock.now() - 50 * HOUR);
    await round();
    expect(room.mails.map(({ text }) => text.split('\n')[0])).toEqual(['24 h or less are left.']);
    await room.ask('POST', `/incidents/${id}/clocks/gdpr-33/submissions`, {
      at: new Date(room.platform.clock.now()).toISOString(),
      what: 'Sent',
      reason: 'A test',
    });
    room.platform.advance(100 * HOUR);
    await round();
    expect(room.mails).toHaveLength(1);
  });

  test('comes anew with a due time that was corrected', async () => {
    await set({ ...only, channels: [email] });
    const { id } = await room.open();
    const now = room.platform.clock.now();
    await aware(id, now - HOUR);
    await round();
    await aware(id, now - 2 * HOUR);
    await round();
    await round();
    expect(room.mails).toHaveLength(2);
    expect(room.mails[0]?.text).not.toBe(room.mails[1]?.text);
  });

  test('holds number, rule, due time and link: no word of the incident, and nobody’s name', async () => {
    await set({ ...only, channels: [{ ...webhook, url: `${url}/hook` }, email] }, { hook: SECRET });
    const { id } = await room.open({ restricted: true, title: 'Ada’s laptop at Mixpanel' });
    await aware(id);
    await round();
    const said = JSON.stringify([received.map(({ body }) => body), room.mails]);
    expect(said).not.toMatch(/Ada|laptop|Mixpanel/);
    expect(room.mails[0]).toMatchObject({
      to: 'duty@example.com',
      subject:
        'Incident 1, GDPR Art. 33(1): Notification to the supervisory authority · Unreviewed, confirm with counsel',
    });
    expect(room.mails[0]?.text).toContain('Unreviewed, confirm with counsel.');
    expect(room.mails[0]?.text).toContain(`https://bridge.example/incidents/${id}`);
    // Who is no member is not shown that it was sent, either.
    room.who = { ...room.who, id: 'person-2' };
    expect(await sent()).toEqual([]);
  });

  test('of a drill goes only where drills go, marked, and what is real never goes there', async () => {
    const drills = { ...email, id: 'drill', to: 'drill@example.com', drills: true };
    const escalation = { afterMinutes: 5, deputy: 'person-2', drillDeputy: null };
    await set({ ...only, channels: [email, drills], escalation });
    const real = await room.open();
    const drill = await room.open({ drill: true });
    await aware(drill.id);
    await round();
    expect(room.mails.map(({ to }) => to)).toEqual(['drill@example.com']);
    expect(room.mails[0]?.subject).toMatch(/^\[Drill\] /);
    expect(room.mails[0]?.text).toContain('This is a drill.');
    room.platform.advance(10 * MINUTE);
    await round();
    // The deputy of what is real hears nothing of a drill.
    expect(room.mails).toHaveLength(1);
    await aware(real.id);
    await round();
    expect(room.mails.map(({ to }) => to)).toEqual(['drill@example.com', 'duty@example.com']);
    await set({ ...only, channels: [email, drills], escalation: { ...escalation, drillDeputy: 'person-3' } });
    await round();
    expect(room.mails.at(-1)).toMatchObject({
      to: 'person-3@example.com',
      subject: expect.stringMatching(/^\[Drill\]/),
    });
  });

  test('goes to each who leads, and to the deputy where none of them acknowledges in time', async () => {
    const toLeads = { ...email, to: 'leads' };
    await set({ ...only, channels: [toLeads], escalation: { afterMinutes: 30, deputy: 'person-3' } });
    const quiet = await room.open();
    const heard = await room.open();
    await room.ask('PUT', `/incidents/${quiet.id}/members`, {
      person: 'person-2',
      roles: ['lead'],
      reason: 'A test',
    });
    await aware(quiet.id);
    await aware(heard.id);
    await round();
    expect(room.mails.map(({ to }) => to).sort()).toEqual([
      'person-1@example.com',
      'person-1@example.com',
      'person-2@example.com',
    ]);
    const acknowledge = (id: string) =>
      room.ask('POST', `/incidents/${id}/clocks/gdpr-33/acknowledgement`, {});
    room.who = { ...room.who, id: 'person-2' };
    const other = await acknowledge(heard.id);
    expect([other.status, other.body.code]).toEqual([403, 'not_lead']);
    room.who = { ...room.who, id: 'person-1' };
    expect((await acknowledge(heard.id)).body.acknowledged).toMatchObject([
      { rule: 'gdpr-33', by: 'Ada Example' },
    ]);
    room.mails.length = 0;
    room.platform.advance(29 * MINUTE);
    await round();
    expect(room.mails).toEqual([]);
    room.platform.advance(MINUTE);
    await round();
    await round();
    expect(room.mails.map(({ to, subject }) => [to, subject.slice(0, 11)])).toEqual([
      ['person-3@example.com', `Incident ${quiet.number},`],
    ]);
  });
});

describe('a reminder that fails', () => {
  test('is tried again under the same id, later and later, as the receiver asks, and shown', async () => {
    await set({ ...only, channels: [{ ...webhook, url: `${url}/hook` }] }, { hook: SECRET });
    const { id } = await room.open();
    await aware(id);
    answer = () => 503;
    await round();
    await round();
    expect(received).toHaveLength(1);
    expect(await sent()).toMatchObject([
      { state: 'pending', attempts: 1, trouble: 'status_503: The receiver answered 503.' },
    ]);
    // It said: in two minutes.
    room.platform.advance(119_000);
    await round();
    expect(received).toHaveLength(1);
    room.platform.advance(1000);
    answer = () => 200;
    await round();
    expect(received).toHaveLength(2);
    expect(received[0]?.headers['webhook-id']).toBe(received[1]?.headers['webhook-id']);
    expect(await states()).toEqual([['start', 'sent']]);
  });

  test('is given up after ten tries, and those who run this are told', async () => {
    await set({ ...only, channels: [{ ...webhook, url: `${url}/hook` }] }, { hook: SECRET });
    const { id } = await room.open();
    await aware(id);
    answer = () => 302;
    for (let tries = 0; tries < 14; tries += 1) {
      await round();
      room.platform.advance(30 * MINUTE);
    }
    expect(received).toHaveLength(10);
    expect(received.every(({ path }) => path === '/hook')).toBe(true);
    expect(await states()).toEqual([['start', 'failed']]);
    expect(room.obligations.problem()).toMatch(/^1 reminder of deadlines did not arrive/);
    expect((await room.ask('GET', '/organisation/reminders/sent?failed=true')).body.items).toHaveLength(1);
  });

  test('is in doubt where it may have arrived, and is not said twice to whom can’t tell', async () => {
    await set(
      {
        ...only,
        channels: [
          { ...webhook, url: `${url}/hook` },
          { id: 'slack', name: 'S', kind: 'slack', private: true },
        ],
      },
      { hook: SECRET, slack: `${url}/slack` },
    );
    const { id } = await room.open();
    await aware(id);
    answer = () => 'hang up';
    await round();
    room.platform.advance(MINUTE);
    answer = () => 200;
    await round();
    // A signed webhook has an id to tell a repetition by; Slack has none.
    expect(received.map(({ path }) => path).sort()).toEqual(['/hook', '/hook', '/slack']);
    expect((await states()).map(([, state]: string[]) => state).sort()).toEqual(['in_doubt', 'sent']);
  });

  test('that was being sent when the process died is in doubt once its time is over', async () => {
    await set({ ...only, channels: [email] });
    const { id } = await room.open();
    await aware(id);
    room.mailAnswer = async () => {
      throw new Error('the process dies here');
    };
    await expect(round()).rejects.toThrow('dies');
    room.mailAnswer = null;
    await round();
    expect(await states()).toEqual([['start', 'sending']]);
    room.platform.advance(LEASE_MS + 1);
    await round();
    expect(await states()).toEqual([['start', 'in_doubt']]);
    expect(room.mails).toEqual([]);
  });

  test('reaches no private address unless that is said, and no other address by a redirect', async () => {
    await set({ ...only, channels: [{ ...webhook, private: false, url: `${url}/hook` }] }, { hook: SECRET });
    const { id } = await room.open();
    await aware(id);
    await round();
    expect(received).toEqual([]);
    expect((await sent())[0].trouble).toMatch(/^private_address/);
  });
});

describe('settings of reminders', () => {
  test('show no secret, keep what is not entered anew, and never send one elsewhere', async () => {
    const jira = {
      id: 'j',
      name: 'J',
      kind: 'jira',
      private: true,
      site: url,
      email: 'bot@example.com',
      project: 'SEC',
    };
    const missing = await set({ ...only, channels: [jira] });
    expect([missing.status, missing.body.errors[0].field]).toEqual([422, 'secrets.j']);
    const { body } = await set({ ...only, channels: [jira] }, { j: 'made-up-token-of-jira' });
    expect(body.withSecret).toEqual(['j']);
    expect(JSON.stringify(body)).not.toContain('made-up-token');
    const { rows } = await room.platform.pool.query('SELECT * FROM obligation_secret');
    expect(rows[0].sealed.includes('made-up-token')).toBe(false);
    expect((await set({ ...only, channels: [{ ...jira, name: 'Other' }] })).status).toBe(200);
    const moved = await set({ ...only, channels: [{ ...jira, site: 'https://evil.example' }] });
    expect([moved.status, moved.body.errors[0].field]).toEqual([422, 'secrets.j']);
    const { id } = await room.open();
    await aware(id);
    await round();
    room.platform.advance(37 * HOUR);
    await round();
    // An issue stays: one, however many moments pass.
    expect(received.map(({ path }) => path)).toEqual(['/rest/api/3/issue']);
    expect(received[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from('bot@example.com:made-up-token-of-jira').toString('base64')}`,
    );
    await set({ ...only, channels: [] });
    expect((await room.platform.pool.query('SELECT FROM obligation_secret')).rowCount).toBe(0);
    const { rows: changes } = await room.platform.pool.query('SELECT detail::text FROM change');
    expect(JSON.stringify(changes)).not.toContain('made-up-token');
    expect(room.platform.logged()).not.toContain('made-up-token');
  });

  test('are tried by a button, which says what went wrong', async () => {
    await set(
      {
        ...only,
        channels: [
          { ...webhook, url: `${url}/hook` },
          { ...email, to: 'leads' },
        ],
      },
      { hook: SECRET },
    );
    expect((await room.ask('POST', '/organisation/reminders/hook/test')).body).toEqual({ sent: true });
    expect(JSON.parse(received[0]?.body ?? '').data.moment).toBe('test');
    await room.ask('POST', '/organisation/reminders/mail/test');
    expect(room.mails.map(({ to }) => to)).toEqual(['person-1@example.com']);
    answer = () => 404;
    const refused = await room.ask('POST', '/organisation/reminders/hook/test');
    expect([refused.status, refused.body.code]).toEqual([502, 'status_404']);
    expect((await room.ask('POST', '/organisation/reminders/none/test')).status).toBe(404);
  });

  test('name somebody who can sign in as the deputy', async () => {
    const { status, body } = await set({
      ...only,
      channels: [],
      escalation: { afterMinutes: 30, deputy: 'nobody' },
    });
    expect([status, body.errors[0].field]).toEqual([422, 'reminders.escalation.deputy']);
  });
});
