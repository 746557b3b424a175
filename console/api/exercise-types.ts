/** Exercises: incidents of others, played as drills. The control plane's own shapes are held against these. */

export interface ExerciseGoal {
  id: string;
  text: string;
  withinMinutes: number;
}

export interface ExerciseRunRow {
  id: string;
  exercise: { id: string; title: string };
  incident: { id: string; number: number };
  /** Minutes of the exercise that pass in a minute. */
  pace: number;
  begunAt: string;
  begunBy: string;
  endedAt: string | null;
  /** Goals that were met in time. */
  met: number;
  goals: number;
}

export interface Exercise {
  id: string;
  title: string;
  seat: 'company' | 'customer';
  summary: string;
  playbook: string;
  party: string | null;
  lastsMinutes: number;
  messages: number;
  goals: ExerciseGoal[];
  asOf: string;
  lastRun: ExerciseRunRow | null;
}

export interface ExerciseRun extends ExerciseRunRow {
  summary: string;
  party: string | null;
  lastsMinutes: number;
  messages: {
    id: string;
    atMinute: number;
    about: string;
    text: string;
    note: string | null;
    from: string;
    /** The public account that it was read in; null until the end. */
    readIn: string | null;
  }[];
  messagesToCome: number;
  nextMessageAt: string | null;
  score: (ExerciseGoal & {
    state: 'met' | 'late' | 'open' | 'overdue' | 'missed';
    afterMinutes: number | null;
    line: number | null;
  })[];
  debrief: { text: string; readIn: string }[];
}
