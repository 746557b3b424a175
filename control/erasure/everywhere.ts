import type pg from 'pg';
import { eraseAccounts } from '../accounts/index.ts';
import { eraseCrossingSubjects, eraseItems, type ItemSearch, type SubjectName } from '../crossings/index.ts';
import { eraseKnownEntries } from '../detectors/index.ts';
import { eraseLedgerRows, recountSubjects } from '../exposure/index.ts';
import { eraseMessages } from '../messages/index.ts';
import { eraseRecipients } from '../notices/index.ts';
import { eraseSenders, recountNames } from '../review/index.ts';

/** The projections' rows as of the time before which journals were pruned, where there is one. */
const HORIZON = 'drawbridge_horizon';

/**
 * Takes subjects out of everything that the database holds of journals. Runs under `holdJournals`, after the search was
 * completed. Returns whether projections still have to be rebuilt to be exactly what journals and horizon give: then
 * the subjects are out of them all the same.
 */
export async function eraseEverywhere(
  client: pg.PoolClient,
  subjects: readonly SubjectName[],
  search: ItemSearch,
  names: ReadonlySet<string>,
): Promise<{ rebuild: boolean }> {
  for await (const page of search.items()) await eraseItems(client, page);
  await eraseCrossingSubjects(client, subjects);
  const pseudonyms = subjects.map((subject) => subject.pseudonym);
  await eraseAccounts(client, pseudonyms);
  await eraseKnownEntries(client, pseudonyms);
  await eraseRecipients(client, pseudonyms);
  await eraseMessages(client, pseudonyms);
  const horizon = await client.query<{ there: boolean }>('SELECT to_regnamespace($1) IS NOT NULL AS there', [
    HORIZON,
  ]);
  if (horizon.rows[0]?.there !== true) {
    await recountSubjects(client, subjects);
    await recountNames(client, names);
    return { rebuild: false };
  }
  // Of what was pruned there are no items to count from: the rows have to do.
  await eraseLedgerRows(client, subjects);
  await eraseSenders(client, pseudonyms);
  const home = await client.query<{ path: string }>("SELECT current_setting('search_path') AS path");
  const path = home.rows[0]?.path ?? 'public';
  await client.query(`SELECT set_config('search_path', $1, true)`, [`${HORIZON}, ${path}`]);
  await eraseCrossingSubjects(client, subjects);
  await eraseLedgerRows(client, subjects);
  await eraseSenders(client, pseudonyms);
  await client.query(`SELECT set_config('search_path', $1, true)`, [path]);
  return { rebuild: true };
}
