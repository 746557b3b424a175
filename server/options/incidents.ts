import type { Command } from 'commander';
import type { BlastOptions } from '../commands/blast-radius.ts';
import type { SeverOptions } from '../commands/sever.ts';
import type { ConfigFlags } from '../config.ts';

export function addIncidentCommands(root: Command, flags: () => ConfigFlags): void {
  root
    .command('blast-radius <vendor>')
    .description('what a vendor or sub-processor may hold of ours, about whom, and what hangs on it')
    .option(
      '--from <time>',
      'since when it was breached: a day, or a time with its zone (default: 30 days ago)',
    )
    .option('--to <time>', 'until when (default: now)')
    .option('--json', 'print the answer as JSON')
    .action(async (vendor: string, options: BlastOptions) => {
      const { blastRadiusCommand } = await import('../commands/blast-radius.ts');
      await blastRadiusCommand(flags(), vendor, options);
    });
  root
    .command('sever <vendor>')
    .description(
      'cut a vendor off: all its connections and the egress proxy; says what is left to end elsewhere',
    )
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option(
      '--until <time>',
      'when it opens by itself: a time with its zone (default: when somebody reopens it)',
    )
    .option('--json', 'print the severance as JSON')
    .action(async (vendor: string, options: SeverOptions) => {
      const { severCommand } = await import('../commands/sever.ts');
      await severCommand(flags(), vendor, options);
    });
}
