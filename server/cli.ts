import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { ExportOptions } from './commands/export.ts';
import type { StartFlags } from './commands/start.ts';
import type { WitnessFlags } from './commands/witness.ts';
import { type ConfigFlags, settings } from './config.ts';
import { addDeadlinesCommand } from './deadlines/options.ts';
import { addDiscoverCommand } from './discover/options.ts';
import { addVendorCommands } from './imports/options.ts';
import { addBackupCommands } from './options/backups.ts';
import { addErasureCommands } from './options/erasure.ts';
import { addIncidentCommands } from './options/incidents.ts';
import { addLogCommands } from './options/logs.ts';
import { addVerifyMessageCommand } from './options/messages.ts';
import { addPackCommands } from './options/packs.ts';
import { addPolicyCommands } from './options/policies.ts';
import { addVaultCommands } from './options/vault.ts';
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
  addPackCommands(root, flags);
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
