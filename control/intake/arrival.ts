import { AuthenticityError, expectLines, isInlineForward, readMail } from '@drawbridge/authenticity';
import type { Arrival } from './types.ts';

/** One message to be judged, out of a mail that came in. */
export interface Arrived {
  raw: Buffer;
  arrival: Exclude<Arrival, 'text'>;
  /** Who of us passed it on; null: nobody did, it came itself. */
  reporter: { address: string } | null;
}

/**
 * Where mail that nobody passed on may be addressed to: the addresses that are read, and every one of our domains, since people's
 * mail servers send on what they got. Empty: none is known, and nothing can be said.
 */
export const mailboxesOf = (
  arrival: Arrival,
  addresses: readonly string[],
  domains: readonly string[],
): string[] =>
  arrival === 'fetched'
    ? [
        ...addresses.filter((one) => one.includes('@')).map((one) => one.toLowerCase()),
        ...domains.map((one) => `@${one}`),
      ]
    : [];

const MOST_FORWARDED = 10;
const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

/**
 * What a mail that came in is: messages that one of us passed on whole, each for itself; one that was passed on as text; or the
 * message itself. Only who writes from one of `domains` passes on: a stranger can hang a genuine message on a mail of theirs.
 * Throws AuthenticityError for what is no mail, or has more
 * lines than are read.
 */
export async function arrivedIn(raw: Buffer, domains: readonly string[]): Promise<Arrived[]> {
  const mail = await readMail(raw);
  const [from] = mail.from;
  const isOurs = mail.fromHeaders === 1 && from !== undefined && domains.includes(domainOf(from.address));
  if (!isOurs || from === undefined) return [{ raw, arrival: 'fetched', reporter: null }];
  const reporter = { address: from.address.toLowerCase() };
  const whole = mail.parts.filter(({ type, name }) => type === 'message/rfc822' || /\.eml$/i.test(name));
  if (whole.length > MOST_FORWARDED)
    throw new AuthenticityError(
      'too_large',
      `It passes on ${whole.length} messages. Pass on at most ${MOST_FORWARDED} at once.`,
    );
  // What was sent encoded has its lines only now.
  for (const { bytes } of whole) expectLines(bytes);
  if (whole.length > 0)
    return whole.map(({ bytes }) => ({ raw: Buffer.from(bytes), arrival: 'file', reporter }));
  return [{ raw, arrival: isInlineForward(mail) ? 'inline' : 'fetched', reporter }];
}
