import { z } from 'zod';
import type { Platform, Tx } from '../platform/index.ts';
import { type Vault, type WrappedColumn, wrappedColumn } from '../vault/index.ts';
import type { Person } from './person.ts';
import type { IdentityTables } from './tables.ts';

/** RFC 4226 §4: 160 bits. */
const SECRET_BYTES = 20;
const SHOWN_MS = 10 * 60_000;
const ISSUER = 'Drawbridge';

const codeContext = (deployment: string, person: string): Uint8Array =>
  Buffer.from(JSON.stringify(['drawbridge totp 1', deployment, person]));

/** Where wrapped secrets of codes lie. */
export function codeColumns(deployment: string): WrappedColumn[] {
  return ['secret', 'pending'].map((column) =>
    wrappedColumn(
      { table: 'totp', column, key: ['person'] },
      z.object({ person: z.string() }),
      ({ person }) => ({
        context: codeContext(deployment, person),
      }),
    ),
  );
}

export interface AppCodes {
  /**
   * A new secret, pending until a code of it is shown: as base 32, and as the URI that apps read from a picture. The same one
   * again for ten minutes within a session, as a page that is loaded anew must not void what was scanned.
   */
  begin(person: Person, session: string): Promise<{ secret: string; uri: string }>;
  /** Puts the pending secret into force if this is its code; that code is used then. */
  confirm(tx: Tx, person: string, session: string, code: string): Promise<boolean>;
  /** Whether it is the code of this person’s app, and was not used before: of several at once, one is right. */
  use(tx: Tx, person: string, code: string): Promise<boolean>;
}

export function createAppCodes({ platform, vault }: { platform: Platform; vault: Vault }): AppCodes {
  const { clock, random, deployment } = platform;
  /** By session: what was shown in it and is pending yet. In this process only, and not for long. */
  const shown = new Map<string, { text: string; until: number }>();
  const contextOf = (person: string): Uint8Array => codeContext(deployment.id, person);
  const stepOf = (wrapped: Buffer | null, person: string, code: string): Promise<number | null> =>
    wrapped === null ? Promise.resolve(null) : vault.checkCode(wrapped, contextOf(person), code, clock.now());
  const read = (tx: Tx, person: string) =>
    tx
      .withTables<IdentityTables>()
      .selectFrom('totp')
      .select(['secret', 'pending', 'last_step'])
      .where('person', '=', person)
      .forUpdate()
      .executeTakeFirst();

  return {
    async begin(person, session) {
      for (const [key, { until }] of shown) if (until <= clock.now()) shown.delete(key);
      const before = shown.get(session);
      const secret = random.bytes(SECRET_BYTES);
      const text = before?.text ?? base32(secret);
      const label = encodeURIComponent(`${ISSUER}:${person.email ?? person.name}`);
      const uri = `otpauth://totp/${label}?secret=${text}&issuer=${ISSUER}`;
      if (before !== undefined) return { secret: text, uri };
      const pending = await vault.seal(secret, contextOf(person.id));
      await platform.db
        .withTables<IdentityTables>()
        .insertInto('totp')
        .values({ person: person.id, secret: null, since: null, last_step: null, pending })
        .onConflict((conflict) => conflict.column('person').doUpdateSet({ pending }))
        .execute();
      shown.set(session, { text, until: clock.now() + SHOWN_MS });
      return { secret: text, uri };
    },

    async confirm(tx, person, session, code) {
      const row = await read(tx, person);
      const step = await stepOf(row?.pending ?? null, person, code);
      if (step === null || row === undefined) return false;
      await tx
        .withTables<IdentityTables>()
        .updateTable('totp')
        .set({ secret: row.pending, pending: null, since: new Date(clock.now()), last_step: step })
        .where('person', '=', person)
        .execute();
      shown.delete(session);
      return true;
    },

    async use(tx, person, code) {
      const row = await read(tx, person);
      const step = await stepOf(row?.secret ?? null, person, code);
      if (step === null) return false;
      const used = await tx
        .withTables<IdentityTables>()
        .updateTable('totp')
        .set({ last_step: step })
        .where('person', '=', person)
        .where((is) => is.or([is('last_step', 'is', null), is('last_step', '<', step)]))
        .returning('person')
        .executeTakeFirst();
      return used !== undefined;
    },
  };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6, of whole groups of five bytes: no padding. */
function base32(bytes: Buffer): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32[(held >> (bits - 5)) & 31] ?? '';
    held &= (1 << bits) - 1;
  }
  return text;
}
