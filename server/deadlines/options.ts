import type { Command } from 'commander';
import type { DeadlinesFlags } from '../commands/deadlines.ts';

const help = `
Facts are JSON: when you knew what, who you are, what was submitted. Times carry an offset, as 2025-11-08T14:10:00+01:00.

  drawbridge deadlines --facts facts.json          what is due, to whom, and why
  drawbridge deadlines --facts - --json < facts    for scripts
  drawbridge deadlines --words                     the questions and times that facts can answer

Exit codes: 0 nothing is late, 1 a clock is late, 2 the facts or a setting were wrong. docs/deadlines.md`;

/** Adds `drawbridge deadlines`. It needs no deployment and no network. */
export function addDeadlinesCommand(root: Command): void {
  root
    .command('deadlines')
    .description('say what an incident makes due, to whom and by when')
    .option('--facts <file>', 'what is known, JSON; - reads it from input')
    .option('--at <time>', 'the time of reckoning (default: that of the facts, else now)')
    .option('--words', 'print questions, times, rules and calendars that facts can name')
    .option('--json', 'print it as JSON')
    .addHelpText('after', help)
    .action(async (flags: DeadlinesFlags) => {
      const { deadlinesCommand } = await import('../commands/deadlines.ts');
      await deadlinesCommand(flags);
    });
}
