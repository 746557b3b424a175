import type { Sheet } from './play.ts';

const marks: Record<string, string> = {
  met: 'in time',
  late: 'late',
  open: 'open',
  overdue: 'overdue',
  missed: 'missed',
};

const secondsOf = (ms: number | null): string => (ms === null ? '' : `after ${(ms / 1000).toFixed(1)} s`);

/** The score sheet, for a terminal. */
export function sheetText({ exercise, people, messages, goals, met, debrief }: Sheet): string {
  const wide = Math.max(...goals.map(({ text }) => text.length));
  const lines = [
    exercise.title,
    `${messages} messages, ${people} made-up people. A script did the responder's part: the times are the system's, without the person's.`,
    '',
    ...goals.flatMap(({ text, withinMinutes, state, afterMs, said, problem }) => [
      `  ${text.padEnd(wide)}  ${(marks[state] ?? state).padEnd(8)} ${secondsOf(afterMs)} (goal: ${withinMinutes} min)`,
      ...(said === null ? [] : [`    ${said}`]),
      ...(problem === null ? [] : [`    ${problem}`]),
    ]),
    '',
    `${met} of ${goals.length} goals met in time.`,
    '',
    'What really happened:',
    ...debrief.map(({ text, readIn }) => `  ${text} (${readIn})`),
  ];
  return `${lines.join('\n')}\n`;
}
