import { sql } from 'kysely';
import { type Actor, type By, type Platform, Problem } from '../../platform/index.ts';
import { type RunErrand, VaultError } from '../../vault/index.ts';
import type { Known } from '../../vendors/index.ts';
import { dayOf, SETTLED_MS } from '../by-day.ts';
import type { Imports } from '../imports.ts';
import type { CoverageTables } from '../tables.ts';
import { FetchError, fetchReport, type UsageApi } from './calls.ts';
import { usageContext } from './credential.ts';
import { type FetchRow, fetchable, LEASE_MS } from './fetches.ts';
import { nextTry, timeToAsk } from './plan.ts';

/** Whoever is named where reports are taken in by themselves. */
const fetcher: Actor = { id: 'system:coverage', name: 'Coverage' };

export interface WorkDeps {
  platform: Platform;
  run: RunErrand;
  known: () => Promise<Known>;
  imports: Pick<Imports, 'take'>;
  isStopped: () => boolean;
}

/** Of one account's reports: less than a lease, whatever the vendor does. */
const LONGEST_MS = 30 * 60_000;

interface Wrong {
  code: string;
  message: string;
}

/** Fetches what is due, one vendor's account after another. Returns how many were tried. */
export async function fetchDue(deps: WorkDeps): Promise<number> {
  let tried = 0;
  while (!deps.isStopped()) {
    const row = await claim(deps.platform);
    if (row === undefined) return tried;
    await fetchOne(deps, row);
    tried += 1;
  }
  return tried;
}

/** One that is due and that nobody is at: this process is from then on. */
async function claim({ db, clock }: Platform): Promise<FetchRow | undefined> {
  const now = new Date(clock.now());
  const dead = new Date(clock.now() - LEASE_MS);
  const { rows } = await sql<FetchRow>`
    UPDATE usage_fetch SET began_at = ${now} WHERE id = (
      SELECT id FROM usage_fetch WHERE next_at <= ${now} AND (began_at IS NULL OR began_at <= ${dead})
       ORDER BY next_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING *`.execute(db);
  return rows[0];
}

async function fetchOne(deps: WorkDeps, row: FetchRow): Promise<void> {
  const { platform, known } = deps;
  const until = platform.clock.now() + LONGEST_MS;
  const check = () => {
    if (deps.isStopped()) throw new FetchError('stopped', 'The control plane was stopped meanwhile.');
    if (platform.clock.now() > until)
      throw new FetchError(
        'unreachable',
        `The vendor did not give its reports in ${LONGEST_MS / 60_000} minutes.`,
      );
  };
  const facts = (await known()).get(row.vendor);
  const reports = fetchable(facts);
  const api = facts?.usage_api;
  platform.events.publish('coverage');
  let wrong: FetchError | null =
    api === undefined || reports.length === 0
      ? new FetchError('unexpected', 'It is not known any more how reports of this vendor are fetched.')
      : null;
  let taken = 0;
  const failed: Wrong[] = [];
  for (const report of wrong === null ? reports : []) {
    if (api === undefined) break;
    const result = await fetchKind({ ...deps, check }, row, api, report);
    if (result === null) taken += 1;
    else if (result instanceof FetchError && result.isOfAll) {
      wrong = result;
      break;
    } else failed.push(result);
  }
  await finish(platform, row, { wrong, failed, taken, of: reports.length });
}

/** One report. Null: it was taken in; else why not. */
async function fetchKind(
  { platform, run, imports, check }: WorkDeps & { check: () => void },
  row: FetchRow,
  api: UsageApi,
  report: { of: string; shape: string; path: string },
): Promise<Wrong | null> {
  const { of } = report;
  const before = await platform.db
    .withTables<CoverageTables>()
    .selectFrom('usage_fetch_kind')
    .select('last_day')
    .where('fetching', '=', row.id)
    .where('of', '=', of)
    .executeTakeFirst();
  const asOf = platform.clock.now();
  const time = timeToAsk(asOf - SETTLED_MS, before?.last_day ?? null);
  const lastDay = dayOf(time.to - 1);
  const by: By = {
    actor: fetcher,
    reason: `Fetched from ${row.host} with the credential that ${row.entered_by} entered`,
  };
  try {
    const pages = await fetchReport({
      ...{ run, api, check, path: report.path, ...time },
      place: { scheme: row.scheme, host: row.host, port: row.port, private: row.private },
      header: { name: row.header, prefix: row.prefix },
      credential: { wrapped: row.wrapped, context: usageContext(row) },
    });
    const asked = {
      vendor: row.vendor,
      account: row.account,
      name: `${of} ${dayOf(time.from)} to ${lastDay}.json`,
      asOf: new Date(asOf),
      format: report.shape,
      of,
      mapping: null,
    };
    const { import: made } = await imports.take(asked, joined(pages), by);
    await note(platform, row, of, { lastDay, import: made.id });
    return null;
  } catch (error) {
    const wrong = sayable(platform, row, error);
    if (wrong.code !== 'stopped') await note(platform, row, of, wrongOf(wrong));
    return wrong;
  }
}

/** What is not known to be sayable is written to the log alone. */
function sayable(platform: Platform, { vendor }: FetchRow, error: unknown): FetchError | Problem {
  if (error instanceof FetchError || (error instanceof Problem && !(error instanceof VaultError)))
    return error;
  platform.log.error({ err: error, vendor }, 'a report of use could not be fetched');
  return new FetchError(
    'failed',
    'Fetching failed here, and the log of the control plane says why. Entering the credential anew helps where it can’t be opened.',
  );
}

/** Pages one after the other, as a file of several has them. */
async function* joined(pages: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const page of pages) {
    yield page;
    yield NEWLINE;
  }
}
const NEWLINE = Buffer.from('\n');
const LONGEST_ERROR = 500;

const wrongOf = ({ code, message }: Wrong): Wrong => ({ code, message: message.slice(0, LONGEST_ERROR) });

/** What came of a report. What was taken in before stays, with its time, where nothing was now. */
async function note(
  { db, clock }: Platform,
  { id, version }: FetchRow,
  of: string,
  came: { lastDay: string; import: string } | Wrong,
): Promise<void> {
  const now = new Date(clock.now());
  const good = 'import' in came ? came : null;
  const wrong = 'code' in came ? came : null;
  await sql`
    INSERT INTO usage_fetch_kind (fetching, of, tried_at, fetched_at, last_day, import, error_code, error)
    SELECT id, ${of}, ${now}, ${good === null ? null : now}, ${good?.lastDay ?? null}::date, ${good?.import ?? null}::uuid,
           ${wrong?.code ?? null}, ${wrong?.message ?? null}
      FROM usage_fetch WHERE id = ${id} AND version = ${version}
    ON CONFLICT (fetching, of) DO UPDATE SET tried_at = excluded.tried_at, error_code = excluded.error_code, error = excluded.error,
      fetched_at = coalesce(excluded.fetched_at, usage_fetch_kind.fetched_at),
      last_day = coalesce(excluded.last_day, usage_fetch_kind.last_day),
      import = coalesce(excluded.import, usage_fetch_kind.import)`.execute(db);
}

async function finish(
  platform: Platform,
  row: FetchRow,
  {
    wrong,
    failed,
    taken,
    of,
  }: { wrong: FetchError | null; failed: readonly Wrong[]; taken: number; of: number },
): Promise<void> {
  const now = platform.clock.now();
  const isStopped = wrong?.code === 'stopped';
  const [first] = failed;
  const said: Wrong | null =
    wrong ??
    (first === undefined
      ? null
      : {
          code: first.code,
          message: `${failed.length} of ${of} reports could not be had: ${first.message}`,
        });
  const tries = said === null ? 0 : row.failed + 1;
  const error = said === null ? null : wrongOf(said);
  await platform.db.transaction().execute(async (tx) => {
    const rows = tx.withTables<CoverageTables>();
    // As it is by now: how often may have been changed meanwhile.
    const there = await rows
      .selectFrom('usage_fetch')
      .select('every_hours')
      .where('id', '=', row.id)
      // Another credential meanwhile is asked by itself.
      .where('version', '=', row.version)
      .where('began_at', '=', row.began_at)
      .forUpdate()
      .executeTakeFirst();
    if (there === undefined) return;
    const next = nextTry({ now, everyHours: there.every_hours, tries, wrong });
    await rows
      .updateTable('usage_fetch')
      .set({
        began_at: null,
        ...(taken > 0 ? { fetched_at: new Date(now) } : {}),
        ...(isStopped
          ? {}
          : {
              tried_at: new Date(now),
              next_at: next.at,
              not_before: next.notBefore,
              failed: tries,
              error_code: error?.code ?? null,
              error: error?.message ?? null,
            }),
      })
      .where('id', '=', row.id)
      .execute();
  });
  platform.events.publish('coverage');
}
