/** Shorter runs stand in texts by chance: a user name, a word of a password. */
const SHORTEST = 16;

/**
 * The longest run of `[A-Za-z0-9_-]` in a secret, which is what scanners compare (`knownRun` of libs/scan); null where none
 * is long enough. Bytes, so that no string is made of a secret. The run shares the memory of what was given.
 */
export function longestRun(secret: Uint8Array): Uint8Array | null {
  let best: Uint8Array | null = null;
  let start = 0;
  for (let at = 0; at <= secret.length; at++) {
    if (at < secret.length && isOfToken(secret[at] ?? 0)) continue;
    const length = at - start;
    if (length >= SHORTEST && length > (best?.length ?? 0)) best = secret.subarray(start, at);
    start = at + 1;
  }
  return best;
}

function isOfToken(byte: number): boolean {
  const letter = byte | 0x20;
  return (
    (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x5f
  );
}
