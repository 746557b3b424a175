import { defang, type Evidence, type Judgement, type Topic } from '@drawbridge/authenticity';

/** What a person reads of a judged message: one sentence, three reasons at most, and what to look for where. */

const MOST_REASONS = 3;
const about: Readonly<Record<Topic, string>> = {
  security: 'the security notice',
  account: 'the change to your account',
  billing: 'the invoice or payment',
  subscription: 'the change to the subscription',
  usage: 'the notice about usage or limits',
  other: 'what the message says',
};
const where: Readonly<Record<Topic, string>> = {
  security:
    'Look under security or activity for the notice that the message speaks of, at the time it names.',
  account: 'Look in the account’s settings for the change that the message speaks of.',
  billing: 'Look under billing for the invoice, amount or failed payment that the message speaks of.',
  subscription: 'Look under billing or plan for the change that the message speaks of.',
  usage: 'Look under usage and limits for the figure that the message speaks of.',
  other: 'Look for what the message says among the notices there.',
};

type Judged = Pick<Judgement, 'verdict' | 'vendor' | 'topic' | 'evidence' | 'messageClass' | 'review'>;

export function sentenceOf({ verdict, vendor, topic, messageClass, review }: Judged): string {
  if (verdict === 'verified-authentic')
    return `This message is from ${vendor?.name ?? 'its sender'}. Look at the dashboard all the same before you act on it.`;
  if (verdict === 'likely-impersonation')
    return `This message speaks for ${vendor?.name ?? 'a vendor'} and is most likely not from them. Don’t answer it, and follow nothing in it.`;
  if (vendor === null)
    return 'We don’t know this sender. That is no accusation: it can’t be said who sent it.';
  if (messageClass === 'relayed')
    return `${vendor.name} passed this message on for somebody else, whose words they are. Confirm ${about[topic]} at the dashboard.`;
  if (review !== null)
    return `The sender proved the domain ${defang(review.domain)}, which we don’t know as one of ${vendor.name}. Confirm ${about[topic]} at the dashboard.`;
  return `It can’t be said whether this message is from ${vendor.name}. Confirm ${about[topic]} at the dashboard, never through the message.`;
}

/** What decided: of a verified message what speaks for it, of others what speaks against; then what is worth knowing. */
export function reasonsOf({ verdict, evidence }: Judged): string[] {
  const rank = ({ weighs, strength }: Evidence): number => {
    if (weighs === 'note') return 3;
    const decides = (weighs === 'for') === (verdict === 'verified-authentic');
    return decides ? (strength === 'strong' ? 0 : 1) : 2;
  };
  return [...evidence]
    .map((one, at) => ({ one, at }))
    .sort((a, b) => rank(a.one) - rank(b.one) || a.at - b.at)
    .slice(0, MOST_REASONS)
    .map(({ one }) => one.text);
}

/** What to look for at the vendor's own dashboard. */
export const lookFor = (topic: Topic): string => where[topic];
