import { createHash } from 'node:crypto';
import type { Platform, Tx } from '../platform/index.ts';
import type { IdentityTables } from './tables.ts';

export const RECOVERY_CODES = 10;
const BYTES = 10;
/** Without letters and digits that are taken for one another when they are read from paper (Crockford’s base 32). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** 80 random bits as four groups of four: too many to be guessed, so a fast hash will do. */
function newCode(bytes: Buffer): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  const letters = Array.from(
    { length: (BYTES * 8) / 5 },
    (_, at) => ALPHABET[Number((bits >> BigInt(at * 5)) & 31n)],
  );
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-');
}

/** The code as it was meant: however it was typed, with the letters that were taken for digits. */
export const readCode = (typed: string): string =>
  typed.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');

const hashOf = (person: string, code: string): Buffer =>
  createHash('sha256')
    .update(JSON.stringify([person, readCode(code)]))
    .digest();

/** Ten new codes in place of all earlier ones; only their hashes are kept. */
export async function makeRecoveryCodes(tx: Tx, { random }: Platform, person: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, () => newCode(random.bytes(BYTES)));
  const rows = tx.withTables<IdentityTables>();
  await rows.deleteFrom('recovery_code').where('person', '=', person).execute();
  await rows
    .insertInto('recovery_code')
    .values(codes.map((code) => ({ hash: hashOf(person, code), person })))
    .execute();
  return codes;
}

/** Uses a code up. Of several that come with one code at once, one is right. */
export async function useRecoveryCode(tx: Tx, person: string, code: string): Promise<boolean> {
  const used = await tx
    .withTables<IdentityTables>()
    .deleteFrom('recovery_code')
    .where('hash', '=', hashOf(person, code))
    .where('person', '=', person)
    .returning('person')
    .executeTakeFirst();
  return used !== undefined;
}
