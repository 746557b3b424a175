/** Fact sheets, notices, the register of breaches and the mail server, as the API answers. Times are ISO 8601. */

export type NoticeLanguage = 'en' | 'de';
export type FactGrade = 'observed' | 'declared' | 'inferred' | 'unknown';
export type Said = Record<NoticeLanguage, string>;

export interface Fact {
  text: Said;
  grade: FactGrade;
  source: string;
}
export const factNames = [
  'what_happened',
  'when',
  'aware',
  'people',
  'records',
  'data',
  'consequences',
  'measures',
  'advice',
  'cause',
  'countries',
  'lures',
  'next_update',
] as const;
export type FactName = (typeof factNames)[number];

export interface NotAffected {
  label: Said;
  basis: 'proven' | 'declared' | 'no_record';
  source: string;
  class: string | null;
}
export interface FactSheetFacts {
  facts: Record<FactName, Fact>;
  notAffected: NotAffected[];
  unknowns: Said[];
}
export interface FactSheet {
  /** 0: none was kept yet. */
  version: number;
  sheet: FactSheetFacts;
  madeAt: string | null;
  madeBy: string | null;
}
export interface FactSheetVersion {
  version: number;
  madeAt: string;
  madeBy: string;
  changed: string[];
}

export interface NoticeTemplate {
  id: string;
  for: string;
  basis: string | null;
  asOf: string;
  recipients: 'directory' | 'entered';
  ownScope: boolean;
  fields: 'none' | 'dora';
  names: Record<string, string>;
}

export type NoticeState = 'draft' | 'review' | 'approved' | 'sending' | 'sent' | 'exported' | 'withdrawn';
export type RecipientState = 'waiting' | 'trying' | 'sent' | 'refused' | 'gave_up' | 'in_doubt' | 'left_out';

export interface NoticeRow {
  id: string;
  number: number;
  template: string;
  name: string;
  language: NoticeLanguage;
  reader: string | null;
  state: NoticeState;
  version: number;
  sheetVersion: number;
  follows: string | null;
  edited: { by: string; at: string; self: boolean };
  approved: { by: string; at: string; sha256: string } | null;
  sending: { since: string; sentAt: string | null; nextTryAt: string | null; trouble: string | null } | null;
  recipients: Record<RecipientState, number>;
}
export type NoticeBlock =
  | { kind: 'heading'; text: string }
  | { kind: 'text'; text: string }
  | { kind: 'list'; items: string[] };
export interface Notice extends NoticeRow {
  readers: { country: string | null; language: string | null; recipients: number }[];
  subject: string;
  text: string;
  blocks: NoticeBlock[];
  plain: string;
  problems: { code: string; text: string; blocking: boolean }[];
  latestSheet: number;
  drill: boolean;
}
export interface NoticeRecipient {
  n: number;
  address: string;
  name: string | null;
  country: string | null;
  language: string | null;
  state: RecipientState;
  attempts: number;
  at: string | null;
  code: string | null;
  answer: string | null;
  messageId: string | null;
}
export interface NoticeFile {
  name: string;
  type: string;
  base64: string;
  sha256: string;
}
export interface NoticeOrganisation {
  name: string;
  contact: string;
  informationPage: string;
}

export interface Breach {
  incident: { id: string; number: number; title: string; drill: boolean; state: string };
  party: string | null;
  openedAt: string;
  occurredFrom: string | null;
  occurredTo: string | null;
  version: number;
  facts: string;
  effects: string;
  remedial: string;
  authority: 'undecided' | 'notified' | 'not_notified';
  authorityWhy: string;
  persons: 'undecided' | 'told' | 'not_told';
  personsWhy: string;
  notices: number;
  changedAt: string | null;
  changedBy: string | null;
}

export interface MailServer {
  host: string;
  port: number;
  tls: 'implicit' | 'starttls' | 'none';
  private: boolean;
  username: string | null;
  hasPassword: boolean;
  from: { name: string; address: string };
  changedAt: string;
  changedBy: string;
}
export interface MailServerTest {
  sent: boolean;
  response: string | null;
  problem: { code: string; text: string; permanent: boolean } | null;
}
