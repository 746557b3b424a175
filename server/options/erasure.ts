import type { Command } from 'commander';
import type { EraseOptions } from '../commands/erase.ts';
import type { HoldSetOptions } from '../commands/hold.ts';
import type { ConfigFlags } from '../config.ts';

export function addErasureCommands(root: Command, flags: () => ConfigFlags): void {
  const about = (command: Command): Command =>
    command
      .option('--kind <kind>', 'user, email, device or group (default: as the ledger knows it)')
      .option('--only', 'this identifier alone, without those that are linked with it')
      .option('--json', 'print the answer as JSON');
  about(
    root
      .command('erase')
      .description('erase a person or group from journals and ledger, and say what persists: docs/erasure.md')
      .option(
        '--subject <identifier>',
        'an identifier as apps send it, or its pseudonym; - reads it from input',
      )
      .option('--request <id>', 'one that was asked for before and waited for a legal hold')
      .option('--reason <text>', 'why, for the record; it must not name the subject')
      .option('--dry-run', 'only say what would be erased'),
  ).action(async (options: EraseOptions) => {
    const { eraseCommand } = await import('../commands/erase.ts');
    await eraseCommand(flags(), options);
  });
  const hold = root.command('hold').description('legal holds: what is held is neither erased nor pruned');
  about(
    hold
      .command('set')
      .description('hold what is known of a subject')
      .requiredOption('--subject <identifier>', 'an identifier or its pseudonym; - reads it from input')
      .requiredOption('--reason <text>', 'why, for the record; it must not name the subject')
      .option('--until <time>', 'when it ends by itself'),
  ).action(async (options: HoldSetOptions) => {
    const { setHoldCommand } = await import('../commands/hold.ts');
    await setHoldCommand(flags(), options);
  });
  hold
    .command('lift <id>')
    .description('end a hold; erasures that waited for it are named')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--json', 'print the hold as JSON')
    .action(async (id: string, options: { reason: string; json?: boolean }) => {
      const { liftHoldCommand } = await import('../commands/hold.ts');
      await liftHoldCommand(flags(), id, options);
    });
  hold
    .command('list')
    .description('holds, newest first')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => {
      const { listHoldsCommand } = await import('../commands/hold.ts');
      await listHoldsCommand(flags(), options);
    });
}
