export const documentKinds = ['profile', 'reviews', 'own_rules', 'reminders'] as const;
export type DocumentKind = (typeof documentKinds)[number];

export const endKinds = ['submitted', 'not_required', 'late', 'reopened'] as const;
export type EndKind = (typeof endKinds)[number];

export const reminderStates = [
  'pending',
  'sending',
  'sent',
  'in_doubt',
  'failed',
  'superseded',
  'dropped',
] as const;
export type ReminderState = (typeof reminderStates)[number];

interface Entered {
  at: Date;
  by_id: string;
  by_name: string;
}

export type EntryRow = Entered & {
  incident: string;
  n: number;
  kind: 'time' | 'answer';
  name: string;
  value: string | null;
};

export type EndRow = Entered & {
  incident: string;
  n: number;
  rule: string;
  kind: EndKind;
  sealed: Buffer;
};

export type FeedRow = {
  id: string;
  owner: string;
  token_hash: Buffer;
  made_at: Date;
  last_read_at: Date | null;
  ended_at: Date | null;
};

export type ReminderRow = {
  id: string;
  incident: string;
  rule: string;
  due_at: Date;
  moment: string;
  moment_at: Date;
  recipient: string;
  repeatable: boolean;
  state: ReminderState;
  attempts: number;
  next_try_at: Date;
  claim: string | null;
  claimed_until: Date | null;
  trouble: string | null;
  made_at: Date;
  settled_at: Date | null;
};

export type ObligationTables = {
  obligation_document: Entered & { kind: DocumentKind; revision: number; sealed: Buffer };
  obligation_entry: EntryRow;
  obligation_end: EndRow;
  obligation_acknowledgement: Entered & { incident: string; rule: string; due_at: Date };
  obligation_feed: FeedRow;
  obligation_event: {
    incident: string;
    rule: string;
    sequence: number;
    fingerprint: string;
    changed_at: Date;
  };
  obligation_secret: { channel: string; sealed: Buffer; changed_at: Date };
  obligation_reminder: ReminderRow;
};
