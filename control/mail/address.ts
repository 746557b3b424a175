const LONGEST = 254;

/**
 * Whether a text is one plain mail address (RFC 5321, section 4.1.2, without quoted local parts and address literals): nothing that
 * a mail program reads as a second address, a name or another header.
 */
export function isAddress(text: string): boolean {
  if (text.length > LONGEST) return false;
  const at = text.lastIndexOf('@');
  if (at < 1 || at > 64) return false;
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)];
  return LOCAL.test(local) && DOMAIN.test(domain);
}

// Letters beyond ASCII are those of internationalised addresses (RFC 6531).
const LOCAL = /^[\w!#$%&'*+/=?^`{|}~\-\p{L}\p{N}]+(\.[\w!#$%&'*+/=?^`{|}~\-\p{L}\p{N}]+)*$/u;
const DOMAIN = /^[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?(\.[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?)*$/u;
