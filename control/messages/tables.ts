import type { MessageClass, Topic, Verdict } from '@drawbridge/authenticity';

export const channels = ['mail', 'sms', 'chat', 'call'] as const;
export type Channel = (typeof channels)[number];
/** How a message reached us. */
export const ways = ['upload', 'paste', 'screenshot', 'mailbox', 'imap', 'button', 'webhook'] as const;
export type Way = (typeof ways)[number];
export const endings = ['genuine', 'impersonation', 'spam', 'unclear'] as const;
export type Ending = (typeof endings)[number];
export const senderClasses = ['vendor', 'relayed', 'marketing', 'not_theirs'] as const;
export type SenderClass = (typeof senderClasses)[number];

export type MessageRow = {
  id: string;
  received_at: Date;
  reporter_id: string | null;
  reporter: string | null;
  form: 'mail' | 'text';
  channel: Channel;
  came: Way;
  arrival: 'fetched' | 'file' | 'inline' | 'text';
  ask_key: string | null;
  verdict: Verdict;
  vendor: string | null;
  topic: Topic;
  harm: number;
  findings: Buffer | null;
  raw: Buffer | null;
  hash: Buffer;
  shape: Buffer | null;
  bands: number[];
  traces: Buffer[];
  /** Pseudonyms of the ledger of those whom it names; null: it was not looked for yet. */
  subjects: string[] | null;
  campaign: string | null;
  state: 'open' | 'closed';
  closed_as: Ending | null;
  closed_at: Date | null;
  closed_by_id: string | null;
  closed_by: string | null;
  reply: string | null;
  answered_there: boolean | null;
  answered_at: Date | null;
  incident: string | null;
  kept_until: Date;
};

/** What is read of the tables in `migrations/`. */
export type MessageTables = {
  message: MessageRow;
  message_campaign: { id: string; number: number; vendor: string | null; first_at: Date; last_at: Date };
  message_verdict: { message: string; n: number; at: Date; verdict: Verdict; because: string };
  sender: {
    id: string;
    vendor: string;
    is_: string;
    class: SenderClass;
    reason: string;
    made_by: string;
    made_at: Date;
  };
  sender_review: {
    id: string;
    domain: string;
    vendor: string;
    messages: number;
    first_at: Date;
    last_at: Date;
    decided: MessageClass | 'not_theirs' | null;
  };
  vendor_address: {
    id: string;
    vendor: string;
    address: Buffer;
    hash: Buffer;
    subject: string | null;
    made_by: string;
    made_at: Date;
  };
  vendor_dashboard: { vendor: string; url: string; made_by: string; made_at: Date };
  message_rejudging: {
    only_one: boolean;
    run: string;
    because: string;
    begun_at: Date;
    total: number;
    done: number;
    changed: number;
    after_: string | null;
    ended_at: Date | null;
  };
};
