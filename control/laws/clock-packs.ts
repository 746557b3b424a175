import type { CalendarRules, Question, Rule, TimeWord, Weekday } from '@drawbridge/clocks';
import { z } from 'zod';
import { type Add, type PackFileProblem, readYaml } from '../platform/index.ts';
import {
  ConditionSchema,
  Country,
  Day,
  RuleId,
  ruleMembers,
  Text,
  Texts,
  Url,
  WordId,
} from './rule-schema.ts';

/**
 * Law on deadlines as data: one file of rules for each regime (`packs/laws/clocks/*.yaml`), one file of words (questions and times), and
 * one file for each calendar of holidays (`packs/laws/holidays/*.yaml`). Every rule says where it was read, in what, and when.
 */
export const RULES_FORMAT = 'drawbridge.clocks/1';
export const WORDS_FORMAT = 'drawbridge.clock-words/1';
export const HOLIDAYS_FORMAT = 'drawbridge.holidays/1';

const grade = z.enum(['official', 'copy', 'secondary']);

const RulesSchema = z.strictObject({
  format: z.literal(RULES_FORMAT),
  regime: z.string().regex(/^[A-Z][A-Za-z0-9 .-]{0,40}$/, 'letters, digits, spaces, . and -, at most 41'),
  as_of: Day,
  /** Counsel who reviewed all of the file; empty: nobody. A rule can say otherwise of itself. */
  reviewed_by: z.string().trim().max(200),
  reviewed_on: z.union([Day, z.literal('')]),
  sources: z.record(RuleId, z.strictObject({ citation: Text, url: Url, grade, as_of: Day })),
  /** Said of every rule of the file. */
  notes: Texts.default([]),
  disputed: Texts.default([]),
  rules: z
    .array(
      z.strictObject({
        ...ruleMembers,
        article: Text,
        content: Texts.min(1),
        from: RuleId,
        status: z.enum(['in_force', 'armed', 'horizon']),
        armed: z
          .array(z.strictObject({ until: Day, text: Text, when: ConditionSchema.optional() }))
          .min(1)
          .max(10)
          .optional(),
        valid_from: Day,
        as_of: Day.optional(),
      }),
    )
    .min(1)
    .max(100),
});

const WordsSchema = z.strictObject({
  format: z.literal(WORDS_FORMAT),
  as_of: Day,
  questions: z
    .array(
      z.strictObject({
        id: WordId,
        text: Text,
        of: z.enum(['organisation', 'incident']),
        choices: z.array(WordId).min(2).max(20).optional(),
        yes_in: z.array(Country).min(1).max(60).optional(),
      }),
    )
    .min(1)
    .max(200),
  times: z
    .array(z.strictObject({ id: WordId, name: Text, text: Text }))
    .min(1)
    .max(200),
});

const Weekdays: z.ZodType<Weekday> = z.union([1, 2, 3, 4, 5, 6, 7].map((n) => z.literal(n as Weekday)));
const MonthAndDay = z.string().regex(/^(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, 'is no MM-DD');
const Year = z.int().min(1990).max(2099);

const HolidaysSchema = z.strictObject({
  format: z.literal(HOLIDAYS_FORMAT),
  as_of: Day,
  id: Country,
  name: Text,
  zone: z.string().max(60),
  weekend: z.array(Weekdays).max(6),
  known: z.strictObject({ from: Year, until: Year }),
  sources: z.record(RuleId, z.strictObject({ citation: Text, url: Url, grade })),
  holidays: z
    .array(
      z.strictObject({
        name: Text,
        when: z.union([
          z.strictObject({ fixed: MonthAndDay }),
          z.strictObject({ easter: z.int().min(-100).max(100) }),
          z.strictObject({
            weekday: Weekdays,
            month: z.int().min(1).max(12),
            nth: z.union([1, 2, 3, 4, 5, -1].map((n) => z.literal(n as 1 | 2 | 3 | 4 | 5 | -1))),
          }),
          z.strictObject({ weekday: Weekdays, on_or_after: MonthAndDay }),
          z.strictObject({ weekday: Weekdays, on_or_before: MonthAndDay }),
          z.strictObject({ dates: z.array(Day).min(1).max(100) }),
        ]),
        from: Year.optional(),
        until: Year.optional(),
        only_on: z.array(Weekdays).min(1).optional(),
        except: z.array(MonthAndDay).min(1).max(10).optional(),
        moves: z
          .partialRecord(z.enum(['1', '2', '3', '4', '5', '6', '7']), z.int().min(-6).max(6))
          .optional(),
        substitute: z.boolean().optional(),
      }),
    )
    .min(1)
    .max(60),
  notes: Texts,
});

/** What one file of the three kinds holds. */
export type ClockFile =
  | { kind: 'rules'; rules: Rule[] }
  | { kind: 'words'; questions: Question[]; times: TimeWord[] }
  | { kind: 'calendar'; calendar: CalendarRules };

/** What a file says of itself. */
const kinds = new RegExp(
  `^format:\\s*['"]?(${[RULES_FORMAT, WORDS_FORMAT, HOLIDAYS_FORMAT].join('|')})`,
  'm',
);

/** Whether a file says that it is law on deadlines. */
export const isClockFile = (text: string): boolean => kinds.test(text);

/** Reads one file of the three kinds by itself; whether files fit together is for `joinLaw`. */
export function readClockFile(
  file: string,
  text: string,
): { read: ClockFile } | { problems: PackFileProblem[] } {
  const format = kinds.exec(text)?.[1];
  if (format === WORDS_FORMAT) {
    const words = readYaml(file, text, WordsSchema, () => undefined);
    if ('problems' in words) return words;
    const { questions, times } = words.value;
    return { read: { kind: 'words', questions, times } };
  }
  if (format === HOLIDAYS_FORMAT) {
    const holidays = readYaml(file, text, HolidaysSchema, checkHolidays);
    if ('problems' in holidays) return holidays;
    const { id, name, zone, weekend, known, holidays: days, notes } = holidays.value;
    return {
      read: { kind: 'calendar', calendar: { id, name, zone, weekend, known, holidays: days, notes } },
    };
  }
  const rules = readYaml(file, text, RulesSchema, checkSources);
  return 'problems' in rules ? rules : { read: { kind: 'rules', rules: rulesOf(rules.value) } };
}

function rulesOf({
  regime,
  as_of,
  reviewed_by,
  reviewed_on,
  sources,
  ...pack
}: z.infer<typeof RulesSchema>): Rule[] {
  return pack.rules.flatMap(({ from, ...rule }): Rule[] => {
    const source = Object.hasOwn(sources, from) ? sources[from] : undefined;
    // `checkSources` has refused a source that is not there.
    if (source === undefined) return [];
    const review = rule.reviewed_by === '' ? { reviewed_by, reviewed_on } : {};
    return [
      {
        ...rule,
        ...review,
        regime,
        kind: 'law',
        source,
        as_of: rule.as_of ?? as_of,
        notes: [...rule.notes, ...pack.notes],
        disputed: [...rule.disputed, ...pack.disputed],
      },
    ];
  });
}

function checkSources({ sources, rules, as_of }: z.infer<typeof RulesSchema>, add: Add): void {
  const used = new Set(rules.map(({ from }) => from));
  for (const [index, { from, status, armed, valid_from }] of rules.entries()) {
    const at = ['rules', index];
    if (!Object.hasOwn(sources, from)) add([...at, 'from'], `there is no source ${from}`);
    if (status !== 'armed' && armed !== undefined)
      add([...at, 'armed'], 'is only for a rule whose status is armed');
    if (status === 'in_force' && valid_from > as_of)
      add([...at, 'valid_from'], 'lies after as_of: what is not in force yet is armed or on the horizon');
  }
  for (const name of Object.keys(sources))
    if (!used.has(name)) add(['sources', name], 'no rule was read there: leave it out');
}

function checkHolidays({ known, holidays, sources }: z.infer<typeof HolidaysSchema>, add: Add): void {
  if (known.from > known.until) add(['known'], 'ends before it begins');
  if (Object.keys(sources).length === 0) add(['sources'], 'has none');
  for (const [index, { from, until, moves, substitute }] of holidays.entries()) {
    const at = ['holidays', index];
    if (from !== undefined && until !== undefined && from > until) add([...at, 'until'], 'lies before from');
    if (moves !== undefined && substitute === true)
      add([...at, 'substitute'], 'a holiday moves or has a substitute day, not both');
  }
}
