import { type Clock, type Deadlines, type Law, UNREVIEWED } from '@drawbridge/clocks';

/** What comes first on a wall of clocks. */
const order = ['late', 'due', 'running', 'unknown', 'waiting', 'armed', 'submitted', 'not_required'] as const;

const headings: Readonly<Record<Clock['state'], string>> = {
  late: 'Late',
  due: 'Due',
  running: 'Running',
  unknown: 'May apply: answer the questions',
  waiting: 'Waiting',
  armed: 'Armed, without bite as yet',
  submitted: 'Submitted',
  not_required: 'Decided as not required',
};

/** Deadlines for people: what is late and due first, each with its steps. */
export function deadlinesText(
  deadlines: Deadlines,
  { organisation, incident }: { organisation: string | null; incident: string | null },
): string {
  const title = [incident, organisation].filter((name) => name !== null).join(', ');
  const lines = [`${title === '' ? 'Deadlines' : title}, reckoned at ${deadlines.at}`];
  for (const state of order) {
    const clocks = deadlines.clocks.filter((clock) => clock.state === state).toSorted(byDue);
    if (clocks.length === 0) continue;
    lines.push('', headings[state]);
    for (const clock of clocks)
      lines.push(...(clock.start === null && clock.end === null ? shortLines(clock) : clockLines(clock)));
  }
  if (deadlines.questions.length > 0) {
    lines.push('', 'Questions that decide');
    for (const { id, text, choices, rules } of deadlines.questions)
      lines.push(`  ${id} (${choices.join(', ')}): ${text}`, `    decides ${rules.join(', ')}`);
  }
  if (deadlines.set_aside.length > 0) {
    lines.push('', 'Set aside by your answers');
    for (const { rule, article, title: name, because, would_change } of deadlines.set_aside) {
      const why = because.map(({ question, answer }) => `${question}: ${answer}`).join(', ');
      const other = would_change.map(({ question, answer }) => `${question}: ${answer}`).join(', ');
      lines.push(
        `  ${rule}  ${name} (${article}), as ${why}`,
        ...(other === '' ? [] : [`    would come back with ${other}`]),
      );
    }
  }
  if (deadlines.horizon.length > 0) {
    lines.push('', 'On the horizon, not in force');
    for (const { rule, title: name, notes } of deadlines.horizon)
      lines.push(`  ${rule}  ${name}. ${notes.join(' ')}`);
  }
  return lines.join('\n');
}

/** What has not started: what it waits for is all that helps now; the rest is in the JSON. */
function shortLines({
  rule,
  title,
  regime,
  article,
  waits_for,
  outlook,
  questions,
  review,
}: Clock): string[] {
  return [
    `  ${rule}  ${title}, ${regime} ${article}`,
    `    waits for: ${waits_for?.text ?? ''}`,
    ...(outlook === null ? [] : [`    would be ${outlook.text}, if ${outlook.if}`]),
    ...(questions.length === 0 ? [] : [`    open questions: ${questions.join(', ')}`]),
    ...(review === null ? [`    note: ${UNREVIEWED}`] : []),
  ];
}

function clockLines(clock: Clock): string[] {
  const due =
    clock.due?.text ??
    (clock.no_number !== null && clock.start !== null ? clock.no_number : 'no time as yet');
  const lines = [
    `  ${clock.rule}  ${due}`,
    `    ${clock.title}, ${clock.regime} ${clock.article}, to ${clock.recipient}`,
  ];
  const add = (text: string): void => {
    lines.push(`    ${text}`);
  };
  if (clock.waits_for !== null) add(`waits for: ${clock.waits_for.text}`);
  if (clock.outlook !== null) add(`would be ${clock.outlook.text}, if ${clock.outlook.if}`);
  for (const { text } of clock.steps) add(`  ${text}`);
  for (const { rule, due: number } of clock.numbers) add(`number from ${rule}: ${number?.text ?? 'waits'}`);
  for (const { text, disputed, reason } of clock.latest?.readings ?? [])
    add(`can be argued until ${text}${disputed ? ' (disputed)' : ''}: ${reason}`);
  for (const { at, what, receipt } of clock.end?.submissions ?? [])
    add(`submitted ${at}: ${what}${receipt === undefined ? '' : `, receipt ${receipt}`}`);
  const decided = clock.end?.not_required ?? null;
  if (decided !== null)
    add(`not required, decided by ${decided.decided_by} at ${decided.at}: ${decided.reason}`);
  const late = clock.end?.late ?? null;
  if (late !== null) add(`late, because: ${late}`);
  if (clock.questions.length > 0) add(`open questions: ${clock.questions.join(', ')}`);
  if (clock.review !== null) add(`reviewed by ${clock.review.by} on ${clock.review.on}`);
  for (const note of clock.notes) add(`note: ${note}`);
  for (const note of clock.disputed) add(`disputed: ${note}`);
  const { citation, grade, as_of, url } = clock.source;
  add(`source: ${citation} (${grade}, read ${as_of})${url === undefined ? '' : ` ${url}`}`);
  return lines;
}

const byDue = (a: Clock, b: Clock): number => time(a) - time(b);
const time = ({ due }: Clock): number => (due === null ? Number.MAX_SAFE_INTEGER : Date.parse(due.at));

/** What facts can name. */
export function wordsText({ questions, times, rules, calendars }: Law): string {
  return [
    'Questions (organisation.answers, incident.answers)',
    ...questions.map(
      ({ id, text, of, choices }) => `  ${id} (${of}; ${(choices ?? ['yes', 'no']).join(', ')}): ${text}`,
    ),
    '',
    'Times (incident.times)',
    ...times.map(({ id, text }) => `  ${id}: ${text}`),
    '',
    'Rules (ends, reviews)',
    ...rules.map(
      ({ id, regime, article, title, status }) => `  ${id} (${status}): ${title}, ${regime} ${article}`,
    ),
    '',
    'Calendars (organisation.country)',
    ...calendars.flatMap(({ id, name, zone, notes }) => [
      `  ${id}: ${name}, ${zone}`,
      ...notes.map((note) => `      ${note}`),
    ]),
  ].join('\n');
}
