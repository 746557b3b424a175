import { availableParallelism } from 'node:os';
import type { Command } from 'commander';

/** Options of `drawbridge scan` as they are given. */
export interface ScanFlags {
  json?: boolean;
  sarif?: boolean;
  level?: string;
  secretsOnly?: boolean;
  minConfidence?: string;
  gitignore?: boolean;
  history: boolean;
  staged?: boolean;
  baseline?: string;
  writeBaseline?: string;
  workers: string;
  report?: string;
  source?: string;
  tokenFile?: string;
}

const help = `
Exit codes: 0 nothing found (or nothing that the baseline does not know), 1 something found, 2 the command was wrong or
something could not be scanned.

  drawbridge scan --secrets-only .                     a work tree and the whole history of its repositories
  drawbridge scan --secrets-only --staged              before a commit
  drawbridge scan --sarif . > findings.sarif           for CI
  drawbridge scan --secrets-only --report https://drawbridge.example .   leaks in the console`;

/** Adds `drawbridge scan`. It needs no deployment, and, unless it reports, no network. */
export function addScanCommand(root: Command): void {
  root
    .command('scan [paths...]')
    .description('find secrets and personal data in files, archives and git histories: docs/scan.md')
    .option('--json', 'print findings as JSON')
    .option('--sarif', 'print findings as SARIF 2.1.0')
    .option('--secrets-only', 'secrets alone, no personal data: --level secrets')
    .option(
      '--level <level>',
      'secrets; structured: with e-mail addresses, card numbers and the like; all: with names and addresses, by context (default)',
    )
    .option('--min-confidence <confidence>', 'certain, likely or possible (default)')
    .option('--gitignore', 'leave out what .gitignore files say')
    .option('--no-history', 'files only, no history of git repositories')
    .option('--staged', 'only what the next commit would bring in')
    .option('--baseline <file>', 'leave out what stands in it')
    .option('--write-baseline <file>', 'write all that is found to it, without values')
    .option(
      '--report <url>',
      'report leaked keys to the console at this address: places and hashes, no values',
    )
    .option(
      '--source <name>',
      'what the report is of (default: where the repository was cloned from, or the folder)',
    )
    .option('--token-file <file>', 'the API token for --report (default: the variable DRAWBRIDGE_TOKEN)')
    .option('--workers <number>', 'threads', String(availableParallelism()))
    .addHelpText('after', help)
    .action(async (paths: string[], flags: ScanFlags) => {
      const { scanCommand } = await import('../commands/scan.ts');
      await scanCommand(paths, flags);
    });
}
