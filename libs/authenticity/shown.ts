import { defang, hostOfAddress, registrableOf } from './domains.ts';
import { linkOf, linksOf } from './links.ts';
import { readMail } from './mail.ts';

/** What a message shows to people, for keeping it and showing it as text. Judging reads the message itself. */
export interface ShownMail {
  /** Recipients, as it says itself: lower case. */
  to: string[];
  /** `Message-ID` with its angle brackets, or ''. */
  messageId: string;
  /** What a person reads of it, links defanged; at most 100,000 characters. */
  text: string;
  /** The text was longer. */
  cut: boolean;
  attachments: { name: string; kind: string; bytes: number }[];
  /** Registrable domains of its sender, of where answers go, and of its links. */
  domains: string[];
}

const LONGEST_TEXT = 100_000;
const MOST_DOMAINS = 50;
const MOST_ATTACHMENTS = 100;
// A host is looked for where its letters begin alone: from each of them it would take the square of a text of dots.
const URLS = /\b(?:https?:\/\/|www\.)[^\s<>"']+|(?<![a-z0-9.-])(?:[a-z0-9-]+\.)+[a-z]{2,24}\/[^\s<>"']+/gi;

/** Throws AuthenticityError. */
export async function shownMail(raw: Uint8Array): Promise<ShownMail> {
  const mail = await readMail(raw);
  const seen = linksOf(mail);
  const text = mail.text.trim() === '' ? seen.text : mail.text;
  const senders = [...mail.from.map(({ address }) => address), ...mail.replyTo];
  const hosts = [...senders.map((address) => hostOfAddress(address)), ...seen.links.map(({ host }) => host)];
  return {
    to: mail.to.map((address) => address.toLowerCase()),
    messageId: mail.messageId.slice(0, 998),
    ...shownText(text),
    attachments: mail.parts.slice(0, MOST_ATTACHMENTS).map(({ name, type, bytes }) => ({
      name: name.slice(0, 200),
      kind: type.slice(0, 100),
      bytes: bytes.byteLength,
    })),
    domains: domainsOf(hosts),
  };
}

/** A text message, chat or note, shown the same way. */
export function shownNote(text: string): Pick<ShownMail, 'text' | 'cut' | 'domains'> {
  const hosts = (text.slice(0, LONGEST_TEXT).match(URLS) ?? [])
    .slice(0, 200)
    .map((url) => linkOf(/^(?:https?:|www\.)/i.test(url) ? url : `http://${url}`, 'text')?.host ?? null);
  return { ...shownText(text), domains: domainsOf(hosts) };
}

const shownText = (text: string): { text: string; cut: boolean } => ({
  // Marks that turn the direction of reading, and control characters, show another text than is there.
  text: text
    .slice(0, LONGEST_TEXT)
    .replaceAll(/[\u202a-\u202e\u2066-\u2069]|(?![\n\t])\p{Cc}/gu, '')
    .replaceAll(URLS, (url) => defang(url)),
  cut: text.length > LONGEST_TEXT,
});

const domainsOf = (hosts: readonly (string | null)[]): string[] => [
  ...new Set(
    hosts.flatMap((host) => (host === null ? [] : [registrableOf(host) ?? host])).slice(0, MOST_DOMAINS),
  ),
];
