import { type Condition, questionsOf } from './condition.ts';
import type { Problem } from './error.ts';
import type { CalendarRules } from './holidays.ts';
import { amountOf, type Question, type Rule, type Start, type TimeWord } from './rule.ts';
import { isZone } from './time.ts';

interface Law {
  rules: readonly Rule[];
  questions: readonly Question[];
  times: readonly TimeWord[];
  calendars: readonly CalendarRules[];
}

/** Longest periods that make sense; longer ones are slips of the pen. */
const MOST = { hours: 2400, days: 400, months: 60, working_days: 250 };

/**
 * What does not fit together in a body of law: names that are not there or twice, chains of submissions that come back to where they
 * began, periods without length. Empty: all fits. `field` begins with the id of the rule, question, time or calendar.
 */
export function checkRules({ rules, questions, times, calendars }: Law): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, message: string): void => {
    problems.push({ field, message });
  };
  const lists: readonly [string, readonly { id: string }[]][] = [
    ['rule', rules],
    ['question', questions],
    ['time', times],
    ['calendar', calendars],
  ];
  for (const [kind, list] of lists) {
    const seen = new Set<string>();
    for (const { id } of list) {
      if (seen.has(id)) add(id, `is the id of two of them (${kind})`);
      seen.add(id);
    }
  }
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const asked = new Map(questions.map((question) => [question.id, question]));
  const words = new Set(times.map(({ id }) => id));
  const checkCondition = (field: string, condition: Condition | undefined): void => {
    if (condition === undefined) return;
    for (const id of questionsOf(condition))
      if (!asked.has(id)) add(field, `asks ${id}, which is no question`);
    for (const { answer, choices } of choicesIn(condition)) {
      const question = asked.get(answer);
      if (question === undefined) continue;
      if (choices === null && question.choices !== undefined)
        add(field, `${answer} is no yes-or-no question`);
      for (const choice of choices ?? [])
        if (question.choices?.includes(choice) !== true) add(field, `${choice} is no choice of ${answer}`);
    }
  };
  const checkStart = (field: string, start: Start): void => {
    if ('time' in start) {
      if (!words.has(start.time)) add(field, `starts from ${start.time}, which is no time`);
    } else
      for (const id of start.submitted)
        if (!byId.has(id)) add(field, `starts from the submission of ${id}, which is no rule`);
  };
  for (const rule of rules) {
    const { id, due } = rule;
    checkStart(`${id}.starts`, rule.starts);
    checkCondition(`${id}.applies`, rule.applies);
    checkCondition(`${id}.unless`, rule.unless);
    for (const [index, { when }] of (rule.armed ?? []).entries())
      checkCondition(`${id}.armed.${index}`, when);
    if (rule.status === 'armed' && (rule.armed ?? []).length === 0)
      add(`${id}.armed`, 'is missing: an armed rule says until when');
    if (rule.reviewed_by === '' ? rule.reviewed_on !== '' : rule.reviewed_on === '')
      add(`${id}.reviewed_by`, 'reviewed_by and reviewed_on go together');
    if (rule.puts_number_on !== undefined) {
      const other = byId.get(rule.puts_number_on);
      if (other === undefined || !('no_number' in other.due))
        add(`${id}.puts_number_on`, 'is no rule without a number');
      if ('no_number' in due) add(`${id}.puts_number_on`, 'has no number to give');
    }
    if ('no_number' in due) continue;
    const { n, unit } = amountOf(due.within);
    if (!Number.isInteger(n) || n < 1 || n > MOST[unit])
      add(`${id}.due.within`, `is a whole number of ${unit.replace('_', ' ')} from 1 to ${MOST[unit]}`);
    if (due.no_later_than !== undefined) {
      checkStart(`${id}.due.no_later_than.from`, due.no_later_than.from);
      if (unit !== 'hours') add(`${id}.due.no_later_than`, 'is only for periods of hours');
      const { hours } = due.no_later_than.within;
      if (!Number.isInteger(hours) || hours < 1 || hours > MOST.hours)
        add(`${id}.due.no_later_than.within`, `is a whole number of hours from 1 to ${MOST.hours}`);
    }
    const { calendar, zone, day_ends, noon_rule } = due.counting;
    if (calendar !== undefined && !calendars.some((one) => one.id === calendar))
      add(`${id}.due.counting.calendar`, `there is no calendar ${calendar}`);
    if (zone !== undefined && !isZone(zone)) add(`${id}.due.counting.zone`, 'is no zone, as Europe/Berlin');
    if (day_ends !== undefined && unit === 'hours')
      add(`${id}.due.counting.day_ends`, 'is for periods of days, not of hours');
    if (day_ends !== undefined && !/^(?:24:00|(?:[01]\d|2[0-3]):[0-5]\d)$/.test(day_ends))
      add(`${id}.due.counting.day_ends`, 'is no time of a day, as 17:30 or 24:00');
    checkCondition(`${id}.due.counting.noon_rule.not_for`, noon_rule?.not_for);
  }
  problems.push(...circles(rules, byId));
  return problems;
}

function choicesIn(condition: Condition): { answer: string; choices: readonly string[] | null }[] {
  if ('is' in condition) return [{ answer: condition.is, choices: null }];
  if ('answer' in condition) return [{ answer: condition.answer, choices: condition.in }];
  if ('not' in condition) return choicesIn(condition.not);
  return ('all' in condition ? condition.all : condition.any).flatMap(choicesIn);
}

/** A clock that starts, over others, from its own submission would never start. Walks each rule once. */
function circles(rules: readonly Rule[], byId: ReadonlyMap<string, Rule>): Problem[] {
  const problems: Problem[] = [];
  const done = new Set<string>();
  for (const { id: begin } of rules) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const stack: { id: string; next: string[] }[] = [];
    const enter = (id: string): void => {
      path.push(id);
      onPath.add(id);
      stack.push({ id, next: [...startsFrom(byId.get(id))] });
    };
    if (!done.has(begin)) enter(begin);
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const next = top.next.pop();
      if (next === undefined) {
        done.add(top.id);
        onPath.delete(top.id);
        path.pop();
        stack.pop();
      } else if (onPath.has(next))
        problems.push({
          field: `${next}.starts`,
          message: `starts from its own submission: ${[...path.slice(path.indexOf(next)), next].join(' after ')}`,
        });
      else if (!done.has(next) && byId.has(next)) enter(next);
    }
  }
  return problems;
}

function startsFrom(rule: Rule | undefined): readonly string[] {
  if (rule === undefined) return [];
  const starts = [rule.starts];
  if ('within' in rule.due && rule.due.no_later_than !== undefined) starts.push(rule.due.no_later_than.from);
  return starts.flatMap((start) => ('submitted' in start ? start.submitted : []));
}
