import type pg from 'pg';
import type { Findings } from './findings.ts';

/** By whom an erasure finds a message: everybody whose address is in it, as the ledger knows them. */

type Named = Pick<Findings, 'from' | 'to' | 'sender' | 'envelope' | 'mailboxes' | 'reporterAddress'>;

const MOST_NAMES = 100;

/** Pseudonyms of sender, recipients and reporter, each once. `reporter`: the address of a person of ours who handed it in. */
export async function subjectsOf(
  pseudonymOf: (identifier: string) => Promise<string>,
  { from, to, sender, envelope, mailboxes, reporterAddress }: Named,
  reporter: string | null,
): Promise<string[]> {
  const names = [
    reporterAddress,
    reporter,
    from?.address,
    sender,
    envelope?.mailFrom,
    ...to,
    // `@` with a domain is nobody.
    ...mailboxes.filter((one) => !one.startsWith('@')),
  ].flatMap((one) => (one === null || one === undefined || one.trim() === '' ? [] : [one.trim()]));
  const once = [...new Set(names)].slice(0, MOST_NAMES);
  return [...new Set(await Promise.all(once.map(pseudonymOf)))];
}

/**
 * Forgets what these people sent, got or handed in, as when its time is over: verdict, hashes and what became of it stay. Addresses of
 * theirs at which we are registered at a vendor go. Returns how many messages there were.
 */
export async function eraseMessages(client: pg.PoolClient, pseudonyms: readonly string[]): Promise<number> {
  await client.query('DELETE FROM vendor_address WHERE subject = ANY ($1::text[])', [pseudonyms]);
  const { rowCount } = await client.query(
    `UPDATE message SET raw = NULL, findings = NULL, shape = NULL, bands = '{}', traces = '{}', reporter = NULL, subjects = '{}'
      WHERE subjects && $1::text[]`,
    [pseudonyms],
  );
  return rowCount ?? 0;
}
