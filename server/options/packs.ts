import type { Command } from 'commander';
import type { ConfigFlags } from '../config.ts';

export function addPackCommands(root: Command, flags: () => ConfigFlags): void {
  const packs = root.command('packs').description('vendor packs: vendors as data');
  packs
    .command('lint [files...]')
    .description('check packs (default: all that are shipped); errors point to file, line and field')
    .option('--json', 'print findings as JSON')
    .action(async (files: string[], options: { json?: boolean }) => {
      const { lintPacksCommand } = await import('../commands/lint-packs.ts');
      await lintPacksCommand(files, options);
    });
  packs
    .command('coverage')
    .description('count what is known of vendors, by kind of fact')
    .option('--missing', 'name what each vendor lacks to be complete')
    .option('--json', 'print it as JSON')
    .action(async (options: { json?: boolean; missing?: boolean }) => {
      const { coverageCommand } = await import('../commands/coverage.ts');
      await coverageCommand(options);
    });
  packs
    .command('test <file>')
    .description(
      'try the samples and examples of a pack: what the vendor would get, and whether that is as it says',
    )
    .option('--json', 'print results as JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const { testPackCommand } = await import('../commands/test-packs.ts');
      await testPackCommand(file, options);
    });
  packs
    .command('add <file>')
    .description(
      'enter a pack into the running deployment, or a new version of it; it can be connected at once',
    )
    .option('--reason <text>', 'why, for the record', 'Added from the command line')
    .option('--json', 'print vendor and version as JSON')
    .action(async (file: string, options: { reason: string; json?: boolean }) => {
      const { addPackCommand } = await import('../commands/add-pack.ts');
      await addPackCommand(flags(), file, options);
    });
}
