import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import type { ExportOptions } from './commands/export.ts';
import { type ConfigFlags, settings } from './config.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

function environmentHelp(): string {
  const rows = settings.map(
    ({ variable, fallback, text }) => `  ${variable.padEnd(26)}${text} (${fallback})`,
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
    .option('--port <port>', 'port of console and API')
    .option('--gateway-port <port>', 'port of the gateway')
    .option('--gateway-host <address>', 'address that the gateway listens on')
    .addHelpText('after', environmentHelp())
    .showHelpAfterError('Add --help for the commands and settings.')
    .exitOverride();
  const flags = (): ConfigFlags => root.opts<ConfigFlags>();

  root
    .command('start', { isDefault: false })
    .description('start the database, the control plane and a gateway; stop with Ctrl-C')
    .option('--json', 'print addresses as one line of JSON once it serves')
    .action(async (options: { json?: boolean }) => {
      const { startCommand } = await import('./commands/start.ts');
      await startCommand(flags(), options);
    });
  root
    .command('sign-in')
    .description('print a new link that signs in once')
    .option('--json', 'print it as JSON')
    .action(async (options: { json?: boolean }) => {
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
    .description('play the Mixpanel incident of November 2025 in a throw-away deployment')
    .option('--people <number>', 'how many made-up customers (default: what the scenario says)')
    .option('--json', 'print the result as JSON')
    .action(async (options: { people?: string; json?: boolean }) => {
      const { replayCommand } = await import('./commands/replay.ts');
      await replayCommand(flags(), options);
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
  return root;
}

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const wrongSetting = error instanceof Error && 'code' in error && error.code === 'config';
    process.stderr.write(`drawbridge: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = wrongSetting ? 2 : 1;
  }
}
