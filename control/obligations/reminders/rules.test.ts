import { createHmac } from 'node:crypto';
import type { Clock } from '@drawbridge/clocks';
import { Clocks } from '@drawbridge/clocks';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { shippedClockLaw } from '../../laws/testing.ts';
import { messageOf } from './message.ts';
import { momentAt, momentsOf } from './plan.ts';
import { backOff } from './run.ts';
import { ChannelSchema, type Leads, secretOf } from './settings.ts';
import { jiraBody, pagerDutyBody, slackBody, teamsBody, webhookBody, webhookHeaders } from './shapes.ts';

const HOUR = 3_600_000;
const all: Leads = { start: true, half: true, hoursBefore: [24, 4, 1], late: true };
const clockOf = (start: string, due: string | null) => ({
  start: { at: start, text: start },
  due: due === null ? null : { at: due, text: due },
});

let clocks: Clocks;
beforeAll(async () => {
  clocks = new Clocks(await shippedClockLaw());
});

/** Of a breach that was known at a time, in Germany. */
function reckoned(aware: string, rule = 'gdpr-33'): Clock {
  const facts = {
    organisation: { country: 'DE', countries: ['DE'], answers: { controller: 'yes', nis2: 'essential' } },
    incident: { times: { aware_personal_data: aware, aware_significant: aware } },
  };
  const clock = clocks.deadlines(facts, Date.parse(aware)).clocks.find((one) => one.rule === rule);
  if (clock === undefined) throw new Error('no clock');
  return clock;
}

describe('the moments of a clock', () => {
  test('are its start, its half, so many hours before, and when it is over, each at an instant of its own', () => {
    const moments = momentsOf(clockOf('2025-11-08T14:10:00+01:00', '2025-11-11T14:10:00+01:00'), all);
    expect(moments.map(({ key, at }) => [key, new Date(at).toISOString()])).toEqual([
      ['start', '2025-11-08T13:10:00.000Z'],
      ['half', '2025-11-10T01:10:00.000Z'],
      ['before_24h', '2025-11-10T13:10:00.000Z'],
      ['before_4h', '2025-11-11T09:10:00.000Z'],
      ['before_1h', '2025-11-11T12:10:00.000Z'],
      ['late', '2025-11-11T13:10:00.001Z'],
    ]);
    // A clock of four hours has no 24 h before; a duty without a number starts, and has no time to be late at.
    expect(
      momentsOf(clockOf('2025-11-08T10:00:00Z', '2025-11-08T14:00:00Z'), all).map(({ key }) => key),
    ).toEqual(['start', 'half', 'before_1h', 'late']);
    expect(momentsOf(clockOf('2025-11-08T10:00:00Z', null), all).map(({ key }) => key)).toEqual(['start']);
    expect(momentsOf({ start: null, due: null }, all)).toEqual([]);
  });

  test('lie so many hours before that pass, over the change of clocks, a leap day and the end of a year', () => {
    for (const [aware, before] of [
      ['2026-03-27T15:00:00+01:00', '2026-03-29T16:00:00+02:00'],
      ['2026-10-23T15:00:00+02:00', '2026-10-25T14:00:00+01:00'],
      ['2028-02-27T15:00:00+01:00', '2028-02-29T15:00:00+01:00'],
      ['2025-12-30T01:00:00+01:00', '2026-01-01T01:00:00+01:00'],
    ] as const) {
      const found = momentsOf(reckoned(aware), all).find(({ key }) => key === 'before_24h');
      expect(found?.at).toBe(Date.parse(before));
    }
  });

  test('come in order, none before the start, the last that passed being what is said', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4e12 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: -100, max: 6000 }),
        fc.record({
          start: fc.boolean(),
          half: fc.boolean(),
          hoursBefore: fc.array(fc.integer({ min: 1, max: 720 }), { maxLength: 10 }),
          late: fc.boolean(),
        }),
        (from, hours, after, leads) => {
          const clock = clockOf(new Date(from).toISOString(), new Date(from + hours * HOUR).toISOString());
          const moments = momentsOf(clock, leads);
          const times = moments.map(({ at }) => at);
          expect(times).toEqual([...times].sort((a, b) => a - b));
          expect(times.every((at) => at >= from)).toBe(true);
          expect(new Set(moments.map(({ key }) => key)).size).toBe(moments.length);
          const now = from + after * HOUR;
          const said = momentAt(moments, now);
          const passed = times.filter((at) => at <= now);
          expect(said?.at ?? null).toBe(passed.at(-1) ?? null);
        },
      ),
    );
  });
});

describe('what is said', () => {
  const link = 'https://bridge.example/incidents/i';
  const given = { id: 'r-1', moment: 'before_24h', link };
  const head = { id: 'i', number: 12, drill: false };

  test('is number, rule, due time and link, with the words for what is unreviewed and for a drill', () => {
    const clock = reckoned('2025-11-08T14:10:00+01:00');
    const message = messageOf(head, clock, given);
    expect(message.subject).toBe(
      'Incident 12, GDPR Art. 33(1): Notification to the supervisory authority · Unreviewed, confirm with counsel',
    );
    expect(message.lines).toEqual([
      '24 h or less are left.',
      `Due ${clock.due?.text}. To: ${clock.recipient}.`,
      'Unreviewed, confirm with counsel.',
    ]);
    const drill = messageOf({ ...head, drill: true }, clock, given);
    expect(drill.subject).toMatch(/^\[Drill\] /);
    expect(drill.lines).toContain('This is a drill. Nothing has to be submitted to anybody.');
    const reviewed = messageOf(head, { ...clock, review: { by: 'Ada Example', on: '2025-11-01' } }, given);
    expect(JSON.stringify(reviewed)).not.toMatch(/Unreviewed|Ada Example/);
  });

  test('has the shape of each receiver, and says in each that it is unreviewed, and a drill', () => {
    const clock = reckoned('2025-11-08T14:10:00+01:00');
    const message = messageOf({ ...head, drill: true }, clock, given);
    const jira = { project: 'SEC', issueType: 'Task' };
    const bodies = {
      webhook: webhookBody(message, Date.UTC(2025, 10, 10)),
      slack: slackBody(message),
      teams: teamsBody(message),
      pagerduty: pagerDutyBody(message, 'k'.repeat(32)),
      jira: jiraBody(message, jira),
    };
    for (const body of Object.values(bodies)) {
      expect(body).toContain('Unreviewed, confirm with counsel');
      expect(body).toMatch(/\[?Drill\\*\]?/);
      expect(body).toContain(link);
    }
    expect(JSON.parse(bodies.webhook)).toMatchObject({
      type: 'clock.reminder',
      timestamp: '2025-11-10T00:00:00.000Z',
      data: { rule: 'gdpr-33', moment: 'before_24h', drill: true, review: null, due: { at: clock.due?.at } },
    });
    expect(JSON.parse(bodies.slack)).toMatchObject({
      text: message.subject,
      blocks: [{ type: 'section' }, {}, {}],
    });
    expect(JSON.parse(bodies.teams)).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: { type: 'AdaptiveCard', version: '1.4', actions: [{ type: 'Action.OpenUrl', url: link }] },
        },
      ],
    });
    expect(JSON.parse(bodies.pagerduty)).toMatchObject({
      routing_key: 'k'.repeat(32),
      event_action: 'trigger',
      dedup_key: 'drawbridge/i/gdpr-33',
      payload: { source: 'drawbridge', severity: 'info' },
      links: [{ href: link }],
    });
    expect(JSON.parse(bodies.jira)).toMatchObject({
      fields: {
        project: { key: 'SEC' },
        issuetype: { name: 'Task' },
        duedate: '2025-11-11',
        description: { type: 'doc', version: 1 },
        labels: ['drawbridge', 'drill'],
      },
    });
    // No word means anything but itself there.
    const marked = { ...message, subject: '<!channel> *a* & [b](c)' };
    expect(JSON.parse(slackBody(marked)).text).toBe('&lt;!channel&gt; *a* &amp; [b](c)');
    expect(JSON.parse(teamsBody(marked)).attachments[0].content.body[0].text).toBe(
      '<!channel\\> \\*a\\* & \\[b\\]\\(c\\)',
    );
  });

  test('has, in an issue, the day in whose course it is due: what ends with a day is not due on the next', () => {
    // Two months after: the end of 8 January, which is the first instant of the 9th.
    const clock = {
      ...reckoned('2025-11-08T14:10:00+01:00'),
      due: { at: '2026-01-01T00:00:00+01:00', text: '24:00' },
    };
    const body = jiraBody(messageOf(head, clock, given), { project: 'SEC', issueType: 'Task' });
    expect(JSON.parse(body).fields.duedate).toBe('2025-12-31');
  });

  test('is signed as Standard Webhooks says', () => {
    // The example of the specification.
    const secret = 'whsec_plJ3nmyCDGBKInavdOK15jsl';
    const body = '{"event_type":"ping","data":{"success":true}}';
    const id = 'msg_loFOjxBNrRLzqYUf';
    const headers = webhookHeaders(secret, id, body, 1_731_705_121_000);
    expect(headers).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1731705121',
      'webhook-signature': 'v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=',
    });
    const key = Buffer.from('plJ3nmyCDGBKInavdOK15jsl', 'base64');
    expect(createHmac('sha256', key).update(`${id}.1731705121.${body}`).digest('base64')).toBe(
      headers['webhook-signature']?.slice(3),
    );
  });
});

describe('settings', () => {
  test('take https addresses alone, without a password, and secrets of their form', () => {
    const webhook = (url: string) =>
      ChannelSchema.safeParse({ id: 'a', name: 'A', kind: 'webhook', url }).success;
    expect(webhook('https://hooks.example/x')).toBe(true);
    for (const url of [
      'http://hooks.example',
      'https://a:b@hooks.example',
      'ftp://x',
      'nothing',
      'https://x/#a',
    ])
      expect(webhook(url)).toBe(false);
    const jira = (site: string) =>
      ChannelSchema.safeParse({
        id: 'a',
        name: 'A',
        kind: 'jira',
        site,
        email: 'a@example.com',
        project: 'SEC',
      }).success;
    expect([jira('https://x.atlassian.net'), jira('https://x.atlassian.net/rest')]).toEqual([true, false]);
    const isSecret = (given: string) => secretOf.webhook?.safeParse(given).success;
    expect(isSecret(`whsec_${Buffer.alloc(24, 1).toString('base64')}`)).toBe(true);
    expect(isSecret(`whsec_${Buffer.alloc(65, 1).toString('base64')}`)).toBe(false);
    expect(isSecret('hunter2')).toBe(false);
  });

  test('wait longer with every try, up to half an hour', () => {
    expect([1, 2, 3].map((tries) => backOff(tries, 1))).toEqual([15_000, 30_000, 60_000]);
    expect(backOff(50, 1)).toBe(30 * 60_000);
    expect(backOff(1, 0)).toBe(7500);
  });
});
