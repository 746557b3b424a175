/** What room messages come in for: what it takes, and how. */

export type Arrival = 'fetched' | 'file' | 'inline' | 'text';
export type Channel = 'mail' | 'sms' | 'chat' | 'call';

/** A message as it came in. */
export interface Taken {
  raw: Buffer;
  form: 'mail' | 'text';
  channel: Channel;
  came: 'mailbox' | 'imap' | 'webhook';
  arrival: Arrival;
  /** Of a text: the number or name that it came from. */
  sender: string | null;
  /** Of a mail that a server of ours took in from outside. */
  envelope: { ip: string; helo: string; mailFrom: string } | null;
  reporter: { address: string } | null;
  /** Where mail that came by itself may be addressed to: addresses of ours, and `@` with a domain for all of its addresses. */
  mailboxes?: readonly string[];
  receivedAt: Date;
  /** The same key twice is one message. */
  key: string;
}

/** Takes a message durably: once it resolves, the message is not lost. Throws Problem, or AuthenticityError for what can't be read. */
export type Take = (taken: Taken) => Promise<{ id: string }>;

/** Makes a mail or a text of files that are neither. */
export interface Reading {
  /** Throws Problem 415 for a type that is not read, 422 for a file that can't be. */
  mailOf(
    type: string,
    bytes: Buffer,
  ): Promise<{ form: 'mail' | 'text'; raw: Buffer; arrival: Arrival; note: string | null }>;
}

/** Of one message, in bytes. */
export const LARGEST = 25 * 1024 * 1024;
