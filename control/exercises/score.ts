import type { BareLine } from '../incidents/index.ts';
import type { Exercise, Goal } from './pack.ts';

/** Who enters the messages of an exercise: what it enters counts for nobody. */
export const exerciseActor = { id: 'system:exercise', name: 'The exercise' } as const;

export interface GoalScore {
  id: string;
  text: string;
  withinMinutes: number;
  /**
   * `met`: in time. `late`: after it. `open`: not yet, and there is time. `overdue`: not yet, and the time is over. `missed`: the exercise
   * ended without it.
   */
  state: 'met' | 'late' | 'open' | 'overdue' | 'missed';
  /** Minutes from the beginning until it was met; null: it was not. */
  afterMinutes: number | null;
  /** The line of the timeline that met it; null: none did, or a clock did. */
  line: number | null;
}

export interface Played {
  begunAt: Date;
  endedAt: Date | null;
  now: Date;
  lines: readonly BareLine[];
  /** Rules whose clock ended (submitted, or decided not to be required), and when that was entered. */
  clocksEnded: ReadonlyMap<string, Date>;
}

const MINUTE_MS = 60_000;

/** A question that its playbook brought names itself; one of a person names nothing. */
const isBrought = ({ kind, about }: BareLine): boolean => kind === 'question' && about !== null;

/**
 * What was reached, when. Of lines, those of people count that nobody withdrew, from the beginning to the end of the exercise; what its
 * playbook brought when it began is nobody's doing.
 */
export function scoreOf(exercise: Pick<Exercise, 'goals'>, played: Played): GoalScore[] {
  const withdrawn = new Set(
    played.lines.flatMap(({ kind, refers }) => (kind === 'withdrawn' && refers !== null ? [refers] : [])),
  );
  const counted = played.lines.filter(
    (line) =>
      line.byId !== exerciseActor.id &&
      !isBrought(line) &&
      !withdrawn.has(line.n) &&
      line.at >= played.begunAt &&
      (played.endedAt === null || line.at <= played.endedAt),
  );
  return exercise.goals.map((goal) => scoreGoal(goal, played, counted));
}

function scoreGoal(goal: Goal, played: Played, counted: readonly BareLine[]): GoalScore {
  const { begunAt, endedAt, now } = played;
  const met = metBy(goal, played, counted);
  const minutes = (at: Date) => (at.getTime() - begunAt.getTime()) / MINUTE_MS;
  const after = met === null ? null : minutes(met.at);
  const state = () => {
    if (after !== null) return after <= goal.within_minutes ? 'met' : 'late';
    if (endedAt !== null) return 'missed';
    return minutes(now) <= goal.within_minutes ? 'open' : 'overdue';
  };
  return {
    id: goal.id,
    text: goal.text,
    withinMinutes: goal.within_minutes,
    state: state(),
    afterMinutes: after === null ? null : Math.round(after * 10) / 10,
    line: met?.n ?? null,
  };
}

function metBy(
  { met_by }: Goal,
  { begunAt, endedAt, clocksEnded }: Played,
  counted: readonly BareLine[],
): { at: Date; n: number | null } | null {
  if ('clock' in met_by) {
    const at = clocksEnded.get(met_by.clock);
    return at === undefined || at < begunAt || (endedAt !== null && at > endedAt) ? null : { at, n: null };
  }
  const { line, about } = met_by;
  return counted.find((one) => one.kind === line && (about === undefined || one.about === about)) ?? null;
}
