/** So many random bytes, fit for keys. */
export type Random = (length: number) => Buffer;

const POOL_BYTES = 8192;

/**
 * Random bytes out of a pool that `fill` fills: one call to the system's source serves hundreds of crossings. What
 * was given out is never given again.
 */
export function pooledRandom(fill: (pool: Buffer) => void): Random {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  return (length) => {
    if (length > POOL_BYTES) {
      const own = Buffer.alloc(length);
      fill(own);
      return own;
    }
    if (used + length > POOL_BYTES) {
      fill(pool);
      used = 0;
    }
    const taken = Buffer.from(pool.subarray(used, used + length));
    pool.fill(0, used, used + length);
    used += length;
    return taken;
  };
}

/** A UUID version 7 (RFC 9562): 48 bits of time in milliseconds, 74 random bits. */
export function uuidv7(at: number, random: Random): string {
  const bytes = random(10);
  const time = at.toString(16).padStart(12, '0').slice(-12);
  bytes[0] = 0x70 | ((bytes[0] ?? 0) & 0x0f);
  bytes[2] = 0x80 | ((bytes[2] ?? 0) & 0x3f);
  const rest = bytes.toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-${rest.slice(0, 4)}-${rest.slice(4, 8)}-${rest.slice(8)}`;
}
