import type {
  ClockFeed,
  OrganisationProfile,
  OwnRules,
  Profile,
  RemindersView,
  ReviewedRule,
  RuleReviews,
  SentReminder,
} from '../api/obligation-types.ts';

const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

/** What a made-up organisation says of itself for deadlines. */
export interface FakeObligations {
  profile: OrganisationProfile;
  reviews: RuleReviews;
  own: OwnRules;
  reminders: RemindersView;
  failed: SentReminder[];
  feeds: ClockFeed[];
}

const rule = (id: string, regime: string, article: string, title: string): ReviewedRule => ({
  rule: id,
  regime,
  article,
  title,
  status: 'in_force',
  source: { citation: `Text of ${regime}`, url: 'https://law.example', grade: 'copy', as_of: '2026-11-01' },
  asOf: '2026-11-01',
  review: null,
});

const leads = { start: true, half: true, hoursBefore: [24, 4, 1], late: true };

export function makeFakeObligations(empty: boolean): FakeObligations {
  const never = { revision: 0, changedAt: null, changedBy: null };
  const set = empty ? never : { revision: 2, changedAt: ago(30), changedBy: 'Ada Example' };
  return {
    profile: {
      ...set,
      profile: {
        ...(empty ? {} : { name: 'Example GmbH', country: 'DE' }),
        countries: empty ? [] : ['DE'],
        answers: empty ? {} : { controller: 'yes' },
        competent: {},
        extra_holidays: [],
      },
      complete: false,
      questions: [
        {
          id: 'processor',
          text: 'Do you process the affected personal data for somebody else (processor)?',
          choices: ['yes', 'no'],
          answer: null,
          bySeat: false,
          decides: ['gdpr-33-2'],
          wouldChange: [{ answer: 'no', brings: [], takesOut: ['gdpr-33-2'] }],
        },
        {
          id: 'controller',
          text: 'Do you decide why and how the affected personal data are processed (controller)?',
          choices: ['yes', 'no'],
          answer: empty ? null : 'yes',
          bySeat: false,
          decides: empty ? ['gdpr-33', 'gdpr-34'] : [],
          wouldChange: [{ answer: 'no', brings: [], takesOut: ['gdpr-33', 'gdpr-34'] }],
        },
      ],
      regimes: ['GDPR', 'NIS2'],
      calendars: [{ id: 'DE', name: 'Germany', zone: 'Europe/Berlin' }],
    },
    reviews: {
      ...set,
      reviews: empty ? {} : { 'gdpr-33': { by: 'Counsel LLP', on: '2026-11-01' } },
      rules: [
        {
          ...rule('gdpr-33', 'GDPR', 'Art. 33(1)', 'Notification to the supervisory authority'),
          review: empty ? null : { by: 'Counsel LLP', on: '2026-11-01' },
        },
        rule('gdpr-34', 'GDPR', 'Art. 34(1)', 'Communication to the persons'),
        rule('nis2-early-warning', 'NIS2', 'Art. 23(4)(a)', 'Early warning'),
      ],
    },
    own: {
      ...set,
      rules: empty
        ? []
        : [
            {
              id: 'customer-dpa-7',
              kind: 'customer',
              clause: 'DPA with Example Ltd, clause 7.2',
              title: 'Notice to Example Ltd',
              who: 'we, as processor',
              recipient: 'Example Ltd',
              starts: { time: 'aware_as_processor' },
              due: { within: { hours: 24 }, counting: { by: 'elapsed' } },
              as_of: '2026-11-01',
            },
          ],
      unfit: [],
      times: [
        {
          id: 'aware_personal_data',
          text: 'When were you reasonably certain that personal data had been compromised?',
        },
        {
          id: 'aware_as_processor',
          text: 'When did you know, as processor, that personal data had been compromised?',
        },
      ],
    },
    reminders: {
      ...set,
      reminders: {
        channels: empty
          ? []
          : [
              {
                id: 'leads',
                name: 'Leads',
                kind: 'email',
                to: 'leads',
                drills: false,
                paused: false,
                private: false,
              },
              {
                id: 'ops',
                name: 'On call',
                kind: 'pagerduty',
                region: 'eu',
                drills: false,
                paused: false,
                private: false,
              },
            ],
        leads,
        leadsOf: {},
        escalation: empty ? null : { afterMinutes: 30, deputy: 'person_2', drillDeputy: null },
      },
      withSecret: empty ? [] : ['ops'],
      mailReady: true,
      trouble: empty ? null : '1 reminder of deadlines did not arrive, or may not have.',
    },
    failed: empty
      ? []
      : [
          {
            id: '0199c0de-0000-7000-8000-0000000000f1',
            incident: { id: '0199c0de-0000-7000-8000-000000000001', number: 7, drill: false },
            rule: 'gdpr-33',
            moment: 'before_4h',
            dueAt: ago(-4),
            channel: 'ops',
            state: 'failed',
            attempts: 10,
            trouble: 'status_503: The receiver answered 503.',
            madeAt: ago(3),
            settledAt: ago(1),
            nextTryAt: null,
          },
        ],
    feeds: empty
      ? []
      : [{ id: '0199c0de-0000-7000-8000-0000000000fe', madeAt: ago(300), lastReadAt: ago(1) }],
  };
}

interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** Answers what is of deadlines of the organisation; null: it is of something else. */
export function answerObligations(
  world: FakeObligations,
  { method, path, body }: Asked,
): { status: number; body?: unknown } | null {
  const given = (body ?? {}) as {
    profile?: Profile;
    reviews?: RuleReviews['reviews'];
    rules?: OwnRules['rules'];
    reminders?: RemindersView['reminders'];
    secrets?: Record<string, string>;
  };
  const next = <T extends { revision: number }>(one: T): T => ({ ...one, revision: one.revision + 1 });
  if (path === '/organisation/profile') {
    const { profile } = given;
    if (method === 'PUT' && profile !== undefined)
      world.profile = {
        ...next(world.profile),
        profile,
        questions: world.profile.questions.map((question) => {
          const answer = profile.answers[question.id] ?? null;
          return { ...question, answer, decides: answer === null ? question.decides : [] };
        }),
      };
    return { status: 200, body: world.profile };
  }
  if (path === '/organisation/reviews') {
    const { reviews } = given;
    if (method === 'PUT' && reviews !== undefined)
      world.reviews = {
        ...next(world.reviews),
        reviews,
        rules: world.reviews.rules.map((one) => ({ ...one, review: reviews[one.rule] ?? null })),
      };
    return { status: 200, body: world.reviews };
  }
  if (path === '/organisation/own-rules') {
    if (method === 'PUT' && given.rules !== undefined) world.own = { ...next(world.own), rules: given.rules };
    return { status: 200, body: world.own };
  }
  if (path === '/organisation/reminders') {
    if (method === 'PUT' && given.reminders !== undefined)
      world.reminders = {
        ...next(world.reminders),
        reminders: given.reminders,
        withSecret: [...new Set([...world.reminders.withSecret, ...Object.keys(given.secrets ?? {})])],
      };
    return { status: 200, body: world.reminders };
  }
  if (path === '/organisation/reminders/sent')
    return { status: 200, body: { items: world.failed, next: null } };
  if (/^\/organisation\/reminders\/[^/]+\/test$/.test(path)) return { status: 200, body: { sent: true } };
  if (path.startsWith('/clocks/feeds')) {
    if (method === 'POST') {
      const id = '0199c0de-0000-7000-8000-0000000000ff';
      world.feeds = [...world.feeds, { id, madeAt: ago(0), lastReadAt: null }];
      return { status: 201, body: { id, url: 'https://bridge.example/api/v1/clocks/feed/made-up.ics' } };
    }
    if (method === 'DELETE') world.feeds = world.feeds.filter(({ id }) => !path.endsWith(id));
    return { status: 200, body: { items: world.feeds } };
  }
  return null;
}
