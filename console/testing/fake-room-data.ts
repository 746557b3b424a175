import type { Clock } from '../api/clock-types.ts';
import type { Incident, IncidentEntry, IncidentLine, IncidentTask } from '../api/room-types.ts';
import type { SeveranceLine, SeverancePlan } from '../api/sever-types.ts';

/** Made-up incidents, what is due in them, and what cutting a link does. Vendors are named, what is said of them is made up. */

const HOUR_MS = 3_600_000;
export const hours = (from: number, by: number): string => new Date(from + by * HOUR_MS).toISOString();

export const entry = (n: number, kind: string, part: Partial<IncidentEntry>): IncidentEntry => ({
  n,
  kind,
  at: '2025-11-26T03:00:00.000Z',
  happenedAt: null,
  by: 'Ada Example',
  refers: null,
  about: null,
  dueAt: null,
  confidence: null,
  text: '',
  source: null,
  ...part,
});

export const asLine = (one: IncidentEntry): IncidentLine => ({ ...one, origin: 'room', opens: null });

export const task = (n: number, part: Partial<IncidentTask>): IncidentTask => ({
  id: `task_${n}`,
  n,
  key: null,
  phase: 'first_hour',
  title: 'A task',
  why: null,
  note: null,
  role: null,
  owner: null,
  dueAt: null,
  late: false,
  state: 'open',
  endedAt: null,
  endedBy: null,
  ...part,
});

export const ada = { person: 'person_1', name: 'Ada Example' };
export const openId = '0199c0de-0000-7000-8000-0000000000a1';
export const drillId = '0199c0de-0000-7000-8000-0000000000a2';
export const closedId = '0199c0de-0000-7000-8000-0000000000a3';

export function madeUpIncident(now: number, part: Partial<Incident>): Incident {
  return {
    id: openId,
    number: 1,
    title: 'Mixpanel was breached',
    playbook: 'vendor-data-breach',
    party: { id: 'mixpanel', name: 'Mixpanel' },
    state: 'open',
    severity: 'unknown',
    drill: false,
    restricted: false,
    occurredFrom: null,
    occurredTo: null,
    openedAt: hours(now, 0),
    openedBy: ada.name,
    closedAt: null,
    mergedInto: null,
    members: [{ ...ada, roles: ['lead'], since: hours(now, 0) }],
    claims: [],
    contradicted: [],
    decisions: [],
    questions: [
      {
        ...entry(2, 'question', { text: 'Which data sets of ours were reached?', dueAt: hours(now, 24) }),
        answers: [],
        silentSince: null,
      },
    ],
    tasks: [
      task(1, {
        title: 'Decide whether to cut the vendor off now',
        why: 'Going on sends more into a house with an open door.',
        role: 'lead',
        dueAt: hours(now, 1),
        late: hours(now, 1) < new Date().toISOString(),
      }),
      task(2, {
        title: 'Rotate the credentials that the vendor checks',
        phase: 'contain',
        dueAt: hours(now, 4),
      }),
      task(3, { title: 'Write down what worked', phase: 'review' }),
    ],
    related: [],
    ...part,
  };
}

export function startIncidents(now: number): Incident[] {
  const claim = (n: number, part: Partial<IncidentEntry>) => ({
    ...entry(n, 'claim', part),
    replacedBy: null,
    withdrawnBy: null,
  });
  const whole = madeUpIncident(now - 5 * HOUR_MS, {
    severity: 'high',
    occurredFrom: '2025-11-08T00:00:00.000Z',
    occurredTo: '2025-11-25T23:59:00.000Z',
    claims: [
      claim(3, {
        about: 'vendor_noticed',
        text: '8 November 2025',
        source: 'The vendor’s post',
        confidence: 'likely',
        happenedAt: hours(now, -5),
      }),
      claim(4, {
        about: 'vendor_noticed',
        text: '9 November 2025',
        source: 'A customer’s statement',
        confidence: 'unverified',
        happenedAt: hours(now, -4),
      }),
      claim(5, {
        about: 'data',
        text: 'Names, e-mail addresses, coarse places',
        source: 'The vendor’s notice',
        confidence: 'likely',
        happenedAt: hours(now, -4),
      }),
    ],
    contradicted: ['vendor_noticed'],
    decisions: [
      entry(6, 'decision', {
        text: 'We name a scribe',
        source: 'One decides, another writes',
        at: hours(now, -4),
      }),
    ],
    questions: [
      {
        ...entry(2, 'question', { text: 'Which data sets of ours were reached?', dueAt: hours(now, -1) }),
        answers: [],
        silentSince: hours(now, -1),
      },
    ],
  });
  return [
    whole,
    madeUpIncident(now - 2 * HOUR_MS, {
      id: drillId,
      number: 2,
      title: 'Loss of a mail vendor',
      party: { id: 'acme-mail', name: 'Acme Mail' },
      drill: true,
    }),
    madeUpIncident(now - 900 * HOUR_MS, {
      id: closedId,
      number: 3,
      title: 'A key was found in a repository',
      state: 'closed',
      party: null,
      closedAt: hours(now, -800),
      tasks: [
        task(9, {
          id: 'task_9',
          title: 'Scan repositories each night',
          phase: 'review',
          owner: { id: ada.person, name: ada.name },
          dueAt: hours(now, 200),
        }),
      ],
    }),
  ];
}

/** What is due in an incident that was opened at a time, as its duties were reckoned. */
export function clocksOf(opened: number): Clock[] {
  const moment = (by: number) => ({
    at: hours(opened, by),
    text: `${hours(opened, by).slice(0, 16).replace('T', ' ')} UTC`,
  });
  const base: Clock = {
    rule: 'gdpr-33',
    regime: 'gdpr',
    kind: 'law',
    article: 'Art. 33(1) GDPR',
    title: 'Notification of the breach',
    recipient: 'the supervisory authority',
    content: [],
    state: 'running',
    questions: [],
    waits_for: null,
    start: moment(0),
    due: moment(72),
    latest: {
      ...moment(73),
      disputed: false,
      readings: [{ ...moment(73), disputed: false, reason: 'The hour of the event is not counted.' }],
    },
    no_number: null,
    steps: [{ text: `aware ${moment(0).text} + 72 h = ${moment(72).text}` }],
    end: null,
    review: null,
    notes: [],
    disputed: [],
    source: { citation: 'Regulation (EU) 2016/679, Art. 33(1)', grade: 'copy', as_of: '2026-11-21' },
    as_of: '2026-11-21',
  };
  return [
    {
      ...base,
      rule: 'nis2-early',
      regime: 'nis2',
      article: 'Art. 23(4)(a) NIS2',
      title: 'Early warning',
      recipient: 'the CSIRT',
      due: moment(24),
      latest: null,
      source: { ...base.source, citation: 'Directive (EU) 2022/2555, Art. 23(4)' },
      review: { by: 'B. Counsel', on: '2026-10-01' },
    },
    base,
    {
      ...base,
      rule: 'gdpr-34',
      article: 'Art. 34(1) GDPR',
      title: 'Notice to the persons',
      recipient: 'the persons',
      state: 'waiting',
      waits_for: { what: 'time', ids: ['high_risk'], text: 'when we concluded that the risk is high' },
      start: null,
      due: null,
      latest: null,
      no_number: 'without undue delay',
      steps: [],
    },
  ];
}

const line = (id: string, what: string, part: Partial<SeveranceLine> = {}): SeveranceLine => ({
  id,
  what,
  kind: 'connection',
  owner: ada.name,
  proof: null,
  done: null,
  ...part,
});

export const planOf = (id: string, kind: 'vendor' | 'party'): SeverancePlan => ({
  target: { kind, id },
  cutNow:
    kind === 'vendor'
      ? [line('cut-1', 'Connection Mixpanel EU'), line('cut-2', 'Egress to mixpanel.example')]
      : [],
  revokeThere: [
    line('revoke-1', 'Grant “Mixpanel for Sheets”', { kind: 'grant' }),
    line('revoke-2', 'Its SDK in our front end', { kind: 'sdk', owner: null }),
  ],
  notOurs: [line('chain-1', 'Mixpanel to Google Cloud', { kind: 'chain', owner: null })],
  unknown: [
    line('unknown-1', 'It was not measured how much of its traffic we saw', {
      kind: 'coverage',
      owner: null,
    }),
  ],
  consequences: { apps: [{ id: 'app_1', name: 'web-shop' }], pseudonyms: { epochs: 1, people: 1204 } },
});
