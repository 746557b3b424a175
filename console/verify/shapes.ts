/** What the verify desk answers, as its pages read it. Times are ISO 8601. */

export const verdicts = ['likely-impersonation', 'unverified', 'verified-authentic'] as const;
export type Verdict = (typeof verdicts)[number];
export const channels = ['mail', 'sms', 'chat', 'call'] as const;
export type Channel = (typeof channels)[number];
export const closings = ['genuine', 'impersonation', 'spam', 'unclear'] as const;
export type Closing = (typeof closings)[number];
export type Came = 'upload' | 'paste' | 'screenshot' | 'mailbox' | 'imap' | 'button' | 'webhook';

export interface Named {
  id: string;
  name: string;
}

export interface Judged {
  id: string;
  at: string;
  by: Named | null;
  channel: Channel;
  came: Came;
  verdict: Verdict;
  vendor: Named | null;
  topic: string;
  from: { name: string; address: string } | null;
  subject: string;
  /** The answer, in one sentence. */
  sentence: string;
  /** At most three. */
  reasons: string[];
  /** `url` comes from the register or from what the organisation entered itself, never from a message. */
  dashboard: { url: string | null; vendor: string; lookFor: string } | null;
  answer: { there: boolean; at: string } | null;
  forwardAsAttachment: boolean;
  state: 'open' | 'closed';
  closed: { as: Closing; at: string; by: Named; reply: string | null } | null;
  /** 0 to 100. */
  harm: number;
  campaign: string | null;
  /** How many other messages are like it. */
  alike: number;
}

export interface Evidence {
  signal: string;
  source: 'verified' | 'recorded' | 'claimed';
  weighs: 'for' | 'against' | 'note';
  strength: 'strong' | 'weak';
  text: string;
  value: string | null;
}

export interface Claim {
  claim: string;
  result: 'contradicted' | 'consistent' | 'cannot_tell';
  text: string;
  /** A page of this console. */
  href: string | null;
}

export interface Quoted {
  field: string;
  text: string;
  since: string | null;
  incident: { id: string; number: number; title: string } | null;
}

export interface MessageDetail extends Judged {
  to: string[];
  evidence: Evidence[];
  claims: Claim[];
  quoted: Quoted[];
  account: { holds: boolean | null; registeredAddress: boolean | null; text: string };
  /** Defanged. */
  links: string[];
  attachments: { name: string; kind: string; bytes: number }[];
  review: { domain: string; vendor: string } | null;
  dns: { name: string; type: string; at: string }[];
  history: { at: string; verdict: Verdict; because: string }[];
  /** At most 20. */
  similar: Judged[];
  kept: { until: string; raw: boolean };
  /** A notice that we sent ourselves. */
  ours: { incident: string; notice: string; title: string } | null;
  /** The incident that was opened of it. */
  incident: string | null;
  /** Somebody looked, and it was not there. */
  suggestsIncident: boolean;
}

export interface MessageCounts {
  open: number;
  byVerdict: Record<Verdict, number>;
  notThere: number;
  reviews: number;
  medianSecondsToAnswer: number | null;
}

export interface Reply {
  id: string;
  title: string;
  text: string;
}

export interface Closed {
  closed: number;
  /** Replies that went out by mail. */
  replied: number;
  skipped: { id: string; why: string }[];
}

export interface Campaign {
  id: string;
  name: string;
  vendor: Named | null;
  first: string;
  last: string;
  messages: number;
  people: number;
  infrastructure: string[];
  shape: string;
  state: string;
  open: number;
}

export const senderClasses = ['vendor', 'relayed', 'marketing', 'not_theirs'] as const;
export type SenderClass = (typeof senderClasses)[number];

export interface SenderReview {
  id: string;
  domain: string;
  vendor: Named;
  messages: number;
  first: string;
  last: string;
  state: string;
}

export interface Sender {
  id: string;
  vendor: Named;
  /** A domain or an address. */
  is: string;
  class: SenderClass;
  source: 'pack' | 'organisation';
  reason: string | null;
  by: string | null;
  at: string | null;
}

export interface VendorAddress {
  id: string;
  vendor: Named;
  address: string;
  by: string;
  at: string;
}

/** How far messages of the past are judged again; `begunAt` is null where they never were. */
export interface Rejudged {
  because: string | null;
  begunAt: string | null;
  total: number;
  done: number;
  changed: number;
  endedAt: string | null;
}

export interface Dashboard {
  vendor: string;
  url: string | null;
  source: 'organisation' | 'pack' | 'none';
  by: string | null;
  at: string | null;
}

export interface Intake {
  retentionDays: number;
  /** The organisation's own mail domains. */
  domains: string[];
  smtp: {
    enabled: boolean;
    host: string;
    port: number;
    lmtp: boolean;
    address: string[];
    /** CIDR ranges that may hand in. */
    allow: string[];
    starttls: boolean;
    /** Mail that comes without it is refused. */
    tlsRequired: boolean;
    /** Who hands mail over is the outside itself. */
    outside: boolean;
  };
}

export interface Mailbox {
  id: string;
  host: string;
  port: number;
  tls: 'implicit' | 'starttls' | 'none';
  /** Its address may lie in a private network. */
  private: boolean;
  username: string;
  folder: string;
  after: 'keep' | 'move' | 'delete';
  moveTo: string | null;
  isOn: boolean;
  state: string;
  lastSeen: string | null;
  error: string | null;
}

export interface MailboxTest {
  ok: boolean;
  text: string;
}

export interface MessageWebhook {
  id: string;
  name: string;
  channel: Channel;
  at: string;
  lastUsed: string | null;
}
