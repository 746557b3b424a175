export { checkRules } from './check.ts';
export type { Clock, Deadlines, SetAside, State } from './clock.ts';
export type { Condition } from './condition.ts';
export type { Step } from './count.ts';
export { Clocks, type Law, UNREVIEWED } from './deadlines.ts';
export { ClocksError, type ClocksErrorCode, type Problem } from './error.ts';
export type { End, Facts, Submission } from './facts.ts';
export {
  Calendar,
  type CalendarRules,
  type Holiday,
  holidaysOf,
  type Weekday,
  type When,
} from './holidays.ts';
export type { Counting, Due, Question, Rule, Source, Start, TimeWord, Within } from './rule.ts';
export { readTime } from './time.ts';
