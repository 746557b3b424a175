import { sql } from 'kysely';
import { type By, invalid, newId, Problem, type Tx } from '../../platform/index.ts';
import { addLine, expectLine, type LineDeps, lockIncident, type NewLine } from './lines.ts';
import type { Playbook } from './playbooks.ts';
import type { IncidentRow, IncidentTables, Phase, Role, State } from './tables.ts';
import { openTask, sealTask, sealTitle } from './words.ts';

/** What is done with incidents. Each act is one transaction: what it changes, its line, and its place in the change log. */

export interface IncidentDeps extends LineDeps {
  playbooks: ReadonlyMap<string, Playbook>;
  /** Null: there is no such person, or they may not sign in. */
  person(id: string): Promise<{ id: string; name: string } | null>;
}

export interface Opening {
  title: string;
  playbook: string;
  party: string | null;
  severity: IncidentRow['severity'];
  drill: boolean;
  restricted: boolean;
  occurredFrom: Date | null;
  occurredTo: Date | null;
  learned: { at: Date; source: string; text: string } | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Opens an incident with the tasks and questions of its playbook; whoever opens it leads it. Returns its id. Throws Problem 422. */
export async function openIncident(tx: Tx, deps: IncidentDeps, given: Opening, by: By): Promise<string> {
  const { platform, sealer } = deps;
  const playbook = deps.playbooks.get(given.playbook);
  if (playbook === undefined) {
    throw invalid('playbook', `is none of ${[...deps.playbooks.keys()].join(', ')}`);
  }
  expectOrder(given.occurredFrom, given.occurredTo);
  const now = platform.clock.now();
  const rows = tx.withTables<IncidentTables>();
  const row: IncidentRow = {
    id: newId(platform.clock, platform.random),
    number: await nextNumber(tx),
    title: Buffer.alloc(0),
    playbook: playbook.id,
    party: given.party,
    state: 'open',
    severity: given.severity,
    drill: given.drill,
    restricted: given.restricted,
    occurred_from: given.occurredFrom,
    occurred_to: given.occurredTo,
    opened_at: new Date(now),
    opened_by: by.actor.name,
    closed_at: null,
    merged_into: null,
    entries: 0,
  };
  const words = await sealer();
  row.title = sealTitle(words, row.id, given.title);
  await rows.insertInto('incident').values(row).execute();
  await rows
    .insertInto('incident_member')
    .values({
      incident: row.id,
      person: by.actor.id,
      name: by.actor.name,
      roles: ['lead'],
      since: new Date(now),
    })
    .execute();
  await addLine(tx, deps, row, { kind: 'opened', text: given.title, about: playbook.id }, by);
  if (given.learned !== null) {
    const { at, source, text } = given.learned;
    await addLine(
      tx,
      deps,
      row,
      { kind: 'claim', about: 'other', text, source, happenedAt: at, confidence: 'unverified' },
      by,
    );
  }
  for (const [n, task] of playbook.tasks.entries()) {
    const id = newId(platform.clock, platform.random);
    await rows
      .insertInto('incident_task')
      .values({
        id,
        incident: row.id,
        n: n + 1,
        key: task.id,
        phase: task.phase,
        sealed: sealTask(words, id, { title: task.title, why: task.why, note: null }),
        role: task.role ?? null,
        owner: null,
        owner_name: null,
        due_at: task.within_minutes === undefined ? null : new Date(now + task.within_minutes * MINUTE_MS),
        state: 'open',
        ended_at: null,
        ended_by: null,
      })
      .execute();
  }
  for (const { text, hours, id } of playbook.questions) {
    const dueAt = new Date(now + hours * HOUR_MS);
    await addLine(tx, deps, row, { kind: 'question', text, about: id, dueAt }, by);
  }
  return row.id;
}

/** One writer at a time gives numbers, so that none is given twice or left out. */
async function nextNumber(tx: Tx): Promise<number> {
  const rows = tx.withTables<IncidentTables>();
  await sql`SELECT pg_advisory_xact_lock(hashtext('drawbridge incident number'))`.execute(tx);
  const found = await rows
    .selectFrom('incident')
    .select((e) => e.fn.max('number').as('most'))
    .executeTakeFirst();
  return (found?.most ?? 0) + 1;
}

function expectOrder(from: Date | null, to: Date | null): void {
  if (from !== null && to !== null && from > to) throw invalid('occurredFrom', 'is later than occurredTo');
}

export interface IncidentChange {
  title?: string | undefined;
  state?: Exclude<State, 'merged'> | undefined;
  severity?: IncidentRow['severity'] | undefined;
  restricted?: boolean | undefined;
  occurredFrom?: Date | null;
  occurredTo?: Date | null;
}

/** Changes what stands of it now; the line says what it was. Throws Problem 404, 409, 422. */
export async function changeIncident(
  tx: Tx,
  deps: IncidentDeps,
  id: string,
  given: IncidentChange,
  by: By,
): Promise<void> {
  const row = await lockIncident(tx, id);
  const from = given.occurredFrom === undefined ? row.occurred_from : given.occurredFrom;
  const to = given.occurredTo === undefined ? row.occurred_to : given.occurredTo;
  expectOrder(from, to);
  const state = given.state ?? row.state;
  if (state === 'closed' && row.state !== 'closed') await expectNothingOpen(tx, id);
  const said = [
    ...(given.title === undefined ? [] : [`title: ${given.title}`]),
    ...(state === row.state ? [] : [`state: ${row.state} to ${state}`]),
    ...(given.severity === undefined || given.severity === row.severity
      ? []
      : [`severity: ${row.severity} to ${given.severity}`]),
    ...(given.restricted === undefined || given.restricted === row.restricted
      ? []
      : [given.restricted ? 'only its members know of it' : 'everybody who sees incidents sees it']),
    ...(given.occurredFrom === undefined && given.occurredTo === undefined
      ? []
      : [`occurred: ${from?.toISOString() ?? 'unknown'} to ${to?.toISOString() ?? 'unknown'}`]),
  ];
  if (said.length === 0) return;
  await addLine(tx, deps, row, { kind: 'changed', text: said.join('; ') }, by);
  await tx
    .withTables<IncidentTables>()
    .updateTable('incident')
    .set({
      ...(given.title === undefined ? {} : { title: sealTitle(await deps.sealer(), id, given.title) }),
      state,
      severity: given.severity ?? row.severity,
      restricted: given.restricted ?? row.restricted,
      occurred_from: from,
      occurred_to: to,
      closed_at: state === 'closed' ? (row.closed_at ?? new Date(deps.platform.clock.now())) : null,
    })
    .where('id', '=', id)
    .execute();
}

/** Tasks of the review may stay open: they are what comes after. */
async function expectNothingOpen(tx: Tx, incident: string): Promise<void> {
  const open = await tx
    .withTables<IncidentTables>()
    .selectFrom('incident_task')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('incident', '=', incident)
    .where('state', '=', 'open')
    .where('phase', '<>', 'review')
    .executeTakeFirst();
  const count = Number(open?.count ?? 0);
  if (count > 0) {
    throw new Problem(
      409,
      'incident_tasks_open',
      `${count} ${count === 1 ? 'task is' : 'tasks are'} open. Finish them, or drop them with a note that says why.`,
    );
  }
}

/** Adds a claim, note, decision, question or answer. Returns the line's number. Throws Problem 404, 409, 422. */
export async function tell(tx: Tx, deps: IncidentDeps, id: string, line: NewLine, by: By): Promise<number> {
  const row = await lockIncident(tx, id);
  if (line.refers !== undefined) {
    const kind = line.kind === 'answer' ? 'question' : 'claim';
    const field = line.kind === 'claim' ? 'replaces' : 'n';
    const { about } = await expectLine(tx, id, line.refers, kind, field);
    if (line.kind === 'claim' && about !== line.about) {
      throw invalid('replaces', `line ${line.refers} is about ${about}, and this claim about ${line.about}`);
    }
  }
  return addLine(tx, deps, row, line, by);
}

export async function addTask(
  tx: Tx,
  deps: IncidentDeps,
  id: string,
  given: { title: string; why: string | null; phase: Phase; owner: string | null; dueAt: Date | null },
  by: By,
): Promise<string> {
  const row = await lockIncident(tx, id);
  // An action of the review outlives the incident: without these nobody would come back to it.
  if (given.phase === 'review' && given.owner === null)
    throw invalid('owner', 'is missing: an action of the review has one');
  if (given.phase === 'review' && given.dueAt === null)
    throw invalid('dueAt', 'is missing: an action of the review has one');
  const owner = await ownerOf(deps, given.owner);
  const rows = tx.withTables<IncidentTables>();
  const last = await rows
    .selectFrom('incident_task')
    .select((e) => e.fn.max('n').as('most'))
    .where('incident', '=', id)
    .executeTakeFirst();
  const n = (last?.most ?? 0) + 1;
  if (n > 1000) throw new Problem(409, 'incident_full', 'An incident has at most 1,000 tasks.');
  const task = newId(deps.platform.clock, deps.platform.random);
  const words = { title: given.title, why: given.why, note: null };
  await rows
    .insertInto('incident_task')
    .values({
      id: task,
      incident: id,
      n,
      key: null,
      phase: given.phase,
      sealed: sealTask(await deps.sealer(), task, words),
      role: null,
      owner: owner?.id ?? null,
      owner_name: owner?.name ?? null,
      due_at: given.dueAt,
      state: 'open',
      ended_at: null,
      ended_by: null,
    })
    .execute();
  await addLine(tx, deps, row, { kind: 'task', text: given.title, about: String(n) }, by);
  return task;
}

async function ownerOf(deps: IncidentDeps, id: string | null): Promise<{ id: string; name: string } | null> {
  if (id === null) return null;
  const person = await deps.person(id);
  if (person === null) throw invalid('owner', 'is nobody who can sign in');
  return person;
}

export interface TaskChange {
  state?: 'open' | 'done' | 'dropped' | undefined;
  owner?: string | null | undefined;
  dueAt?: Date | null;
  note?: string | undefined;
}

/** Throws Problem 404, 409, and 422 for a task that is dropped without a word. */
export async function changeTask(
  tx: Tx,
  deps: IncidentDeps,
  id: string,
  n: number,
  given: TaskChange,
  by: By,
): Promise<void> {
  const row = await lockIncident(tx, id);
  const rows = tx.withTables<IncidentTables>();
  const task = await rows
    .selectFrom('incident_task')
    .selectAll()
    .where('incident', '=', id)
    .where('n', '=', n)
    .executeTakeFirst();
  if (task === undefined) throw new Problem(404, 'not_found', 'There is no such task. Look in the list.');
  const state = given.state ?? task.state;
  if (state === 'dropped' && given.note === undefined && task.state !== 'dropped') {
    throw invalid('note', 'is missing: say why the task is dropped');
  }
  const sealer = await deps.sealer();
  const words = openTask(sealer, task.id, task.sealed);
  const owner = given.owner === undefined ? undefined : await ownerOf(deps, given.owner);
  const ended = state === 'open' ? null : (task.ended_at ?? new Date(deps.platform.clock.now()));
  await rows
    .updateTable('incident_task')
    .set({
      state,
      ...(owner === undefined ? {} : { owner: owner?.id ?? null, owner_name: owner?.name ?? null }),
      ...(given.dueAt === undefined ? {} : { due_at: given.dueAt }),
      sealed: sealTask(sealer, task.id, { ...words, note: given.note ?? words.note }),
      ended_at: ended,
      ended_by: state === 'open' ? null : state === task.state ? task.ended_by : by.actor.name,
    })
    .where('id', '=', task.id)
    .execute();
  const said = [
    ...(state === task.state ? [] : [state]),
    ...(owner === undefined ? [] : [owner === null ? 'nobody owns it' : `owner: ${owner.name}`]),
    ...(given.dueAt === undefined ? [] : [`due: ${given.dueAt?.toISOString() ?? 'at no time'}`]),
    ...(given.note === undefined ? [] : [given.note]),
  ];
  if (said.length === 0) return;
  const kind = state === task.state || state === 'open' ? 'task' : 'task_ended';
  await addLine(tx, deps, row, { kind, text: `${words.title}: ${said.join('; ')}`, about: String(n) }, by);
}

/** Gives somebody roles in it, and with them sight of it. Throws Problem 404, 409, 422. */
export async function setMember(
  tx: Tx,
  deps: IncidentDeps,
  id: string,
  given: { person: string; roles: readonly Role[] },
  by: By,
): Promise<void> {
  const row = await lockIncident(tx, id);
  const person = await deps.person(given.person);
  if (person === null) throw invalid('person', 'is nobody who can sign in');
  const roles = [...new Set(given.roles)];
  await tx
    .withTables<IncidentTables>()
    .insertInto('incident_member')
    .values({
      incident: id,
      person: person.id,
      name: person.name,
      roles,
      since: new Date(deps.platform.clock.now()),
    })
    .onConflict((conflict) =>
      conflict.columns(['incident', 'person']).doUpdateSet({ roles, name: person.name }),
    )
    .execute();
  const text =
    roles.length === 0
      ? `${person.name} may see it`
      : `${person.name}: ${roles.join(', ').replaceAll('_', ' ')}`;
  await addLine(tx, deps, row, { kind: 'member', text }, by);
}

/** Links two incidents with each other. Throws Problem 404, 409, 422. */
export async function relate(tx: Tx, deps: IncidentDeps, id: string, other: string, by: By): Promise<void> {
  if (id === other) throw invalid('other', 'is the same incident');
  // Always in one order: two people who relate the same two at once wait for each other.
  const [first, second] = [id, other].sort();
  const locked = [await lockIncident(tx, first ?? id), await lockIncident(tx, second ?? other)];
  for (const row of locked) {
    const beside = locked.find((one) => one.id !== row.id);
    if (beside !== undefined) {
      await addLine(
        tx,
        deps,
        row,
        { kind: 'related', text: `Related to incident ${beside.number}`, about: beside.id },
        by,
      );
    }
  }
}

/** Goes on with one of two: the other is kept as it was, and leads there. Throws Problem 404, 409, 422. */
export async function merge(tx: Tx, deps: IncidentDeps, id: string, into: string, by: By): Promise<void> {
  if (id === into) throw invalid('other', 'is the same incident');
  const [first, second] = [id, into].sort();
  const locked = [await lockIncident(tx, first ?? id), await lockIncident(tx, second ?? into)];
  const gone = locked.find((one) => one.id === id);
  const stays = locked.find((one) => one.id === into);
  if (gone === undefined || stays === undefined) return;
  if (gone.drill !== stays.drill)
    throw invalid('other', 'one of them is a drill, and a drill is never merged with what is real');
  await addLine(
    tx,
    deps,
    gone,
    { kind: 'merged', text: `Merged into incident ${stays.number}`, about: stays.id },
    by,
  );
  await addLine(
    tx,
    deps,
    stays,
    { kind: 'merged', text: `Incident ${gone.number} was merged into this one`, about: gone.id },
    by,
  );
  await tx
    .withTables<IncidentTables>()
    .updateTable('incident')
    .set({ state: 'merged', merged_into: into })
    .where('id', '=', id)
    .execute();
}
