import { topicOf } from './asks.ts';
import { contentFindings } from './content.ts';
import { defang, hostOfAddress } from './domains.ts';
import { AuthenticityError } from './error.ts';
import { inOrder, note, strongly, weakly } from './evidence.ts';
import { linkOf, linksOf } from './links.ts';
import { isInlineForward, readMail } from './mail.ts';
import { type Proof, proofOf } from './proof.ts';
import type { CompiledRegister } from './register.ts';
import { type SenderFindings, senderFindings } from './sender.ts';
import type { Arrival, Envelope, Evidence, Judgement, Resolver, Verdict } from './types.ts';

export interface MailOptions {
  register: CompiledRegister;
  resolver: Resolver;
  /** The time of receipt: signatures are judged by it. */
  now: Date;
  arrival: Exclude<Arrival, 'text'>;
  /** Of a message that we took in ourselves; null: not known. */
  envelope?: Envelope | null;
  /** The mailboxes that it was put in, where that is known: mail to somebody else that was sent on to us anew is no notice to us. */
  mailboxes?: readonly string[];
  /** What the organisation knows beside: it can lower a verdict, never raise it. */
  context?: readonly Evidence[];
}

/** So many weak signs are as good as a strong one. */
const MANY = 3;

/**
 * Judges a mail from its bytes. A message within it is a part like any other: whoever takes in what people of theirs forwarded hands in
 * the inner one (`forwardedMessage`). Throws AuthenticityError for what can't be looked at.
 */
export async function judgeMail(raw: Uint8Array, options: MailOptions): Promise<Judgement> {
  const outer = await readMail(raw);
  const { register, now, resolver, envelope = null } = options;
  const arrival = options.arrival === 'inline' || isInlineForward(outer) ? 'inline' : options.arrival;
  const proof: Proof = await proofOf(raw, outer, { resolver, now, envelope });
  const sender = senderFindings(outer, proof, register);
  const seen = linksOf(outer);
  const words = `${outer.text}\n${seen.text}`;
  const [from] = outer.from;
  const host = hostOfAddress(from?.address ?? '');
  const content = contentFindings(outer, seen.links, words, register, {
    vendor: sender.vendor,
    host,
    proven: sender.proven && sender.sender !== null,
  });
  const evidence = [...sender.evidence, ...content, ...(options.context ?? [])];
  const mailboxes = new Set((options.mailboxes ?? []).map((one) => one.toLowerCase()));
  if (mailboxes.size > 0 && !outer.to.some((one) => mailboxes.has(one.toLowerCase())))
    evidence.push(
      weakly('not_addressed', 'It is not addressed to the mailbox that it came to.', { source: 'recorded' }),
    );
  // What is not looked at could be anything: no letter of a vendor is like that.
  if (seen.cut) evidence.push(strongly('many_links', 'It has more links than are looked at.'));
  if (seen.unread)
    evidence.push(weakly('unread_parts', 'It holds pictures or pages that could not be looked at whole.'));
  if (arrival === 'inline')
    evidence.push(note('headers_lost', 'It was forwarded as text: what proves the sender is lost.'));
  return {
    verdict: decide(sender, evidence, arrival),
    vendor: sender.vendor,
    messageClass: sender.sender?.class ?? null,
    evidence: inOrder(evidence),
    review:
      sender.unknownDomain === null || sender.vendor === null
        ? null
        : { domain: sender.unknownDomain, vendor: sender.vendor.id },
    topic: topicOf(outer.subject, words),
    forwardAsAttachment: arrival === 'inline',
    from: from === undefined ? null : { name: from.name, address: from.address },
    subject: outer.subject,
    links: [...new Set(seen.links.map(({ href }) => defang(href.slice(0, 300))))].slice(0, 200),
  };
}

/**
 * Verified: a registered sender of the vendor's own words, proven, and nothing against it. Impersonation: something strong against it, or
 * a vendor's name with many weak signs. A proven sender that the register does not know is not accused for its name alone.
 */
function decide(sender: SenderFindings, evidence: readonly Evidence[], arrival: Arrival): Verdict {
  const against = evidence.filter(({ weighs }) => weighs === 'against');
  const proven = sender.sender?.isOneOfMany === true ? sender.provenAddress : sender.proven;
  if (against.length === 0 && proven && sender.sender?.class === 'vendor' && arrival !== 'inline')
    return 'verified-authentic';
  if (sender.vendor === null) return 'unverified';
  const strong = against.filter(({ strength }) => strength === 'strong');
  const weak = against.filter(({ strength }) => strength === 'weak');
  if (sender.sender !== null && sender.proven) {
    // The vendor's own mail, or mail that it passes on: what is wrong with it is told, the sender is not accused.
    return 'unverified';
  }
  const bySender = strong.filter(
    ({ signal }) => signal === 'name_of_vendor' || signal === 'lookalike_combination',
  );
  if (sender.proven && strong.length === bySender.length)
    return strong.length + weak.length >= MANY ? 'likely-impersonation' : 'unverified';
  if (strong.length > 0) return 'likely-impersonation';
  return weak.length >= MANY ? 'likely-impersonation' : 'unverified';
}

export interface TextOptions {
  register: CompiledRegister;
  /** The number or name that it came from; null: not known. */
  sender: string | null;
  context?: readonly Evidence[];
}

const LONGEST_TEXT = 200_000;
const MOST_LINKS = 200;
/** What a text wants done: with a link that is not the vendor's it is enough, since texts have little room for more. */
const ACTS =
  /\b(?:confirm|verify|validate|unlock|restore|reactivate|renew|update|secure|reset|review|cancel|log ?in|sign ?in|tap|click|visit|bestätig\w*|prüf\w*|aktualisier\w*|entsperr\w*|erneuer\w*|anmeld\w*)\b/iu;
const PHONE = /(?:\+|\b0)[\d][\d\s().-]{6,}\d/;

/**
 * Judges a text message, a chat or a note of a call: never verified, since nothing in it is proven. Throws AuthenticityError `too_large`:
 * what is not read could be anything.
 */
export function judgeText(text: string, { register, sender, context = [] }: TextOptions): Judgement {
  if (text.length > LONGEST_TEXT)
    throw new AuthenticityError('too_large', `The text has more than ${LONGEST_TEXT} characters.`);
  const named = register.namedIn(sender ?? '')?.vendor ?? null;
  const mentioned = register.mentionedIn(text);
  const vendor = named ?? mentioned[0] ?? null;
  const urls = text.match(/\b(?:https?:\/\/|www\.)\S+|\b(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\/\S+/gi) ?? [];
  const links = urls
    .slice(0, MOST_LINKS)
    .flatMap((url) => linkOf(/^(?:https?:|www\.)/i.test(url) ? url : `http://${url}`, 'text') ?? []);
  const mail = {
    headers: [],
    from: [],
    fromHeaders: 0,
    replyTo: [],
    to: [],
    subject: '',
    date: null,
    messageId: '',
    text,
    html: '',
    parts: [],
    unread: false,
  };
  const content = contentFindings(mail, links, text, register, { vendor, host: null, proven: false });
  const evidence: Evidence[] = [...content, ...context];
  evidence.push(note('no_proof', 'A text proves nothing about who sent it.'));
  if (urls.length > MOST_LINKS)
    evidence.push(strongly('many_links', 'It has more links than are looked at.'));
  // Of all that are named: so that naming one more makes no link one of the vendor's own.
  const speaksFor = [...(named === null ? [] : [named]), ...mentioned];
  const foreign = links.filter(({ host }) => {
    const owner = host === null ? null : (register.ownerOf(host)?.id ?? '');
    return owner !== null && speaksFor.some(({ id }) => id !== owner);
  });
  const acts =
    ACTS.test(text) || content.some(({ signal }) => signal.startsWith('asks_') || signal === 'urgent');
  if (vendor !== null && foreign.length > 0 && acts)
    evidence.push(
      strongly(
        'leads_elsewhere',
        `It speaks for ${vendor.name}, wants something done, and leads elsewhere.`,
        {
          value: defang(foreign[0]?.host ?? ''),
        },
      ),
    );
  if (vendor !== null && PHONE.test(text) && content.some(({ signal }) => signal === 'asks_call'))
    evidence.push(strongly('call_back', `It speaks for ${vendor.name} and gives a number to call.`));
  const against = evidence.filter(({ weighs }) => weighs === 'against');
  const isBad =
    vendor !== null && (against.some(({ strength }) => strength === 'strong') || against.length >= MANY);
  return {
    verdict: isBad ? 'likely-impersonation' : 'unverified',
    vendor,
    messageClass: null,
    evidence: inOrder(evidence),
    review: null,
    topic: topicOf('', text),
    forwardAsAttachment: false,
    from: sender === null ? null : { name: sender, address: '' },
    subject: '',
    links: links.map(({ href }) => defang(href.slice(0, 300))),
  };
}
