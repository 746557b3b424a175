import {
  type Breach,
  type Fact,
  type FactName,
  type FactSheet,
  factNames,
  type MailServer,
  type Notice,
  type NoticeOrganisation,
  type NoticeRecipient,
  type NoticeTemplate,
} from '../api/notice-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

/** Notices of one made-up incident. */
export interface FakeNotices {
  incident: { id: string; number: number; title: string; drill: boolean };
  sheet: FactSheet;
  notices: Notice[];
  recipients: NoticeRecipient[];
  breaches: Breach[];
  mail: MailServer | null;
  organisation: NoticeOrganisation;
  drill: { address: string; name: string | null }[];
}

const INCIDENT = '0199c0de-0000-7000-8000-0000000000a3';
const at = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
const none = { waiting: 0, trying: 0, sent: 0, refused: 0, gave_up: 0, in_doubt: 0, left_out: 0 };
const fact = (en: string, de: string, grade: Fact['grade'], source: string): Fact => ({
  text: { en, de },
  grade,
  source,
});

const text = `We write to you because data about you may have been taken at Mixpanel.

## What happened

Somebody took a data set. (as stated by: notice of the vendor)

## What was not affected

- No record in the traffic that we saw; that is no proof: Card number
- Stated as not affected by: the vendor: Passwords

## What you can do

Not known yet.`;

export function makeFakeNotices(empty: boolean): FakeNotices {
  const facts = Object.fromEntries(factNames.map((name) => [name, fact('', '', 'unknown', '')])) as Record<
    FactName,
    Fact
  >;
  facts.what_happened = fact(
    'Somebody took a data set.',
    'Jemand hat einen Datenbestand entwendet.',
    'declared',
    'notice of the vendor',
  );
  facts.people = fact('About 1,204 people.', 'Etwa 1.204 Personen.', 'observed', 'What was seen to cross');
  const notice = (number: number, over: Partial<Notice>): Notice => ({
    id: `0199c0de-0000-7000-8000-0000000000b${number}`,
    number,
    template: 'persons',
    name: 'Notice to the persons',
    language: 'en',
    reader: null,
    state: 'draft',
    version: 2,
    sheetVersion: 1,
    follows: null,
    edited: { by: 'Ada Example', at: at(2), self: true },
    approved: null,
    sending: null,
    recipients: none,
    readers: [],
    subject: 'Data about you at Mixpanel',
    text,
    blocks: [
      { kind: 'text', text: 'We write to you because data about you may have been taken at Mixpanel.' },
      { kind: 'heading', text: 'What was not affected' },
      {
        kind: 'list',
        items: [
          'No record in the traffic that we saw; that is no proof: Card number',
          '<script>alert(1)</script>',
        ],
      },
    ],
    plain: 'What was not affected\n---------------------\n\n* No record in the traffic that we saw',
    problems: [
      { code: 'left_open', text: 'Some of it is not known yet, and the notice says so.', blocking: false },
    ],
    latestSheet: 1,
    drill: false,
    ...over,
  });
  const approved = { by: 'Bo Specimen', at: at(1), sha256: 'a1'.repeat(32) };
  return {
    incident: { id: INCIDENT, number: 3, title: 'Mixpanel was smished', drill: false },
    sheet: {
      version: empty ? 0 : 1,
      madeAt: empty ? null : at(3),
      madeBy: empty ? null : 'Ada Example',
      sheet: {
        facts,
        notAffected: [
          {
            label: { en: 'Card number', de: 'Kartennummer' },
            basis: 'no_record',
            source: 'No record in the traffic that we saw.',
            class: 'payment.card',
          },
          {
            label: { en: 'Passwords', de: 'Passwörter' },
            basis: 'declared',
            source: 'the vendor',
            class: null,
          },
        ],
        unknowns: [{ en: 'How long they keep it.', de: 'Wie lange sie es behalten.' }],
      },
    },
    notices: empty
      ? []
      : [
          notice(4, {
            state: 'sending',
            approved,
            sending: { since: at(1), sentAt: null, nextTryAt: at(-1), trouble: null },
            recipients: { ...none, sent: 1180, refused: 1, in_doubt: 1, waiting: 22 },
          }),
          notice(3, {
            state: 'review',
            edited: { by: 'Bo Specimen', at: at(2), self: false },
            template: 'authority-gdpr',
            name: 'Notification to the data protection authority',
            language: 'de',
            readers: [],
            subject: 'Verletzung des Schutzes personenbezogener Daten',
          }),
          notice(2, {
            state: 'approved',
            approved,
            template: 'authority-dora',
            name: 'Report to the financial supervisor (DORA)',
            recipients: { ...none, waiting: 1 },
          }),
          notice(1, {}),
        ],
    recipients: [
      {
        n: 7,
        address: 'gone@example.com',
        name: null,
        country: null,
        language: null,
        state: 'refused',
        attempts: 1,
        at: at(1),
        code: 'refused',
        answer: '550 no such user',
        messageId: '<notice.1@example.org>',
      },
      {
        n: 9,
        address: 'doubt@example.com',
        name: null,
        country: null,
        language: null,
        state: 'in_doubt',
        attempts: 1,
        at: at(1),
        code: 'in_doubt',
        answer: null,
        messageId: '<notice.2@example.org>',
      },
    ],
    breaches: empty
      ? []
      : [
          {
            incident: { id: INCIDENT, number: 3, title: 'Mixpanel was smished', drill: false, state: 'open' },
            party: 'mixpanel',
            openedAt: at(30),
            occurredFrom: null,
            occurredTo: null,
            version: 0,
            facts: 'Somebody took a data set.',
            effects: '',
            remedial: '',
            authority: 'undecided',
            authorityWhy: '',
            persons: 'undecided',
            personsWhy: '',
            notices: 0,
            changedAt: null,
            changedBy: null,
          },
        ],
    mail: empty
      ? null
      : {
          host: 'mail.example.org',
          port: 587,
          tls: 'starttls',
          private: false,
          username: 'drawbridge',
          hasPassword: true,
          from: { name: 'Example Org', address: 'notices@example.org' },
          changedAt: at(100),
          changedBy: 'Ada Example',
        },
    organisation: {
      name: 'Example Org',
      contact: 'privacy@example.org',
      informationPage: 'https://example.org/incident',
    },
    drill: [],
  };
}

const templates: NoticeTemplate[] = [
  ['persons', 'people', 'GDPR Art. 34', 'Notice to the persons', 'directory', false, 'none'],
  ['customers', 'customer', null, 'Notice to a customer', 'entered', true, 'none'],
  [
    'authority-gdpr',
    'authority',
    'GDPR Art. 33(3)',
    'Notification to the data protection authority',
    'entered',
    false,
    'none',
  ],
  [
    'authority-dora',
    'authority',
    'DORA Art. 19',
    'Report to the financial supervisor (DORA)',
    'entered',
    false,
    'dora',
  ],
].map(([id, reads, basis, name, recipients, ownScope, fields]) => ({
  id: String(id),
  for: String(reads),
  basis: basis === null ? null : String(basis),
  asOf: '2026-11-23',
  recipients: recipients === 'directory' ? 'directory' : 'entered',
  ownScope: ownScope === true,
  fields: fields === 'dora' ? 'dora' : 'none',
  names: { en: String(name), de: String(name) },
}));

const ok = (body: unknown, status = 200): Answer => ({ status, body });
const missing: Answer = {
  status: 404,
  body: { title: 'Not found', status: 404, code: 'not_found', detail: 'There is no such notice.' },
};

export function answerNotices(made: FakeNotices, { method, path, body, tell }: Asked): Answer | null {
  const given = (body ?? {}) as Record<string, unknown>;
  const base = `/incidents/${made.incident.id}`;
  if (path === '/notice-templates') return ok({ items: templates });
  if (path === '/breach-register') return ok({ items: made.breaches, next: null });
  if (path === '/organisation/mail-server') {
    if (method === 'PUT')
      made.mail = {
        ...(given as unknown as MailServer),
        hasPassword: given.password !== undefined || made.mail?.hasPassword === true,
        changedAt: at(0),
        changedBy: 'Ada Example',
      };
    return ok({ server: made.mail });
  }
  if (path === '/organisation/mail-server/test') {
    return ok({
      sent: false,
      response: null,
      problem: {
        code: 'sign_in',
        text: 'mail.example.org:587 did not take user name and password.',
        permanent: false,
      },
    });
  }
  if (path === '/organisation/notices') {
    if (method === 'PUT') made.organisation = given as unknown as NoticeOrganisation;
    return ok(made.organisation);
  }
  if (!path.startsWith(base)) return null;
  const rest = path.slice(base.length);
  if (rest === '/fact-sheet') {
    if (method === 'PUT')
      made.sheet = {
        version: made.sheet.version + 1,
        sheet: given.sheet as FactSheet['sheet'],
        madeAt: at(0),
        madeBy: 'Ada Example',
      };
    return ok(made.sheet);
  }
  if (rest === '/fact-sheet/versions')
    return ok({
      items:
        made.sheet.version === 0
          ? []
          : [{ version: made.sheet.version, madeAt: at(3), madeBy: 'Ada Example', changed: [] }],
    });
  if (rest === '/drill-recipients') {
    if (method === 'PUT') made.drill = given.recipients as FakeNotices['drill'];
    return ok({ recipients: made.drill });
  }
  if (rest === '/breach') {
    const [first] = made.breaches;
    if (first === undefined) return missing;
    if (method === 'PUT')
      made.breaches = [
        { ...first, ...(given as Partial<Breach>), version: first.version + 1, changedAt: at(0) },
      ];
    tell('incidents');
    return ok(made.breaches[0]);
  }
  if (rest === '/notices') {
    if (method !== 'POST') return ok({ items: made.notices });
    const like = made.notices.at(-1) ?? makeFakeNotices(false).notices.at(-1);
    if (like === undefined) return missing;
    const added = {
      ...like,
      id: '0199c0de-0000-7000-8000-0000000000b9',
      number: made.notices.length + 1,
      template: String(given.template),
      language: given.language === 'de' ? ('de' as const) : ('en' as const),
    };
    made.notices = [added, ...made.notices];
    return ok(added, 201);
  }
  const [, id, act] = /^\/notices\/([^/]+)(?:\/(.+))?$/.exec(rest) ?? [];
  const place = made.notices.findIndex((one) => one.id === id);
  const found = made.notices[place];
  if (found === undefined) return rest === '' ? null : missing;
  const put = (patch: Partial<Notice>): Answer => {
    const now = { ...found, ...patch };
    made.notices[place] = now;
    return ok(now);
  };
  switch (act) {
    case undefined:
      if (method !== 'PATCH') return ok(found);
      return put({
        version: found.version + 1,
        state: 'draft',
        ...((given.text as Partial<Notice> | null) ?? {}),
      });
    case 'review':
      return put({ state: 'review' });
    case 'approval':
      return put(
        given.decision === 'approve'
          ? { state: 'approved', approved: { by: 'Ada Example', at: at(0), sha256: 'b2'.repeat(32) } }
          : { state: 'draft' },
      );
    case 'withdrawal':
      return put({ state: 'withdrawn' });
    case 'sending':
      return put({
        state: 'sending',
        sending: { since: at(0), sentAt: null, nextTryAt: at(0), trouble: null },
      });
    case 'settled':
      made.recipients = made.recipients.filter(({ n }) => n !== given.n);
      return put({ recipients: { ...found.recipients, in_doubt: 0, sent: found.recipients.sent + 1 } });
    case 'bounces':
      if (!/<notice\./.test(String(given.text)))
        return {
          status: 422,
          body: {
            title: 'Unprocessable',
            status: 422,
            code: 'invalid_request',
            detail: 'text: quotes no Message-ID of a notice',
          },
        };
      return put({
        recipients: {
          ...found.recipients,
          sent: found.recipients.sent - 1,
          refused: found.recipients.refused + 1,
        },
      });
    case 'export':
      return ok({
        name: `notice.${String(given.format)}`,
        type: 'text/plain',
        base64: Buffer.from('made up').toString('base64'),
        sha256: 'c3'.repeat(32),
      });
    case 'recipients/shown':
      return ok({ items: made.recipients.filter(({ state }) => state === given.state), next: null });
    case 'recipients/collected':
      // Of 1,180 people 640 read German, and of 120 nobody says what they read.
      if (Array.isArray(given.languages) || Array.isArray(given.otherThan)) {
        const isGerman = JSON.stringify(given.languages ?? []).includes('de');
        const waiting = isGerman ? 640 : 540;
        put({
          recipients: { ...none, waiting },
          readers: isGerman
            ? [{ country: 'DE', language: 'de', recipients: 640 }]
            : [
                { country: 'US', language: 'en', recipients: 420 },
                { country: null, language: null, recipients: 120 },
              ],
        });
        return ok({ recipients: waiting, withoutAddress: 24, others: 1180 - waiting });
      }
      put({ recipients: { ...none, waiting: 1180 } });
      return ok({ recipients: 1180, withoutAddress: 24, others: 0 });
    case 'recipients':
      put({ recipients: { ...none, waiting: (given.recipients as unknown[]).length } });
      return ok({ recipients: (given.recipients as unknown[]).length, withoutAddress: 0, others: 0 });
    default:
      return missing;
  }
}

/** The incident itself, where no other page brings its own. */
export const answerNoticeIncident = (made: FakeNotices, { path }: Asked): Answer | null =>
  path === `/incidents/${made.incident.id}` ? ok(made.incident) : null;
