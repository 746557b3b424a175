/** Who we are, for deadlines, as the API at /api/v1/organisation answers. Times are ISO 8601; days are YYYY-MM-DD. */

interface Revised {
  /** Goes back with a change; 0: nothing was ever set. */
  revision: number;
  changedAt: string | null;
  changedBy: string | null;
}

export interface Profile {
  name?: string | undefined;
  country?: string | undefined;
  zone?: string | undefined;
  countries: string[];
  answers: Record<string, string>;
  competent: Record<string, { country?: string | undefined; zone?: string | undefined }>;
  extra_holidays: string[];
}

export interface ProfileQuestion {
  id: string;
  text: string;
  choices: string[];
  answer: string | null;
  /** A seat answered it. */
  bySeat: boolean;
  /** Rules that hang on it while it is open. */
  decides: string[];
  wouldChange: { answer: string; brings: string[]; takesOut: string[] }[];
}

export interface OrganisationProfile extends Revised {
  profile: Profile;
  complete: boolean;
  questions: ProfileQuestion[];
  regimes: string[];
  calendars: { id: string; name: string; zone: string }[];
}

export interface ReviewedRule {
  rule: string;
  regime: string;
  article: string;
  title: string;
  status: 'in_force' | 'armed' | 'horizon';
  source: {
    citation: string;
    url?: string | undefined;
    grade: 'official' | 'copy' | 'secondary' | 'contract';
    as_of: string;
  };
  asOf: string;
  review: { by: string; on: string } | null;
}

export interface RuleReviews extends Revised {
  reviews: Record<string, { by: string; on: string }>;
  rules: ReviewedRule[];
}

/** A clock of ours, in the form of a file of facts; only what a list shows is named here. */
export interface OwnRule {
  id: string;
  [member: string]: unknown;
}

export interface OwnRules extends Revised {
  rules: OwnRule[];
  unfit: string[];
  times: { id: string; text: string }[];
}

interface ChannelCommon {
  id: string;
  name: string;
  drills: boolean;
  paused: boolean;
  private: boolean;
}

export type ReminderChannel = ChannelCommon &
  (
    | { kind: 'email'; to: string }
    | { kind: 'webhook'; url: string }
    | { kind: 'slack' }
    | { kind: 'teams' }
    | { kind: 'pagerduty'; region: 'us' | 'eu' }
    | { kind: 'jira'; site: string; email: string; project: string; issueType: string }
  );

export interface LeadTimes {
  start: boolean;
  half: boolean;
  hoursBefore: number[];
  late: boolean;
}

export interface Reminders {
  channels: ReminderChannel[];
  leads: LeadTimes;
  leadsOf: Record<string, LeadTimes>;
  escalation: { afterMinutes: number; deputy: string; drillDeputy: string | null } | null;
}

export interface RemindersView extends Revised {
  reminders: Reminders;
  withSecret: string[];
  mailReady: boolean;
  trouble: string | null;
}

export interface SentReminder {
  id: string;
  incident: { id: string; number: number; drill: boolean };
  rule: string;
  moment: string;
  dueAt: string;
  channel: string;
  state: 'pending' | 'sending' | 'sent' | 'in_doubt' | 'failed' | 'superseded' | 'dropped';
  attempts: number;
  trouble: string | null;
  madeAt: string;
  settledAt: string | null;
  nextTryAt: string | null;
}

export interface ClockFeed {
  id: string;
  madeAt: string;
  lastReadAt: string | null;
}
