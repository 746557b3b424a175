import { SHARE_WHOLE } from '@drawbridge/protocol';
import type { LiveConnection } from './crossing.ts';

/** Hexadecimal digits at the end of an id (UUID version 7) that are read: all of them are random. */
const DIGITS = 8;

/**
 * The connection with the credential that a crossing goes with: the same one for the same id, wherever and however often
 * it is asked. Of many ids, `share` ten thousandths get the second one.
 */
export function withCredentialFor(
  crossing: string,
  first: LiveConnection,
  { connection, share }: NonNullable<LiveConnection['second']>,
): LiveConnection {
  return Number.parseInt(crossing.slice(-DIGITS), 16) % SHARE_WHOLE < share ? connection : first;
}
