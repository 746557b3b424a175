import type { Command } from 'commander';
import type { RestoreFlags } from '../commands/restore.ts';
import type { ConfigFlags } from '../config.ts';

export function addBackupCommands(root: Command, flags: () => ConfigFlags): void {
  root
    .command('backup <dir>')
    .description('copy database and logs, of one moment, to a new directory; keys are not in it')
    .option('--json', 'print what was copied as JSON')
    .action(async (directory: string, options: { json?: boolean }) => {
      const { backupCommand } = await import('../commands/backup.ts');
      await backupCommand(flags(), directory, options);
    });
  root
    .command('backup-keys <dir>')
    .description('copy the keys to a new directory, to be kept apart from the data')
    .action(async (directory: string) => {
      const { backupKeysCommand } = await import('../commands/backup.ts');
      await backupKeysCommand(flags(), directory);
    });
  root
    .command('restore <dir>')
    .description('bring a deployment back from a backup, into an empty data directory')
    .option('--keys-from <dir>', 'a copy of the keys to put back, too')
    .option('--new-epoch', 'begin logs anew that were signed beyond the backup; needs --reason')
    .option('--reason <text>', 'why; it stands in the log for ever: name no person')
    .option('--json', 'print what was restored as JSON')
    .action(async (directory: string, options: RestoreFlags) => {
      const { restoreCommand } = await import('../commands/restore.ts');
      await restoreCommand(flags(), directory, options);
    });
}
