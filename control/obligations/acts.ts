import { type Clock, type End, type Law, readTime } from '@drawbridge/clocks';
import { type By, invalid, notFound, Problem, type Tx } from '../platform/index.ts';
import { addEnd, addEntry, readEnds, readEntries, standing } from './entries.ts';
import { type EndWords, endsOf } from './facts.ts';
import type { Reckoned, ReckoningDeps } from './reckoning.ts';
import type { ObligationTables } from './tables.ts';

/** What is done with clocks. Each act is one transaction: what it keeps, its line in the timeline, and its place in the change log. */

/** A clock on a wall may be a little ahead of ours. */
const TOLERANCE_MS = 5 * 60_000;

export interface Given {
  times?: Readonly<Record<string, string | null>> | undefined;
  answers?: Readonly<Record<string, string | null>> | undefined;
}

/** Enters times and answers; null takes one back. The former ones stay kept. Throws Problem 404, 409, 422. */
export async function enterFacts(
  tx: Tx,
  { platform, book }: ReckoningDeps,
  law: Law,
  incident: string,
  given: Given,
  by: By,
): Promise<void> {
  const now = platform.clock.now();
  for (const [name, value] of Object.entries(given.times ?? {})) {
    const word = law.times.find(({ id }) => id === name);
    if (word === undefined) throw invalid(`times.${name}`, 'is no time of the rules');
    const at = value === null ? null : pastTime(`times.${name}`, value, now);
    await enter({ kind: 'time', name, value }, word.name, at);
  }
  for (const [name, value] of Object.entries(given.answers ?? {})) {
    const question = law.questions.find(({ id }) => id === name);
    if (question === undefined) throw invalid(`answers.${name}`, 'is no question of the rules');
    const choices = [...(question.choices ?? ['yes', 'no']), 'unknown'];
    if (value !== null && !choices.includes(value))
      throw invalid(`answers.${name}`, `is one of ${choices.join(', ')}`);
    await enter({ kind: 'answer', name, value }, question.text, null);
  }

  async function enter(
    entry: { kind: 'time' | 'answer'; name: string; value: string | null },
    words: string,
    at: number | null,
  ): Promise<void> {
    const { kind, name, value } = entry;
    // Read under the incident's lock, which the line takes.
    const before = async () => standing(await readEntries(tx, [incident]), kind)[name] ?? null;
    const seen = await before();
    if (seen === value) return;
    const said = value === null ? 'taken back' : value;
    const was = seen === null ? '' : ` (before: ${seen})`;
    await book.tell(
      tx,
      incident,
      {
        kind: 'clock',
        text: `${words}: ${said}${was}`,
        about: name,
        ...(at === null ? {} : { happenedAt: new Date(at) }),
      },
      by,
    );
    await addEntry(tx, platform, incident, entry, by);
  }
}

/** Milliseconds since 1970. Throws Problem 422 that names the field. */
function pastTime(field: string, text: string, now: number): number {
  const at = readTime(text);
  if (typeof at === 'string') throw invalid(field, at);
  if (at > now + TOLERANCE_MS) throw invalid(field, 'lies ahead: enter what happened, not what is planned');
  return at;
}

/** The clock of a rule, whether it runs or an answer takes it out. Throws Problem 404. */
function ruleIn({ result, file }: Reckoned, rule: string): { clock: Clock | null; title: string } {
  const clock = result.clocks.find((one) => one.rule === rule);
  if (clock !== undefined) return { clock, title: `${clock.title} (${clock.article})` };
  const aside = result.set_aside.find((one) => one.rule === rule);
  if (aside === undefined) throw notFound('clock');
  const own = file.rules.find(({ id }) => id === rule);
  return { clock: null, title: own === undefined ? `${aside.title} (${aside.article})` : aside.title };
}

export type Ending =
  | { kind: 'submitted'; at: string; what: string; receipt?: string | undefined }
  | { kind: 'not_required'; because: string }
  | { kind: 'late'; because: string }
  | { kind: 'reopened'; because: string };

/** Ends a clock, says why it is late, or takes what was entered back. Throws Problem 404, 409, 422. */
export async function endClock(
  tx: Tx,
  { platform, book, sealer }: ReckoningDeps,
  reckoned: Reckoned,
  rule: string,
  given: Ending,
  by: By,
): Promise<void> {
  const now = platform.clock.now();
  const incident = reckoned.head.id;
  const { clock, title } = ruleIn(reckoned, rule);
  const at = given.kind === 'submitted' ? pastTime('at', given.at, now) : null;
  await book.tell(
    tx,
    incident,
    {
      kind: 'clock',
      text: `${title}: ${saidOf(given)}`,
      about: rule,
      ...(at === null ? {} : { happenedAt: new Date(at) }),
    },
    by,
  );
  // The incident is locked by now: what others entered meanwhile counts.
  const opened = await sealer();
  const ends = endsOf((await readEnds(tx, opened, [incident])).get(incident) ?? []);
  expectFits(given, clock, ends[rule] ?? null, now);
  const own = reckoned.file.rules.find(({ id }) => id === rule);
  const { kind, ...said } = given;
  const words: EndWords = { ...said, ...(own === undefined ? {} : { rule: own }) };
  await addEnd(tx, platform, opened, incident, { rule, kind, words }, by);
}

const cannot = (code: string, text: string) => new Problem(409, code, text);

function expectFits({ kind }: Ending, clock: Clock | null, end: End | null, now: number): void {
  const isSubmitted = (end?.submissions ?? []).length > 0;
  if (kind === 'reopened' && end === null)
    throw cannot('clock_open', 'Nothing was entered that ended this clock.');
  if (kind === 'not_required' && isSubmitted) {
    throw cannot(
      'clock_submitted',
      'It was submitted. Reopen the clock first, if that was entered in error.',
    );
  }
  if (kind !== 'late') return;
  if (end?.not_required !== undefined) {
    throw cannot('clock_not_required', 'It was decided that it is not required. Reopen the clock first.');
  }
  const isAhead = clock?.due != null && !isSubmitted && Date.parse(clock.due.at) >= now;
  if (clock?.start == null || isAhead) {
    throw cannot(
      'clock_not_late',
      'The clock is not late: its strict time lies ahead, or it has not started.',
    );
  }
}

function saidOf(given: Ending): string {
  switch (given.kind) {
    case 'submitted':
      return `submitted: ${given.what}${given.receipt === undefined ? '' : `, receipt ${given.receipt}`}`;
    case 'not_required':
      return `decided as not required: ${given.because}`;
    case 'late':
      return `late: ${given.because}`;
    case 'reopened':
      return `runs again: ${given.because}`;
  }
}

/** Says that whoever leads the incident knows of a clock. Throws Problem 403, 404, 409. */
export async function acknowledge(
  tx: Tx,
  { platform, book }: ReckoningDeps,
  reckoned: Reckoned,
  rule: string,
  by: By,
): Promise<void> {
  const now = platform.clock.now();
  const incident = reckoned.head.id;
  const { clock, title } = ruleIn(reckoned, rule);
  const moment = clock?.due ?? clock?.start ?? null;
  if (moment === null)
    throw cannot('clock_waits', 'The clock has not started: there is nothing to acknowledge.');
  const leads = await book.leads(incident);
  if (!leads.some(({ id }) => id === by.actor.id)) {
    throw new Problem(
      403,
      'not_lead',
      'Only who leads the incident acknowledges its clocks. Take the role of lead in the incident first.',
    );
  }
  await book.tell(tx, incident, { kind: 'clock', text: `${title}: acknowledged`, about: rule }, by);
  await tx
    .withTables<ObligationTables>()
    .insertInto('obligation_acknowledgement')
    .values({
      incident,
      rule,
      due_at: new Date(moment.at),
      at: new Date(now),
      by_id: by.actor.id,
      by_name: by.actor.name,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
