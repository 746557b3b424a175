import { z } from '@hono/zod-openapi';
import type { Selectable, SelectQueryBuilder } from 'kysely';
import {
  type Caller,
  type Db,
  decodeCursor,
  encodeCursor,
  notFound,
  type Platform,
  page,
  type Sealer,
} from '../../platform/index.ts';
import type { IncidentRowView, IncidentView, LineView, TaskView } from './schemas.ts';
import type { EntryRow, IncidentRow, IncidentTables, State, TaskRow } from './tables.ts';
import { openTask, openTitle, openWords } from './words.ts';

/** Incidents as they are shown. A restricted one is there for its members alone: for others there is none. */

export interface ReadDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  vendorNames(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
}

const tables = (db: Db) => db.withTables<IncidentTables>();
const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** Throws Problem 404 where who asks may not know of it. The command on this machine sees all: it has the disk. */
export async function expectVisible(
  { platform }: Pick<ReadDeps, 'platform'>,
  id: string,
  who: Pick<Caller, 'id' | 'kind'>,
): Promise<void> {
  const found = await tables(platform.db)
    .selectFrom('incident')
    .leftJoin('incident_member', (join) =>
      join.onRef('incident_member.incident', '=', 'incident.id').on('incident_member.person', '=', who.id),
    )
    .select(['incident.restricted', 'incident_member.person'])
    .where('incident.id', '=', id)
    .executeTakeFirst();
  if (found === undefined) throw notFound('incident');
  if (found.restricted && found.person === null && who.kind !== 'command') throw notFound('incident');
}

const Cursor = z.tuple([z.int()]);
/** Titles lie sealed, and no index finds them: so many are opened for one answer. */
const MOST_OPENED = 2_000;

/** Whether a number or a title is what is looked for: all of its words, in any order. */
export function isSought(sought: string, { number, title }: { number: number; title: string }): boolean {
  const words = sought
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const [first] = words;
  if (words.length === 1 && first?.replace(/^#/, '') === String(number)) return true;
  const read = title.toLowerCase();
  return words.every((word) => read.includes(word));
}

/** The newest first. Of a search a page may be short where more than 2,000 had to be looked at; the next one goes on there. */
export async function listIncidents(
  deps: ReadDeps,
  who: Pick<Caller, 'id' | 'kind'>,
  query: {
    state?: State | undefined;
    party?: string | undefined;
    drill?: 'true' | 'false' | undefined;
    q?: string | undefined;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<{ items: IncidentRowView[]; next: string | null }> {
  const { platform } = deps;
  const before = query.cursor === undefined ? null : (decodeCursor(query.cursor, Cursor)[0] ?? null);
  let asked = tables(platform.db).selectFrom('incident').orderBy('number', 'desc');
  if (who.kind !== 'command') {
    asked = asked.where((e) =>
      e.or([
        e('incident.restricted', '=', false),
        e.exists(
          e
            .selectFrom('incident_member')
            .select('incident_member.person')
            .whereRef('incident_member.incident', '=', 'incident.id')
            .where('incident_member.person', '=', who.id),
        ),
      ]),
    );
  }
  if (query.state !== undefined) asked = asked.where('state', '=', query.state);
  if (query.party !== undefined) asked = asked.where('party', '=', query.party);
  if (query.drill !== undefined) asked = asked.where('drill', '=', query.drill === 'true');
  if (before !== null) asked = asked.where('number', '<', before);
  const sealer = await deps.sealer();
  const { q = '' } = query;
  const sought = q === '' ? null : await soughtIn(asked, sealer, q, query.limit);
  if (sought !== null) asked = asked.where('incident.id', 'in', [NOBODY, ...sought.ids]);
  const rows = await asked
    .selectAll('incident')
    .select((e) => [
      e
        .selectFrom('incident_task')
        .select((t) => t.fn.countAll<number>().as('count'))
        .whereRef('incident_task.incident', '=', 'incident.id')
        .where('incident_task.state', '=', 'open')
        .as('open_tasks'),
      e
        .selectFrom('incident_task')
        .select((t) => t.fn.countAll<number>().as('count'))
        .whereRef('incident_task.incident', '=', 'incident.id')
        .where('incident_task.state', '=', 'open')
        .where('incident_task.phase', '=', 'review')
        .as('open_actions'),
      e
        .selectFrom('incident_task')
        .select((t) => t.fn.min('due_at').as('due'))
        .whereRef('incident_task.incident', '=', 'incident.id')
        .where('incident_task.state', '=', 'open')
        .as('next_due_at'),
    ])
    .limit(query.limit + 1)
    .execute();
  const names = await deps.vendorNames([...new Set(rows.flatMap(({ party }) => party ?? []))]);
  const found = page(
    rows,
    query.limit,
    (row) => [row.number],
    (row) => ({
      ...headOf(row, sealer, names),
      openTasks: Number(row.open_tasks ?? 0),
      openActions: Number(row.open_actions ?? 0),
      nextDueAt: iso(row.next_due_at),
    }),
  );
  return found.next === null && sought?.next != null
    ? { ...found, next: encodeCursor([sought.next]) }
    : found;
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Of the first titles those that are sought, one more than the page holds; `next`: where to go on, where there may be more. */
async function soughtIn(
  asked: SelectQueryBuilder<IncidentTables, 'incident', object>,
  sealer: Sealer,
  q: string,
  limit: number,
): Promise<{ ids: string[]; next: number | null }> {
  const looked = await asked
    .select(['incident.id', 'incident.number', 'incident.title'])
    .limit(MOST_OPENED)
    .execute();
  const ids: string[] = [];
  for (const { id, number, title } of looked) {
    if (isSought(q, { number, title: openTitle(sealer, id, title) })) ids.push(id);
    if (ids.length > limit) break;
  }
  return { ids, next: looked.length < MOST_OPENED ? null : (looked.at(-1)?.number ?? null) };
}

function headOf(row: Selectable<IncidentRow>, sealer: Sealer, names: ReadonlyMap<string, string>) {
  return {
    id: row.id,
    number: row.number,
    title: openTitle(sealer, row.id, row.title),
    playbook: row.playbook,
    party: row.party === null ? null : { id: row.party, name: names.get(row.party) ?? row.party },
    state: row.state,
    severity: row.severity,
    drill: row.drill,
    restricted: row.restricted,
    occurredFrom: iso(row.occurred_from),
    occurredTo: iso(row.occurred_to),
    openedAt: row.opened_at.toISOString(),
    openedBy: row.opened_by,
    closedAt: iso(row.closed_at),
  };
}

export const lineView = (row: EntryRow, sealer: Sealer): LineView => ({
  n: row.n,
  kind: row.kind,
  at: row.at.toISOString(),
  happenedAt: iso(row.happened_at),
  by: row.by_name,
  refers: row.refers,
  about: row.about,
  dueAt: iso(row.due_at),
  confidence: row.confidence,
  ...openWords(sealer, row.incident, row.n, row.sealed),
});

const STANDING = ['claim', 'withdrawn', 'decision', 'question', 'answer', 'related'] as const;
/** Of these one thing alone can be so. */
const SINGLE: readonly (string | null)[] = [
  'occurred_from',
  'occurred_to',
  'vendor_noticed',
  'vendor_told_us',
  'people',
  'cause',
];

/** All that stands in it now. Throws Problem 404. */
export async function readIncident(deps: ReadDeps, id: string): Promise<IncidentView> {
  const { db, clock } = deps.platform;
  const row = await tables(db).selectFrom('incident').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('incident');
  const [members, tasks, lines, sealer, names] = await Promise.all([
    tables(db)
      .selectFrom('incident_member')
      .selectAll()
      .where('incident', '=', id)
      .orderBy('since')
      .execute(),
    tables(db).selectFrom('incident_task').selectAll().where('incident', '=', id).orderBy('n').execute(),
    tables(db)
      .selectFrom('incident_entry')
      .selectAll()
      .where('incident', '=', id)
      .where('kind', 'in', STANDING)
      .orderBy('n')
      .execute(),
    deps.sealer(),
    deps.vendorNames(row.party === null ? [] : [row.party]),
  ]);
  const views = lines.map((line) => lineView(line, sealer));
  const of = (kind: (typeof STANDING)[number]) => views.filter((line) => line.kind === kind);
  const claims = claimsOf(of('claim'), of('withdrawn'));
  const relatedIds = [...new Set(of('related').flatMap(({ about }) => about ?? []))];
  const related =
    relatedIds.length === 0
      ? []
      : await tables(db)
          .selectFrom('incident')
          .select(['id', 'number'])
          .where('id', 'in', relatedIds)
          .execute();
  return {
    ...headOf(row, sealer, names),
    mergedInto: row.merged_into,
    members: members.map(({ person, name, roles, since }) => ({
      person,
      name,
      roles,
      since: since.toISOString(),
    })),
    claims,
    contradicted: contradictedIn(claims),
    decisions: of('decision'),
    questions: questionsOf(of('question'), of('answer'), clock.now()),
    tasks: tasks.map((task) => taskView(task, sealer, clock.now())),
    related: related.map(({ id: other, number }) => ({ id: other, number })),
  };
}

type Claim = IncidentView['claims'][number];

function claimsOf(claims: readonly LineView[], withdrawn: readonly LineView[]): Claim[] {
  const latest = (lines: readonly LineView[], n: number) =>
    lines.findLast(({ refers }) => refers === n)?.n ?? null;
  return claims.map((claim) => ({
    ...claim,
    replacedBy: latest(claims, claim.n),
    withdrawnBy: latest(withdrawn, claim.n),
  }));
}

function contradictedIn(claims: readonly Claim[]): string[] {
  const live = claims.filter(
    (claim) => SINGLE.includes(claim.about) && claim.replacedBy === null && claim.withdrawnBy === null,
  );
  const said = Map.groupBy(live, ({ about }) => about ?? '');
  const words = (claim: Claim) => claim.text.toLowerCase().replaceAll(/\s+/g, ' ');
  return [...said].flatMap(([about, all]) => (new Set(all.map(words)).size > 1 ? [about] : []));
}

function questionsOf(
  questions: readonly LineView[],
  answers: readonly LineView[],
  now: number,
): IncidentView['questions'] {
  return questions.map((question) => {
    const mine = answers.filter(({ refers }) => refers === question.n);
    const isSilent = mine.length === 0 && question.dueAt !== null && Date.parse(question.dueAt) < now;
    return { ...question, answers: mine, silentSince: isSilent ? question.dueAt : null };
  });
}

export function taskView(row: TaskRow, sealer: Sealer, now: number): TaskView {
  return {
    id: row.id,
    n: row.n,
    key: row.key,
    phase: row.phase,
    ...openTask(sealer, row.id, row.sealed),
    role: row.role,
    owner: row.owner === null ? null : { id: row.owner, name: row.owner_name ?? row.owner },
    dueAt: iso(row.due_at),
    late: row.state === 'open' && row.due_at !== null && row.due_at.getTime() < now,
    state: row.state,
    endedAt: iso(row.ended_at),
    endedBy: row.ended_by,
  };
}
