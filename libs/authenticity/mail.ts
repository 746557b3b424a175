import PostalMime, { type Address, type Attachment, addressParser, decodeWords } from 'postal-mime';
import { AuthenticityError } from './error.ts';
import { expectLines } from './lines.ts';

/** A message, read once: bytes in, what people see of it out. Nothing is fetched. */

export interface Part {
  name: string;
  /** Media type, lower case. */
  type: string;
  bytes: Uint8Array;
}

export interface Mail {
  /** Lower-case names, in their order. */
  headers: { key: string; value: string }[];
  /** Addresses of all From headers. */
  from: { name: string; address: string }[];
  /** From headers there are: one in a proper message. */
  fromHeaders: number;
  replyTo: string[];
  /** Who it was sent to, as it says itself. */
  to: string[];
  subject: string;
  date: Date | null;
  messageId: string;
  text: string;
  html: string;
  parts: Part[];
  /** Messages within that lay too deep to be read, or text that is longer than is read. */
  unread: boolean;
}

export const LARGEST_MESSAGE = 60 * 1024 * 1024;
const MOST_PARTS = 2_000;
const LONGEST_TEXT = 2_000_000;
const MOST_ADDRESSES = 500;

const flat = (addresses: readonly Address[] | undefined): { name: string; address: string }[] =>
  (addresses ?? [])
    .flatMap(
      (one) => one.group ?? (one.address === undefined ? [] : [{ name: one.name, address: one.address }]),
    )
    .slice(0, MOST_ADDRESSES);

/** All addresses of all From headers; those of a group carry its name, which is what is shown. */
const senders = (headers: readonly string[]): { name: string; address: string }[] =>
  headers
    .flatMap((header) => addressParser(header))
    .flatMap((one) =>
      one.group === undefined
        ? [{ name: decodeWords(one.name), address: one.address ?? '' }]
        : one.group.length === 0
          ? [{ name: decodeWords(one.name), address: '' }]
          : one.group.map(({ name, address }) => ({
              name: decodeWords(`${one.name} ${name}`.trim()),
              address: address ?? '',
            })),
    )
    .slice(0, MOST_ADDRESSES);

/** Throws AuthenticityError: too large or too deep to be looked at, or no message. */
export async function readMail(raw: Uint8Array): Promise<Mail> {
  if (raw.byteLength > LARGEST_MESSAGE)
    throw new AuthenticityError('too_large', `The message has more than ${LARGEST_MESSAGE} bytes.`);
  // Parts are told apart by lines that begin with two hyphens: a count that never says less than the parser finds.
  if (boundaries(raw) > MOST_PARTS)
    throw new AuthenticityError('too_large', `The message has more than ${MOST_PARTS} parts.`);
  expectLines(raw);
  refuseHeaders(raw);
  const email = await PostalMime.parse(raw, {
    maxNestingDepth: 50,
    maxHeadersSize: 512 * 1024,
    maxRfc822NestingDepth: 3,
    forceRfc822Attachments: true,
  }).catch((error: unknown) => {
    throw new AuthenticityError(
      'too_large',
      error instanceof Error ? error.message : 'It could not be read.',
    );
  });
  const fromHeaders = email.headers.filter(({ key }) => key === 'from').length;
  if (email.headers.length === 0 || (fromHeaders === 0 && email.subject === undefined))
    throw new AuthenticityError('not_a_message', 'It has no header of a mail: no From, no Subject.');
  const date = Date.parse(email.date ?? '');
  return {
    headers: email.headers.map(({ key, value }) => ({ key, value })),
    from: senders(email.headers.filter(({ key }) => key === 'from').map(({ value }) => value)),
    fromHeaders,
    replyTo: flat(email.replyTo).map(({ address }) => address),
    to: [...flat(email.to), ...flat(email.cc)].map(({ address }) => address),
    subject: (email.subject ?? '').slice(0, 2_000),
    date: Number.isNaN(date) ? null : new Date(date),
    messageId: email.messageId ?? '',
    text: (email.text ?? '').slice(0, LONGEST_TEXT),
    html: (email.html ?? '').slice(0, LONGEST_TEXT),
    parts: email.attachments.map(partOf),
    unread:
      (email.text ?? '').length > LONGEST_TEXT ||
      (email.html ?? '').length > LONGEST_TEXT ||
      email.attachments.some(({ rfc822DepthExceeded }) => rfc822DepthExceeded === true),
  };
}

const partOf = ({ filename, mimeType, content }: Attachment): Part => ({
  name: filename ?? '',
  type: mimeType,
  bytes: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
});

/** Of headers that hold one line for people; the others may name many. Comments within comments cost a parser the square of them. */
const LONGEST_LINE = 10_000;
const LONGEST_HEADER = 100_000;
const MOST_COMMENTS = 500;
/** Each one asks DNS for a name of the sender's choice. */
const MOST_SIGNATURES = 50;
const lines = new Set(['from', 'sender', 'reply-to', 'subject', 'date', 'message-id', 'return-path']);

/** Throws AuthenticityError `too_large` that names the header. */
function refuseHeaders(raw: Uint8Array): void {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const block = bytes.subarray(0, 600 * 1024).toString('latin1');
  const end = /\r?\n\r?\n/.exec(block)?.index ?? block.length;
  let signatures = 0;
  for (const header of block.slice(0, end).split(/\r?\n(?![ \t])/)) {
    const name = header.slice(0, 80).split(':', 1)[0]?.trim().toLowerCase() ?? '';
    if (name === 'dkim-signature') signatures++;
    if (
      header.length > (lines.has(name) ? LONGEST_LINE : LONGEST_HEADER) ||
      header.split('(', MOST_COMMENTS + 2).length > MOST_COMMENTS + 1
    )
      throw new AuthenticityError('too_large', `Its header ${name} is longer than is read.`);
  }
  if (signatures > MOST_SIGNATURES)
    throw new AuthenticityError('too_large', `The message has more than ${MOST_SIGNATURES} signatures.`);
}

function boundaries(raw: Uint8Array): number {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let count = 0;
  for (let at = bytes.indexOf('\n--'); at >= 0; at = bytes.indexOf('\n--', at + 3)) {
    count++;
    if (count > MOST_PARTS) break;
  }
  return count;
}

/**
 * The message that somebody forwarded as an attachment; null: there is none, or several. For forwards of one's own people alone: a
 * stranger can hang a genuine message on theirs. Throws AuthenticityError.
 */
export async function forwardedMessage(raw: Uint8Array): Promise<Uint8Array | null> {
  const mail = await readMail(raw);
  const inner = mail.parts.filter(({ type, name }) => type === 'message/rfc822' || /\.eml$/i.test(name));
  const [one] = inner;
  return inner.length === 1 && one !== undefined ? one.bytes : null;
}

const INLINE =
  /^\s*(?:-{2,}\s*(?:Forwarded message|Original Message|Weitergeleitete Nachricht|Ursprüngliche Nachricht)\s*-{2,}|Begin forwarded message:|Anfang der weitergeleiteten Nachricht:)/im;

/** Whether a message was forwarded as text: its headers are lost. */
export const isInlineForward = (mail: Mail): boolean =>
  INLINE.test(mail.text) ||
  (/^\s*(?:fwd?|wg|tr)\s*:/i.test(mail.subject) && /^\s*(?:>\s*)?(?:From|Von):\s.+@/im.test(mail.text));
