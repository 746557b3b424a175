import type { Command } from 'commander';
import type { ProveFlags } from '../commands/prove-entry.ts';
import type { VerifyFlags } from '../commands/verify-log.ts';
import type { ConfigFlags } from '../config.ts';
import type { TrustFlags } from '../logs/trust.ts';

/** These need no deployment and no database, but for one: a copy of a log's directory will do. */
export function addLogCommands(root: Command, flags: () => ConfigFlags): void {
  const log = root.command('log').description('transparency logs: list, verify, prove');
  const believing = (command: Command): Command =>
    command
      .option('--witness <vkey>', 'a witness whose cosignature counts; may be given again', collect, [])
      .option('--quorum <number>', 'how many of the witnesses must have cosigned (default: all)');
  const pruned = [
    '--minimum-index <n>',
    "full bundles of entries below it may be gone, as the log's stated policy says",
  ] as const;
  log
    .command('list')
    .description('say which logs lie below the data directory')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => {
      const { listLogsCommand } = await import('../commands/list-logs.ts');
      await listLogsCommand(flags(), options);
    });
  log
    .command('new-epoch <log>')
    .description(
      'begin a log anew whose files are lost, or were set back (log: control; root, with the next start)',
    )
    .requiredOption('--reason <text>', 'why; it stands in the log for ever: name no person')
    .option('--json', 'print the new log as JSON')
    .action(async (name: string, options: { reason: string; json?: boolean }) => {
      const { newEpochCommand } = await import('../commands/new-epoch.ts');
      await newEpochCommand(flags(), name, options);
    });
  believing(
    log
      .command('verify <dir>')
      .description(
        'of a directory or an http(s) URL: check signatures, recompute the root from the entries, account for every byte',
      )
      .requiredOption('--vkey <vkey>', "the log's verifier key"),
  )
    .option(
      '--earlier <file>',
      'a checkpoint kept from before, which the log must still begin with; may be given again',
      collect,
      [],
    )
    .option(...pruned)
    .option('--json', 'print the report as JSON')
    .action(async (path: string, options: VerifyFlags) => {
      const { verifyLogCommand } = await import('../commands/verify-log.ts');
      await verifyLogCommand(path, options);
    });
  log
    .command('fsck <dir>')
    .description('the same without a key: whether all fits together, whoever signed it')
    .option(...pruned)
    .option('--json', 'print the report as JSON')
    .action(async (path: string, options: VerifyFlags) => {
      const { verifyLogCommand } = await import('../commands/verify-log.ts');
      await verifyLogCommand(path, options);
    });
  believing(
    log
      .command('checkpoint <dir>')
      .description('print the signed checkpoint')
      .option('--vkey <vkey>', "the log's verifier key; without it no signature is checked"),
  )
    .option('--json', 'print it as JSON')
    .action(async (path: string, options: TrustFlags & { json?: boolean }) => {
      const { showCheckpointCommand } = await import('../commands/show-checkpoint.ts');
      await showCheckpointCommand(path, options);
    });
  believing(
    log
      .command('prove <dir> <index>')
      .description('print a proof that an entry is in the log, to be checked offline')
      .option('--vkey <vkey>', "the log's verifier key; without it no signature is checked")
      .option('--out <file>', 'write the proof there (….tlog-proof)')
      .option('--entry <file>', 'write the entry there'),
  ).action(async (path: string, index: string, options: ProveFlags) => {
    const { proveEntryCommand } = await import('../commands/prove-entry.ts');
    await proveEntryCommand(path, index, options);
  });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
