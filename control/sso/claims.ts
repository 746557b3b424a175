/** What an issuer must say of how somebody signed in, for it to count as two factors. Empty: it is not believed. */
export interface TrustedMethods {
  /** Values of `acr`, one of which is enough (OpenID Connect Core 1.0 §2). */
  acr: readonly string[];
  /** Values of `amr`, one of which is enough (RFC 8176): `mfa`, `hwk`, … */
  amr: readonly string[];
}

/** Whether the claims prove that two factors were used, by what the organisation believes of this issuer. */
export function provesTwoFactors(
  claims: Readonly<Record<string, unknown>>,
  { acr, amr }: TrustedMethods,
): boolean {
  if (typeof claims.acr === 'string' && acr.includes(claims.acr)) return true;
  return (
    Array.isArray(claims.amr) &&
    claims.amr.some((method) => typeof method === 'string' && amr.includes(method))
  );
}

/** One address, in plain letters where domains stand: two that look alike are two. */
const ADDRESS = /^[^\s@"<>(),:;\\]{1,64}@((?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63})$/i;

/**
 * The e-mail address that the issuer vouches for, of a domain that it may vouch for. Null where it has not verified it,
 * where it is of another domain, and where comparing it would have to change more than capitals.
 */
export function vouchedAddress(
  claims: Readonly<Record<string, unknown>>,
  domains: readonly string[],
): string | null {
  const { email, email_verified: verified } = claims;
  if (typeof email !== 'string' || verified !== true || email.normalize('NFKC') !== email) return null;
  const domain = ADDRESS.exec(email)?.[1]?.toLowerCase();
  return domain !== undefined && domains.includes(domain) ? email : null;
}

const ELSEWHERE = 'https://console.invalid';

/** A path of the console to go to after signing in; the beginning, where it is none: an address of another place. */
export function consolePath(asked: string | undefined): string {
  if (asked === undefined || asked.length > 500 || !/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(asked))
    return '/';
  if (!URL.canParse(asked, ELSEWHERE)) return '/';
  const { origin, pathname, search, hash } = new URL(asked, ELSEWHERE);
  const path = `${pathname}${search}${hash}`;
  // Dots are taken out by now, and may have left two strokes at the front.
  const isOurs = origin === ELSEWHERE && /^\/(?!\/)/.test(path) && !/^\/(?:api|fleet)(?:\/|$)/.test(path);
  return isOurs ? path : '/';
}
