import { isIP } from 'node:net';
import { type Platform, Problem, type Tx } from '../platform/index.ts';
import type { IdentityTables } from './tables.ts';

/** How many attempts are heard at once, and how long the next then waits at most. */
export interface Pace {
  free: number;
  /** Milliseconds. */
  longestWait: number;
}

/**
 * Of an account: after five attempts each waits twice as long, up to 15 minutes, so that 10,000 guesses take over 100 days.
 * It never ends for good, and a passkey signs in meanwhile. Of an address many people may come, so it is heard more often;
 * beginning to sign in elsewhere guesses nothing, and is only kept from being begun without end.
 */
export const paces = {
  account: { free: 5, longestWait: 15 * 60_000 },
  code: { free: 5, longestWait: 15 * 60_000 },
  address: { free: 30, longestWait: 60_000 },
  beginning: { free: 60, longestWait: 10_000 },
} as const satisfies Record<string, Pace>;
type Kind = keyof typeof paces;

/** Without an attempt for a day, all is forgotten. */
export const FORGOTTEN_MS = 24 * 3600_000;

/** How long after this attempt (1 is the first) the next one waits, in ms. */
export function waitAfter(attempts: number, { free, longestWait }: Pace): number {
  if (attempts < free) return 0;
  return Math.min(1000 * 2 ** Math.min(attempts - free, 40), longestWait);
}

/** Who or what attempts are counted for. */
export interface Tried {
  kind: Kind;
  name: string;
}

/** What an address is counted as: whoever has one of IPv6 has 2^64 of them. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(plain) !== 6) return plain;
  const [head = '', tail = ''] = plain.split('%')[0]?.split('::') ?? [];
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const all = [
    ...before,
    ...Array<string>(Math.max(0, 8 - before.length - after.length)).fill('0'),
    ...after,
  ];
  return all
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':');
}

export interface Throttle {
  /**
   * Takes a turn for one attempt, before anything of it is looked at: it counts from here on, so that many at once are no
   * way around. Throws a Problem 429 `too_many_attempts` with `retryAfter` in seconds.
   */
  take(tried: readonly Tried[]): Promise<void>;
  /** The attempt was right: what was counted for it is taken back, for accounts all. */
  succeed(tx: Tx, tried: readonly Tried[]): Promise<void>;
}

interface ThrottleDeps {
  platform: Platform;
  /** A keyed hash, so that what is kept tells no address and no account. */
  keyed(bytes: Uint8Array): Promise<Buffer>;
}

export function createThrottle({ platform, keyed }: ThrottleDeps): Throttle {
  const keyOf = ({ kind, name }: Tried): Promise<Buffer> => keyed(Buffer.from(JSON.stringify([kind, name])));

  /** Null: it is its turn. Else the ms to wait. */
  async function takeOne(tried: Tried): Promise<number | null> {
    const key = await keyOf(tried);
    const pace = paces[tried.kind];
    const now = platform.clock.now();
    const at = new Date(now);
    return platform.db.transaction().execute(async (tx) => {
      const rows = tx.withTables<IdentityTables>();
      // One statement that makes the row or holds it: an attempt that is right beside this one removes it.
      const row = await rows
        .insertInto('throttle')
        .values({ key, attempts: 0, last_at: at, blocked_until: at })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ key }))
        .returning(['attempts', 'last_at', 'blocked_until'])
        .executeTakeFirstOrThrow();
      // No further than it could be: a clock that was set back must not lock anyone out.
      const wait = Math.min(row.blocked_until.getTime() - now, pace.longestWait);
      if (wait > 0) return wait;
      const before = now - row.last_at.getTime() > FORGOTTEN_MS ? 0 : row.attempts;
      await rows
        .updateTable('throttle')
        .set({
          attempts: before + 1,
          last_at: at,
          blocked_until: new Date(now + waitAfter(before + 1, pace)),
        })
        .where('key', '=', key)
        .execute();
      return null;
    });
  }

  return {
    async take(tried) {
      for (const one of tried) {
        const wait = await takeOne(one);
        if (wait !== null) throw tooMany(wait);
      }
    },

    async succeed(tx, tried) {
      const rows = tx.withTables<IdentityTables>();
      for (const one of tried) {
        const key = await keyOf(one);
        if (one.kind === 'address' || one.kind === 'beginning') {
          await rows
            .updateTable('throttle')
            .set((is) => ({
              attempts: is('attempts', '-', 1),
              blocked_until: new Date(platform.clock.now()),
            }))
            .where('key', '=', key)
            .where('attempts', '>', 0)
            .execute();
        } else await rows.deleteFrom('throttle').where('key', '=', key).execute();
      }
    },
  };
}

function tooMany(wait: number): Problem {
  const retryAfter = Math.ceil(wait / 1000);
  return new Problem(
    429,
    'too_many_attempts',
    `Too many attempts. Try again in ${retryAfter} s, or sign in with a passkey.`,
    undefined,
    { retryAfter },
  );
}
