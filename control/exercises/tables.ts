export type RunRow = {
  id: string;
  exercise: string;
  incident: string;
  /** Minutes of the exercise that pass in a minute. */
  pace: number;
  moved_days: number;
  begun_at: Date;
  begun_by: string;
  delivered: string[];
  ended_at: Date | null;
};

export type ExerciseTables = { exercise_run: RunRow };
