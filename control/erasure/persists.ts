import type { Counts, Persists } from './schemas.ts';

/** What is told of a gateway. */
export interface GatewaySeen {
  name: string;
  lastSeenAt: string | null;
}

const MINUTE_MS = 60_000;
/** One that was not heard of for as long is away. */
const AWAY_MS = 2 * MINUTE_MS;
/** A segment is closed after ten minutes, and its payloads are deleted an hour after they were shipped; and some. */
const SEGMENT_MS = 75 * MINUTE_MS;

/** What an erasure leaves, and why: said to whoever asked for it. `at`: milliseconds since 1970. */
export function whatPersists(
  at: number,
  { counts, vendors, gateways }: { counts: Counts; vendors: number; gateways: readonly GatewaySeen[] },
): Persists[] {
  const gone = new Date(at + SEGMENT_MS).toISOString();
  const stays = (what: Persists['what'], text: string): Persists => ({ what, text, until: null });
  return [
    stays(
      'leaves',
      `The leaves of ${counts.crossings} crossings, and the hashes of their items: no pseudonym and no value is in them, and without the salts, which are gone, the hashes say nothing.`,
    ),
    stays(
      'vendors',
      vendors === 0
        ? nothingListed(counts.remainders)
        : `What ${vendors} ${vendors === 1 ? 'vendor' : 'vendors'} got, listed under "vendors": ask each to delete it, naming the person as that vendor knows them.`,
    ),
    stays(
      'accounts',
      'Accounts that the person has at vendors: what exports said of them is erased here, and the next export that names them brings it back.',
    ),
    stays(
      'notices',
      'That a notice of an incident went to the person, when, and what became of the mail: without the address. Lists that somebody entered by hand name whom they name.',
    ),
    ...gateways.map(({ name, lastSeenAt }): Persists => {
      const isAway = lastSeenAt === null || at - Date.parse(lastSeenAt) > AWAY_MS;
      return isAway
        ? stays(
            'gateways',
            `Sealed payloads on gateway "${name}", which is away: until it has shipped them and an hour more. What it ships of before this erasure is erased when it arrives.`,
          )
        : {
            what: 'gateways',
            text: `Sealed payloads on gateway "${name}": deleted about an hour after they were shipped.`,
            until: gone,
          };
    }),
    stays(
      'backups',
      'Backups of the database that were made before, until you rotate them. One that is restored is caught up with this erasure before it serves, from the file of erasures beside the keys.',
    ),
    stays(
      'outsiders',
      'Items in zips that somebody saved for an outsider: who has them deletes them. A zip without items names nobody.',
    ),
    stays(
      'siems',
      'Events that a SIEM has taken: they hold field classes, counts and ids of crossings, and no pseudonym.',
    ),
    stays(
      'change_log',
      'The change that records this erasure: who, when, why and the counts. It names nobody, unless the reason does.',
    ),
    stays(
      'erasures_file',
      'The pseudonyms, sealed, in the database and in the file of erasures: needed to erase again what a restored backup or a gateway that was away brings back. Only the vault opens them.',
    ),
    stays(
      'database_files',
      "Deleted rows inside PostgreSQL's files and its write-ahead log, which no query returns, until PostgreSQL writes over them (VACUUM FULL payload_item does it at once).",
    ),
    stays(
      'later_items',
      'What crosses from now on is recorded again, also of this subject: an erasure is no objection to processing.',
    ),
  ];
}

/** The ledger counts what is said of a subject. One that was only named beside others may have crossed all the same. */
function nothingListed(remainders: number): string {
  if (remainders === 0) return 'Nothing was seen to cross to a vendor.';
  return `No vendor is listed: nothing is counted for these identifiers alone. They were named in ${remainders} ${remainders === 1 ? 'item' : 'items'} of others, and went with those to the vendors that got them: ask these vendors, too.`;
}
