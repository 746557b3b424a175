import type { Upstream } from '../api/types.ts';

/** Reads an upstream that somebody typed; null when it is none. `private` is asked for separately. */
export function upstreamOf(text: string, isPrivate: boolean): Upstream | null {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    // Not an address: the field says what one looks like.
    return null;
  }
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'http' && scheme !== 'https') return null;
  if (url.pathname !== '/' || url.search !== '' || url.username !== '') return null;
  const port = url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port);
  return { scheme, host: url.hostname, port, private: isPrivate };
}

export function upstreamText({ scheme, host, port }: Upstream): string {
  const standard = scheme === 'https' ? 443 : 80;
  return `${scheme}://${host}${port === standard ? '' : `:${port}`}`;
}
