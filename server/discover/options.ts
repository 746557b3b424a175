import type { Command } from 'commander';
import type { DiscoverFlags } from '../commands/discover.ts';

const help = `
Read are access logs (Squid, Zeek, Route 53, dnsmasq), HAR recordings, DNS zones, lock files and manifests, SBOMs, names of
variables and secrets, Content-Security-Policy, OAuth grants, Terraform, mail boxes, payments: docs/discovery.md

  drawbridge discover .                                a repository
  drawbridge discover --json access.log zone.txt       for scripts
  drawbridge discover --map host=Destination --map at=Time proxy.csv`;

/** Adds `drawbridge discover`. It needs no deployment and no network. */
export function addDiscoverCommand(root: Command): void {
  root
    .command('discover <paths...>')
    .description('say which vendors show in files that you have')
    .option('--json', 'print what was found as JSON')
    .option('--transitive', 'tell also what only something else that is installed depends on')
    .option('--format <id>', 'what the files are, where their names and beginnings do not tell')
    .option('--own <domain>', 'a domain of your own, which is no vendor; may be given again', collect, [])
    .option('--map <what=column>', 'which column of a CSV, or member of JSON lines, is what', collect, [])
    .addHelpText('after', help)
    .action(async (paths: string[], flags: DiscoverFlags) => {
      const { discoverCommand } = await import('../commands/discover.ts');
      await discoverCommand(paths, flags);
    });
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
