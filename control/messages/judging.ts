import {
  type CompiledRegister,
  type Envelope,
  type Judgement,
  judgeMail,
  judgeText,
  type Resolver,
  shownMail,
  shownNote,
} from '@drawbridge/authenticity';
import { contextOf, type Known } from './context.ts';
import type { DnsRecord, Findings } from './findings.ts';
import { reasonsOf, sentenceOf } from './words.ts';

/** A message as it came. */
export interface Given {
  raw: Buffer;
  form: 'mail' | 'text';
  arrival: 'fetched' | 'file' | 'inline' | 'text';
  /** Of a text: the number or name that it came from. */
  sender: string | null;
  /** Of a mail that our own server took in. */
  envelope: Envelope | null;
  /** Of a mail that came by itself: addresses of ours, and `@` with a domain for all of its addresses. Empty: not known. */
  mailboxes?: readonly string[] | undefined;
  receivedAt: Date;
}

export interface Judged {
  judgement: Judgement;
  findings: Omit<Findings, 'reporterAddress'>;
  /** What a person reads. */
  text: string;
}

/** Reads what the organisation knows of a vendor and a message's recipients. `messageId` is of a mail. */
export type ReadKnown = (
  vendor: { id: string; name: string } | null,
  recipients: readonly string[],
  messageId: string,
  at: Date,
) => Promise<Known>;

/**
 * Judges a message by proofs and register, then once more by what the organisation knows. `dns`: answers of the time of receipt, which
 * stand for the network when it is judged again; what is not among them is asked for. Throws AuthenticityError.
 */
export async function judge(
  given: Given,
  by: { register: CompiledRegister; resolver: Resolver; known: ReadKnown; dns?: readonly DnsRecord[] },
): Promise<Judged> {
  const { raw, form, sender, receivedAt } = given;
  const kept = recording(by.resolver, by.dns ?? [], receivedAt);
  if (form === 'text') {
    const text = raw.toString('utf8');
    const shown = shownNote(text);
    const first = judgeText(text, { register: by.register, sender });
    const known = await by.known(first.vendor, [], '', receivedAt);
    const told = contextOf(first, text, [], known, receivedAt);
    const judgement = judgeText(text, { register: by.register, sender, context: told.evidence });
    return whole(given, judgement, told, {
      ...shown,
      to: [],
      messageId: '',
      attachments: [],
      dns: [],
    });
  }
  const shown = await shownMail(raw);
  const options = {
    register: by.register,
    resolver: kept.resolver,
    now: receivedAt,
    arrival: given.arrival === 'text' ? ('inline' as const) : given.arrival,
    envelope: given.envelope,
    mailboxes: given.arrival === 'fetched' ? mailboxesFor(given.mailboxes ?? [], shown.to) : [],
  };
  const first = await judgeMail(raw, options);
  const known = await by.known(first.vendor, shown.to, shown.messageId, receivedAt);
  const told = contextOf(first, `${first.subject}\n${shown.text}`, shown.to, known, receivedAt);
  const judgement =
    told.evidence.length === 0 ? first : await judgeMail(raw, { ...options, context: told.evidence });
  return whole(given, judgement, told, { ...shown, dns: kept.records() });
}

function whole(
  given: Given,
  judgement: Judgement,
  told: ReturnType<typeof contextOf>,
  shown: Pick<Findings, 'to' | 'messageId' | 'attachments' | 'domains' | 'dns'> & { text: string },
): Judged {
  return {
    judgement,
    text: shown.text,
    findings: {
      from: judgement.from,
      to: shown.to.slice(0, 50),
      subject: judgement.subject,
      messageId: shown.messageId,
      sentence: sentence(judgement, told.ours),
      reasons: reasonsOf(judgement),
      vendor: judgement.vendor,
      messageClass: judgement.messageClass,
      evidence: judgement.evidence,
      review: judgement.review,
      forwardAsAttachment: judgement.forwardAsAttachment,
      links: judgement.links,
      attachments: shown.attachments,
      domains: shown.domains,
      claims: told.claims,
      quoted: told.quoted,
      account: told.account,
      ours: told.ours,
      dns: shown.dns,
      sender: given.sender,
      envelope: given.envelope,
      mailboxes: [...(given.mailboxes ?? [])],
    },
  };
}

/** Addresses of ours, with those of the recipients that are in a domain of ours. */
const mailboxesFor = (ours: readonly string[], to: readonly string[]): string[] => [
  ...ours,
  ...to.filter((one) => ours.includes(one.slice(one.lastIndexOf('@')).toLowerCase())),
];

const sentence = (judgement: Judgement, ours: Findings['ours']): string =>
  ours === null
    ? sentenceOf(judgement)
    : `It says what a notice of ours (${ours.title}) says, word for word. It asks for nothing: look at the vendor’s dashboard.`;

const MOST_RECORDS = 100;

/** Answers from what was kept first, and keeps what the network says. */
function recording(resolver: Resolver, kept: readonly DnsRecord[], at: Date) {
  const records = new Map(kept.map((one) => [`${one.type} ${one.name}`, one]));
  const asking: Resolver = async (name, type) => {
    const key = `${type} ${name}`;
    const known = records.get(key);
    if (known !== undefined) {
      if ('error' in known.answer)
        throw Object.assign(new Error(`${type} of ${name}`), { code: known.answer.error });
      return known.answer;
    }
    const keep = (answer: DnsRecord['answer']): void => {
      if (records.size < MOST_RECORDS) records.set(key, { name, type, answer, at: at.toISOString() });
    };
    try {
      const answer = await resolver(name, type);
      keep(answer);
      return answer;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      // That there is nothing is an answer; that nobody answered is none.
      if (code === 'ENOTFOUND' || code === 'ENODATA') keep({ error: code });
      throw error;
    }
  };
  return { resolver: asking, records: () => [...records.values()] };
}
