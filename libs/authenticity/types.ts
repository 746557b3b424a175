/** Whose words a message carries: the vendor's own; those of its customers, which it passes on; news and offers. */
export type MessageClass = 'vendor' | 'relayed' | 'marketing';

export interface RegisteredVendor {
  id: string;
  name: string;
  /** Other names that people know it by. */
  aliases: readonly string[];
  /** Domains of its own, registrable or below. */
  domains: readonly string[];
  /** Who sends mail for it: a domain (with those below it) or a whole address. The longest that fits counts. */
  senders: readonly { is: string; class: MessageClass }[];
}

/** What is known of senders and links. All of it is the caller's: the library knows no vendor. */
export interface Register {
  vendors: readonly RegisteredVendor[];
  /** Domains of mail services whose links count clicks: where they lead can't be seen from the link. */
  trackers: readonly string[];
  /** Domains whose links lead elsewhere by design. */
  shorteners: readonly string[];
  /** Domains that seal what they forward, and are believed: ARC of others counts for nothing. */
  sealers: readonly string[];
}

/** How sure we are: from best to worst. */
export const verdicts = ['verified-authentic', 'unverified', 'likely-impersonation'] as const;
export type Verdict = (typeof verdicts)[number];

/** `verified`: we checked it. `recorded`: a hop of ours wrote it down. `claimed`: the message says so. */
export type Source = 'verified' | 'recorded' | 'claimed';

export interface Evidence {
  /** What kind of thing it is, stable over versions: `dkim_aligned`, `reply_to_elsewhere`. */
  signal: string;
  source: Source;
  /** `for` speaks for the sender it names, `against` against it; `note` neither. */
  weighs: 'for' | 'against' | 'note';
  /** One strong one against decides; weak ones need others. */
  strength: 'strong' | 'weak';
  /** A sentence for people. */
  text: string;
  /** What was found, defanged where it can be clicked. */
  value: string | null;
}

/**
 * How the message came. `fetched`: we took it from a mailbox or a connection of ours. `file`: somebody handed in the whole message.
 * `inline`: it was forwarded as text, its headers are lost. `text`: SMS, chat, a note of a call.
 */
export type Arrival = 'fetched' | 'file' | 'inline' | 'text';

/** Answers DNS as `dns.promises.resolve` does; rejects with `code` ENOTFOUND or ENODATA where there is nothing. */
export type Resolver = (name: string, type: string) => Promise<string[][] | string[]>;

export interface Envelope {
  /** The address that handed the message to our own server. */
  ip: string;
  helo: string;
  mailFrom: string;
}

export type Topic = 'security' | 'account' | 'billing' | 'subscription' | 'usage' | 'other';

export interface Judgement {
  verdict: Verdict;
  /** Who it says it is from, or is from; null: no vendor of the register. */
  vendor: { id: string; name: string } | null;
  /** Whose words they are, where the sender is registered. */
  messageClass: MessageClass | null;
  /** The most telling first. */
  evidence: Evidence[];
  /** A sender that proved its domain, and that the register does not know: somebody should look at it. */
  review: { domain: string; vendor: string } | null;
  topic: Topic;
  /** It was forwarded as text: forwarded as an attachment, more could be said. */
  forwardAsAttachment: boolean;
  from: { name: string; address: string } | null;
  subject: string;
  /** Links as text that nothing makes clickable. */
  links: string[];
}
