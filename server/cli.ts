import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { BlastOptions } from './commands/blast-radius.ts';
import type { EraseOptions } from './commands/erase.ts';
import type { ExportOptions } from './commands/export.ts';
import type { HoldSetOptions } from './commands/hold.ts';
import type { ProveFlags } from './commands/prove-entry.ts';
import type { RestoreFlags } from './commands/restore.ts';
import type { RotateFlags } from './commands/rotate-kek.ts';
import type { StartFlags } from './commands/start.ts';
import type { VerifyFlags } from './commands/verify-log.ts';
import type { WitnessFlags } from './commands/witness.ts';
import { type ConfigFlags, settings } from './config.ts';
import { addDeadlinesCommand } from './deadlines/options.ts';
import { addDiscoverCommand } from './discover/options.ts';
import { addVendorCommands } from './imports/options.ts';
import type { TrustFlags } from './logs/trust.ts';
import { ScanError } from './scan/errors.ts';
import { addScanCommand } from './scan/options.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function environmentHelp(): string {
  const rows = settings.map(
    ({ variable, fallback, text }) => `  ${variable.padEnd(37)}${text} (${fallback})`,
  );
  return `
Environment (a flag of the same meaning goes first):
${rows.join('\n')}

First steps:
  npm start                          then open the link that it prints
  npm run replay                     what a thief gets from a vendor, without and with Drawbridge
  npm run drawbridge -- status       what runs, and how far the journal has been taken in

Exit codes: 0 done, 1 failed or a threshold was missed, 2 the command or a setting was wrong.`;
}

/** The `drawbridge` command. Each command is one file in `commands/`, loaded when it is given: starting is to be quick. */
function program(): Command {
  const root = new Command('drawbridge')
    .description(
      'Stands between your apps and outside vendors: keeps the keys, minimises what crosses, records every crossing.',
    )
    .version(version)
    .option('--data <folder>', 'where the data lies')
    .option('--keys <folder>', 'where the keys lie')
    .option('--port <port>', 'port of console and API, or of the witness')
    .option('--gateway-port <port>', 'port of the gateway')
    .option('--gateway-host <address>', 'address that the gateway listens on')
    .addHelpText('after', environmentHelp())
    .showHelpAfterError('Add --help for the commands and settings.')
    .exitOverride();
  const flags = (): ConfigFlags => root.opts<ConfigFlags>();

  root
    .command('start', { isDefault: false })
    .description('start the database, the control plane and a gateway; stop with Ctrl-C')
    .option('--host <address>', 'address that the console listens on')
    .option('--public-url <url>', 'where other machines open the console, https://…')
    .option('--tls-cert <file>', 'certificate of the console, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--trusted-proxy <addresses>', 'addresses of the proxy that ends TLS in front of the console')
    .option('--json', 'print addresses as one line of JSON once it serves')
    .action(async ({ json, ...network }: StartFlags) => {
      const { startCommand } = await import('./commands/start.ts');
      await startCommand({ ...flags(), ...network }, { json: json === true });
    });
  root
    .command('sign-in')
    .description(
      'print a link that lets someone in once: the first administrator, or, by --email, who lost every other way in',
    )
    .option('--email <address>', 'whose factors and sessions end; who is not known becomes an owner')
    .option('--name <name>', 'what a person who is not known is called')
    .option('--json', 'print it as JSON')
    .action(async (options: { json?: boolean; email?: string; name?: string }) => {
      const { signInCommand } = await import('./commands/sign-in.ts');
      await signInCommand(flags(), options);
    });
  root
    .command('status')
    .description('say what runs and whether the gateways are up to date')
    .option('--json', 'print it as JSON')
    .action(async (options: { json?: boolean }) => {
      const { statusCommand } = await import('./commands/status.ts');
      await statusCommand(flags(), options);
    });
  root
    .command('replay')
    .argument('[name]', 'a scenario or an exercise (default: mixpanel-2025)')
    .description('play an incident that others had in a throw-away deployment')
    .option('--people <number>', 'how many made-up customers (default: what the scenario says)')
    .option('--json', 'print the result as JSON')
    .action(async (name: string | undefined, options: { people?: string; json?: boolean }) => {
      const { replayCommand } = await import('./commands/replay.ts');
      await replayCommand(name, flags(), options);
    });
  root
    .command('export')
    .description(
      'write crossings, sign-ins and changes for a SIEM, one event per line; ends with the cursor to go on from',
    )
    .requiredOption('--format <format>', 'ocsf or ecs')
    .option('--since <time or cursor>', 'where to start (default: at the beginning)')
    .option('--until <time>', 'leave out what is from then on or later')
    .option('--follow', 'go on with what comes, until it is stopped')
    .option('--details', 'with reasons and details of changes, which people wrote')
    .action(async (options: ExportOptions) => {
      const { exportCommand } = await import('./commands/export.ts');
      await exportCommand(flags(), options);
    });
  addScanCommand(root);
  addVerifyMessageCommand(root);
  addDeadlinesCommand(root);
  addDiscoverCommand(root);
  addBackupCommands(root, flags);
  addErasureCommands(root, flags);
  addIncidentCommands(root, flags);
  const packs = root.command('packs').description('vendor packs: vendors as data');
  packs
    .command('lint [files...]')
    .description('check packs (default: all that are shipped); errors point to file, line and field')
    .option('--json', 'print findings as JSON')
    .action(async (files: string[], options: { json?: boolean }) => {
      const { lintPacksCommand } = await import('./commands/lint-packs.ts');
      await lintPacksCommand(files, options);
    });
  packs
    .command('coverage')
    .description('count what is known of vendors, by kind of fact')
    .option('--missing', 'name what each vendor lacks to be complete')
    .option('--json', 'print it as JSON')
    .action(async (options: { json?: boolean; missing?: boolean }) => {
      const { coverageCommand } = await import('./commands/coverage.ts');
      await coverageCommand(options);
    });
  packs
    .command('test <file>')
    .description(
      'try the samples and examples of a pack: what the vendor would get, and whether that is as it says',
    )
    .option('--json', 'print results as JSON')
    .action(async (file: string, options: { json?: boolean }) => {
      const { testPackCommand } = await import('./commands/test-packs.ts');
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
      const { addPackCommand } = await import('./commands/add-pack.ts');
      await addPackCommand(flags(), file, options);
    });
  root
    .command('projections')
    .description('what is computed from the journals')
    .command('rebuild')
    .description('compute crossings, exposure ledger and review queue anew from the stored journals')
    .option('--json', 'print counts as JSON')
    .action(async (options: { json?: boolean }) => {
      const { rebuildCommand } = await import('./commands/rebuild.ts');
      await rebuildCommand(flags(), options);
    });
  addPolicyCommands(root, flags);
  addVaultCommands(root, flags);
  addVendorCommands(root, flags);
  addLogCommands(root, flags);
  root
    .command('witness')
    .description(
      'cosign the checkpoints of logs, for a partner or an auditor on another machine; see --port above',
    )
    .requiredOption('--key <file>', "the witness's key; made at the first start")
    .requiredOption('--log <vkey...>', 'verifier keys of the logs that are cosigned')
    .requiredOption('--dir <folder>', 'where it keeps in mind what it has cosigned')
    .option(
      '--name <name>',
      "the key's name when it is made, a URL without scheme (default: from the host's name)",
    )
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--tls-cert <file>', 'certificate, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--trusted-proxy <addresses>', 'addresses of the proxy that ends TLS in front')
    .option('--json', 'print address and verifier key as one line of JSON once it serves')
    .action(async (options: WitnessFlags) => {
      const { witnessCommand } = await import('./commands/witness.ts');
      await witnessCommand(flags(), options);
    });
  return root;
}

function addBackupCommands(root: Command, flags: () => ConfigFlags): void {
  root
    .command('backup <dir>')
    .description('copy database and logs, of one moment, to a new directory; keys are not in it')
    .option('--json', 'print what was copied as JSON')
    .action(async (directory: string, options: { json?: boolean }) => {
      const { backupCommand } = await import('./commands/backup.ts');
      await backupCommand(flags(), directory, options);
    });
  root
    .command('backup-keys <dir>')
    .description('copy the keys to a new directory, to be kept apart from the data')
    .action(async (directory: string) => {
      const { backupKeysCommand } = await import('./commands/backup.ts');
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
      const { restoreCommand } = await import('./commands/restore.ts');
      await restoreCommand(flags(), directory, options);
    });
}

function addVaultCommands(root: Command, flags: () => ConfigFlags): void {
  const vault = root.command('vault').description('the keys that wrap all others: docs/vault.md');
  vault
    .command('status')
    .description('say which keys there are, and what is under which')
    .option('--json', 'print it as JSON')
    .action(async (options: { json?: boolean }) => {
      const { vaultStatusCommand } = await import('./commands/vault-status.ts');
      await vaultStatusCommand(flags(), options);
    });
  vault
    .command('rotate-kek')
    .description('put another key-encryption key in use, while everything serves; interrupted, it goes on')
    .option('--to <source>', 'where the new key is (default: where the one in use is)')
    .option('--data-key', 'make a new data key, too, and wrap every secret anew under it')
    .option('--finish', 'let the key before go: the last step, once the new one is in use and copied')
    .option('--reason <text>', 'why, for the record', 'Rotated from the command line')
    .option('--json', 'print what was done as JSON')
    .action(async (options: RotateFlags) => {
      const { rotateKekCommand } = await import('./commands/rotate-kek.ts');
      await rotateKekCommand(flags(), options);
    });
}

function addErasureCommands(root: Command, flags: () => ConfigFlags): void {
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
    const { eraseCommand } = await import('./commands/erase.ts');
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
    const { setHoldCommand } = await import('./commands/hold.ts');
    await setHoldCommand(flags(), options);
  });
  hold
    .command('lift <id>')
    .description('end a hold; erasures that waited for it are named')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--json', 'print the hold as JSON')
    .action(async (id: string, options: { reason: string; json?: boolean }) => {
      const { liftHoldCommand } = await import('./commands/hold.ts');
      await liftHoldCommand(flags(), id, options);
    });
  hold
    .command('list')
    .description('holds, newest first')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => {
      const { listHoldsCommand } = await import('./commands/hold.ts');
      await listHoldsCommand(flags(), options);
    });
}

function addIncidentCommands(root: Command, flags: () => ConfigFlags): void {
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
      const { blastRadiusCommand } = await import('./commands/blast-radius.ts');
      await blastRadiusCommand(flags(), vendor, options);
    });
}

function addPolicyCommands(root: Command, flags: () => ConfigFlags): void {
  const policies = root
    .command('policies')
    .description('policies as files: <name>.cedar, <name>.examples.yaml');
  policies
    .command('check <folder>')
    .description('check a folder of policies and run their examples; errors point to file, line and column')
    .option('--json', 'print findings as JSON')
    .action(async (folder: string, options: { json?: boolean }) => {
      const { checkPoliciesCommand } = await import('./commands/policies.ts');
      await checkPoliciesCommand(folder, options);
    });
  policies
    .command('apply <folder>')
    .description('put all policies of a folder in force in the running deployment, or none of them')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--only', 'take all others out of force')
    .option('--json', 'print what was done as JSON')
    .action(async (folder: string, options: { reason: string; only?: boolean; json?: boolean }) => {
      const { applyPoliciesCommand } = await import('./commands/policies.ts');
      await applyPoliciesCommand(flags(), folder, options);
    });
  policies
    .command('deactivate [names...]')
    .description('take policies out of force; no policy can forbid this')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--all', 'all that are in force')
    .option('--json', 'print their names as JSON')
    .action(async (names: string[], options: { reason: string; all?: boolean; json?: boolean }) => {
      const { deactivatePoliciesCommand } = await import('./commands/policies.ts');
      await deactivatePoliciesCommand(flags(), names, options);
    });
}

/** These need no deployment and no database, but for one: a copy of a log's directory will do. */
function addLogCommands(root: Command, flags: () => ConfigFlags): void {
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
      const { listLogsCommand } = await import('./commands/list-logs.ts');
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
      const { newEpochCommand } = await import('./commands/new-epoch.ts');
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
      const { verifyLogCommand } = await import('./commands/verify-log.ts');
      await verifyLogCommand(path, options);
    });
  log
    .command('fsck <dir>')
    .description('the same without a key: whether all fits together, whoever signed it')
    .option(...pruned)
    .option('--json', 'print the report as JSON')
    .action(async (path: string, options: VerifyFlags) => {
      const { verifyLogCommand } = await import('./commands/verify-log.ts');
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
      const { showCheckpointCommand } = await import('./commands/show-checkpoint.ts');
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
    const { proveEntryCommand } = await import('./commands/prove-entry.ts');
    await proveEntryCommand(path, index, options);
  });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** Errors that say: the command or a setting was wrong, or what it names can't be read. */
const wrongUse: ReadonlySet<unknown> = new Set(['bad_facts', 'bad_option', 'config', 'no_log']);

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const wrongSetting =
      error instanceof ScanError || (error instanceof Error && 'code' in error && wrongUse.has(error.code));
    process.stderr.write(`drawbridge: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = wrongSetting ? 2 : 1;
  }
}

function addVerifyMessageCommand(root: Command): void {
  root
    .command('verify-message')
    .argument('<paths...>', 'messages (.eml), mailboxes (mbox), or folders of them')
    .description('say whether messages are from whom they say they are; works without a running server')
    .option('--report', 'only how many, by vendor: how it would do on your own mail')
    .option('--offline', 'ask no DNS: nothing can be proven then')
    .option('--json', 'one line of JSON a message')
    .action(async (paths: string[], options: { json?: boolean; report?: boolean; offline?: boolean }) => {
      const { verifyMessageCommand } = await import('./commands/verify-message.ts');
      await verifyMessageCommand(paths, options);
    });
}
