import { domainToASCII, domainToUnicode } from 'node:url';
import { getDomain, getDomainWithoutSuffix, getSubdomain, parse } from 'tldts';

/** Domain names as mail and links use them: lower case, A-labels, without a dot at the end. */

const options = { allowPrivateDomains: true, validateHostname: false } as const;

/** Null: not a host name. */
export function asciiHost(host: string): string | null {
  const plain = host.trim().toLowerCase().replace(/\.$/, '');
  if (plain === '' || plain.length > 253 || /[\s/@\\]/.test(plain)) return null;
  const ascii = domainToASCII(plain);
  return ascii === '' ? null : ascii;
}

/** The part that somebody registered, by the public suffix list with private suffixes; null: there is none (an address, a suffix). */
export const registrableOf = (host: string): string | null => getDomain(host, options);

/** The label that somebody chose, in Unicode: `openai` of `mail.openai.com`. */
export const labelOf = (host: string): string =>
  domainToUnicode(getDomainWithoutSuffix(host, options) ?? '').toLowerCase();

/** Whether anybody can put pages under such a name, as the public suffix list's private part says. */
export const isFreeHost = (host: string): boolean => parse(host, options).isPrivate === true;

/** Labels left of the registrable domain. */
export const labelsBelow = (host: string): string[] =>
  (getSubdomain(host, options) ?? '').split('.').filter((label) => label !== '');

export const isWithin = (host: string, domain: string): boolean =>
  host === domain || host.endsWith(`.${domain}`);

/** The host of an address; null: it has none. */
export function hostOfAddress(address: string): string | null {
  const at = address.lastIndexOf('@');
  return at < 0 ? null : asciiHost(address.slice(at + 1));
}

/**
 * An address as one compares it; null: it is none. Only A to Z are folded: what other letters become in lower case differs, and one of
 * them is a k (U+212A). Quotes around what needs none are left out (RFC 5321, 4.1.2).
 */
export function addressOf(address: string): { local: string; host: string } | null {
  const at = address.lastIndexOf('@');
  const host = hostOfAddress(address);
  if (at <= 0 || host === null) return null;
  const plain = /^"([\w.!#$%&'*+/=?^`{|}~-]+)"$/.exec(address.slice(0, at))?.[1] ?? address.slice(0, at);
  return { local: plain.replace(/[A-Z]/g, (letter) => letter.toLowerCase()), host };
}

/** A link or host that no program makes clickable: `hxxps://openai[.]com/login`. */
export const defang = (text: string): string =>
  text.replace(/^http/i, 'hxxp').replaceAll('://', '[://]').replaceAll('.', '[.]');
