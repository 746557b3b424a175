import { addressOf, asciiHost, hostOfAddress, isWithin, labelOf, registrableOf } from './domains.ts';
import { AuthenticityError } from './error.ts';
import { skeletonOf, wordsOf } from './skeleton.ts';
import type { MessageClass, Register, RegisteredVendor } from './types.ts';

/** A register, looked up by sender, host and name. */

export interface KnownDomain {
  domain: string;
  label: string;
  skeleton: string;
  vendor: { id: string; name: string };
}

export interface KnownSender {
  vendor: { id: string; name: string };
  class: MessageClass;
  /** The entry that fits. */
  entry: string;
  /**
   * The entry is an address that sends the vendor's own words, at a domain that is not known to send these alone: others write from that
   * domain too, so that a signature of just this domain has to cover the sender.
   */
  isOneOfMany: boolean;
}

export interface CompiledRegister {
  /**
   * By address, then by the longest domain. Letters of an address count as the same in either case. With `+` and more it is another
   * address, since platforms put their users' words there: it is not believed for the one before the `+`, and it is doubted for it.
   */
  senderOf(address: string): KnownSender | null;
  /** Whose own domain a host is of. */
  ownerOf(host: string): { id: string; name: string } | null;
  /** Which vendor a display name says: `whole` where the rest are words as "Team" and "Support". */
  namedIn(text: string): { vendor: { id: string; name: string }; whole: boolean } | null;
  /** All vendors named in a text as whole words. */
  mentionedIn(text: string): { id: string; name: string }[];
  domains: readonly KnownDomain[];
  isTracker(host: string): boolean;
  isShortener(host: string): boolean;
  isSealer(domain: string): boolean;
}

const roles = new Set(
  'abrechnung account accounts admin alert alerts api billing helpdesk inc info invoice kundenservice ltd no noreply notification notifications notify official payments platform reply security service services sicherheit status support team updates'
    .split(' ')
    .map(skeletonOf),
);

/** A word that is a vendor's name and an everyday one tells nothing in the middle of others. */
const SHORTEST_MENTION = 5;

/** Throws AuthenticityError `bad_register` that names the entry. */
export function compileRegister(register: Register): CompiledRegister {
  const senders = new Map<string, KnownSender>();
  const domains: KnownDomain[] = [];
  const owners = new Map<string, { id: string; name: string }>();
  const names: { words: string[]; vendor: { id: string; name: string } }[] = [];
  for (const one of register.vendors) {
    const vendor = { id: one.id, name: one.name };
    for (const domain of ownDomains(one)) {
      if (owners.has(domain)) continue;
      owners.set(domain, vendor);
      const label = labelOf(domain);
      if (registrableOf(domain) === domain)
        domains.push({ domain, label, skeleton: skeletonOf(label), vendor });
    }
    for (const { is, class: kind } of one.senders) {
      const entry = is.includes('@') ? addressIn(is, one.id) : hostIn(is, one.id);
      // Below a suffix, also a private one, anybody can have a name.
      if (!is.includes('@') && registrableOf(entry) === null) continue;
      if (!senders.has(entry)) senders.set(entry, { vendor, class: kind, entry, isOneOfMany: false });
    }
    for (const name of [one.name, ...one.aliases]) {
      const words = wordsOf(name);
      if (words.length > 0) names.push({ words, vendor });
    }
  }
  const ofDomain = (host: string): KnownSender | null => {
    const found = parents(host).find((parent) => senders.has(parent));
    return found === undefined ? null : (senders.get(found) ?? null);
  };
  for (const known of senders.values()) {
    const host = known.entry.includes('@') ? hostOfAddress(known.entry) : null;
    if (host !== null) known.isOneOfMany = known.class === 'vendor' && ofDomain(host)?.class !== 'vendor';
  }
  // The longest name first: "Acme Mail" before "Acme".
  names.sort((a, b) => b.words.length - a.words.length);
  const inList = (hosts: readonly string[]) => {
    const set = new Set(hosts.map((host) => hostIn(host, 'a list')));
    return (host: string): boolean => parents(host).some((parent) => set.has(parent));
  };
  return {
    senderOf: (address) => {
      const parts = addressOf(address);
      if (parts === null) return null;
      const { local, host } = parts;
      const whole = senders.get(`${local}@${host}`);
      if (whole !== undefined) return whole;
      const plus = local.indexOf('+');
      const before = plus < 0 ? undefined : senders.get(`${local.slice(0, plus)}@${host}`);
      return before !== undefined && before.class !== 'vendor' ? before : ofDomain(host);
    },
    ownerOf: (host) => {
      const ascii = asciiHost(host);
      if (ascii === null) return null;
      const own = parents(ascii).find((parent) => owners.has(parent));
      return own === undefined || registrableOf(ascii) !== registrableOf(own)
        ? null
        : (owners.get(own) ?? null);
    },
    namedIn: (text) => {
      const words = wordsOf(text);
      for (const { words: name, vendor } of names) {
        const at = runIn(words, name);
        if (at < 0) continue;
        const rest = words.filter((_, index) => index < at || index >= at + name.length);
        const whole = rest.every((word) => roles.has(word));
        if (whole || name.join('').length >= SHORTEST_MENTION) return { vendor, whole };
      }
      return null;
    },
    mentionedIn: (text) => {
      const words = wordsOf(text);
      const found = names.filter(
        ({ words: name }) => name.join('').length >= SHORTEST_MENTION && runIn(words, name) >= 0,
      );
      return [...new Map(found.map(({ vendor }) => [vendor.id, vendor])).values()];
    },
    domains,
    isTracker: inList(register.trackers),
    isShortener: inList(register.shorteners),
    isSealer: inList(register.sealers),
  };
}

const ownDomains = (vendor: RegisteredVendor): string[] => [
  ...vendor.domains.map((domain) => hostIn(domain, vendor.id)),
  // An address says nothing of who else is at its domain: that may be a mail service's.
  ...vendor.senders.flatMap(({ is, class: kind }) =>
    kind === 'vendor' && !is.includes('@') ? [hostIn(is, vendor.id)] : [],
  ),
];

function addressIn(address: string, where: string): string {
  const parts = addressOf(address);
  if (parts === null)
    throw new AuthenticityError(
      'bad_register',
      `${where} names "${address.slice(0, 80)}", which is no address`,
    );
  return `${parts.local}@${parts.host}`;
}

function hostIn(host: string, where: string): string {
  const ascii = asciiHost(host);
  if (ascii === null)
    throw new AuthenticityError('bad_register', `${where} names "${host.slice(0, 80)}", which is no host`);
  return ascii;
}

/** The host and those above it, longest first. */
function parents(host: string): string[] {
  const labels = host.split('.');
  return labels.map((_, at) => labels.slice(at).join('.'));
}

/** Where one list stands in another, in a row; -1: nowhere. */
function runIn(words: readonly string[], run: readonly string[]): number {
  for (let at = 0; at + run.length <= words.length; at++)
    if (run.every((word, index) => words[at + index] === word)) return at;
  return -1;
}

export const isSameOrganisation = (a: string, b: string): boolean => {
  const [left, right] = [registrableOf(a), registrableOf(b)];
  return left !== null && left === right ? true : isWithin(a, b) || isWithin(b, a);
};
