export const languages = ['en', 'de'] as const;
export type Language = (typeof languages)[number];
export const noticeStates = [
  'draft',
  'review',
  'approved',
  'sending',
  'sent',
  'exported',
  'withdrawn',
] as const;
export type NoticeState = (typeof noticeStates)[number];
export const recipientStates = [
  'waiting',
  'trying',
  'sent',
  'refused',
  'gave_up',
  'in_doubt',
  'left_out',
] as const;
export type RecipientState = (typeof recipientStates)[number];

export type NoticeRow = {
  id: string;
  incident: string;
  number: number;
  template: string;
  language: Language;
  reader: Buffer | null;
  state: NoticeState;
  version: number;
  sheet_version: number;
  follows: string | null;
  edited_by_id: string;
  edited_by: string;
  edited_at: Date;
  approved_by_id: string | null;
  approved_by: string | null;
  approved_at: Date | null;
  approved_hash: string | null;
  domain: string | null;
  sending_since: Date | null;
  sent_at: Date | null;
  next_try_at: Date | null;
  trouble: string | null;
  failures: number;
};

export type RecipientRow = {
  notice: string;
  n: number;
  key: string;
  sealed: Buffer;
  state: RecipientState;
  attempts: number;
  next_try_at: Date | null;
  at: Date | null;
  code: string | null;
  answer: Buffer | null;
  subjects: string[];
  /** ISO 3166-1, and a primary language of BCP 47; null: nobody says. */
  country: string | null;
  language: string | null;
  erased: string | null;
};

export const authorityDecisions = ['undecided', 'notified', 'not_notified'] as const;
export const personsDecisions = ['undecided', 'told', 'not_told'] as const;

export type BreachRow = {
  incident: string;
  version: number;
  authority: (typeof authorityDecisions)[number];
  persons: (typeof personsDecisions)[number];
  sealed: Buffer;
  made_at: Date;
  made_by: string;
};

export type NoticeTables = {
  fact_sheet: {
    incident: string;
    version: number;
    sealed: Buffer;
    made_at: Date;
    made_by_id: string;
    made_by: string;
  };
  notice: NoticeRow;
  notice_text: {
    notice: string;
    version: number;
    sealed: Buffer;
    hash: string;
    sheet_version: number;
    edited_by: string;
    edited_at: Date;
  };
  notice_recipient: RecipientRow;
  notice_drill_recipients: { incident: string; sealed: Buffer; entered_at: Date; entered_by: string };
  breach_entry: BreachRow;
};
