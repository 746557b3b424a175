import type { Blast, IncidentBook } from '../incidents/index.ts';
import { type By, type Db, type Platform, Problem, type Sealer, type Tx } from '../platform/index.ts';
import { openSheet, sealSheet } from './sealing.ts';
import { differing, prefill, type Sheet, wrongSheet } from './sheet.ts';
import type { NoticeTables } from './tables.ts';

export interface SheetDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  book: IncidentBook;
  /** What the party of an incident may hold; null: it is about none, or nobody knows it. */
  blastOf(incident: {
    party: string | null;
    occurredFrom: Date | null;
    occurredTo: Date | null;
  }): Promise<Blast | null>;
}

export interface KeptSheet {
  /** 0: nobody kept one yet; what is here is what claims and blast radius give. */
  version: number;
  sheet: Sheet;
  madeAt: string | null;
  madeBy: string | null;
}

const rows = (db: Db | Tx) => db.withTables<NoticeTables>();

/** The newest, or another version; null: there is no such version. */
export async function readSheet(
  { platform, sealer }: Pick<SheetDeps, 'platform' | 'sealer'>,
  incident: string,
  version?: number,
  db: Db | Tx = platform.db,
): Promise<(KeptSheet & { madeById: string }) | null> {
  let asked = rows(db)
    .selectFrom('fact_sheet')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('version', 'desc')
    .limit(1);
  if (version !== undefined) asked = asked.where('version', '=', version);
  const row = await asked.executeTakeFirst();
  if (row === undefined) return null;
  return {
    version: row.version,
    sheet: openSheet(await sealer(), incident, row.version, row.sealed),
    madeAt: row.made_at.toISOString(),
    madeBy: row.made_by,
    madeById: row.made_by_id,
  };
}

export async function currentSheet(deps: SheetDeps, incident: string): Promise<KeptSheet> {
  const kept = await readSheet(deps, incident);
  if (kept !== null) {
    const { madeById: _, ...shown } = kept;
    return shown;
  }
  const head = await deps.book.head(incident);
  const sheet = prefill(await deps.book.read(incident), await deps.blastOf(head));
  return { version: 0, sheet, madeAt: null, madeBy: null };
}

/** Keeps a new version. Throws Problem 409 where somebody kept one meanwhile, 422 for what can't be said. */
export async function keepSheet(
  deps: SheetDeps,
  incident: string,
  { sheet, basedOn }: { sheet: Sheet; basedOn: number },
  by: By,
): Promise<void> {
  const { platform, book, sealer } = deps;
  const head = await book.head(incident);
  const wrong = wrongSheet(sheet, await deps.blastOf(head));
  if (wrong !== null) {
    throw new Problem(422, 'invalid_request', `${wrong.field}: ${wrong.message}`, [wrong]);
  }
  const opened = await sealer();
  await platform.db.transaction().execute(async (tx) => {
    const before = await readSheet(deps, incident, undefined, tx);
    if ((before?.version ?? 0) !== basedOn) throw changedMeanwhile(before?.version ?? 0);
    const version = basedOn + 1;
    const changed = before === null ? [] : differing(before.sheet, sheet);
    const text =
      before === null
        ? 'The fact sheet was begun'
        : `Version ${version} of the fact sheet: ${changed.join(', ') || 'nothing changed'}`;
    // Locks the incident: of two who keep one at once the second finds the first one's.
    await book.tell(tx, incident, { kind: 'notice', about: 'fact_sheet', text }, by);
    const again = await readSheet(deps, incident, undefined, tx);
    if ((again?.version ?? 0) !== basedOn) throw changedMeanwhile(again?.version ?? 0);
    await rows(tx)
      .insertInto('fact_sheet')
      .values({
        incident,
        version,
        sealed: sealSheet(opened, incident, version, sheet),
        made_at: new Date(platform.clock.now()),
        made_by_id: by.actor.id,
        made_by: by.actor.name,
      })
      .execute();
  });
}

const changedMeanwhile = (version: number): Problem =>
  new Problem(
    409,
    'changed_meanwhile',
    `Somebody kept version ${version} of the fact sheet meanwhile. Take it up, and enter your change anew.`,
    undefined,
    { version },
  );

/** Which versions there are, and what each changed, the newest first. */
export async function sheetVersions(
  { platform, sealer }: Pick<SheetDeps, 'platform' | 'sealer'>,
  incident: string,
): Promise<{ version: number; madeAt: string; madeBy: string; changed: string[] }[]> {
  const found = await rows(platform.db)
    .selectFrom('fact_sheet')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('version', 'desc')
    .limit(MOST_VERSIONS + 1)
    .execute();
  const opened = await sealer();
  const sheets = found.map((row) => openSheet(opened, incident, row.version, row.sealed));
  return found.slice(0, MOST_VERSIONS).map((row, at) => {
    const [now, before] = [sheets[at], sheets[at + 1]];
    return {
      version: row.version,
      madeAt: row.made_at.toISOString(),
      madeBy: row.made_by,
      changed: now === undefined || before === undefined ? [] : differing(before, now),
    };
  });
}
const MOST_VERSIONS = 100;
