import type { Command } from 'commander';
import type { ImportFlags } from '../commands/import-vendors.ts';
import type { ConfigFlags } from '../config.ts';

const help = `
What others publish of vendors, for your own use and under their terms; none of it comes with Drawbridge. It suggests, and is marked:
  drawbridge vendors import tracker-radar entity_map.json --release 2026.10 --as-of 2026-10-05    or a folder of its files
  drawbridge vendors import trackerdb trackerdb.json --release 1.0.945 --as-of 2026-10-05
  drawbridge vendors import probo data.json --release 5d717ea --as-of 2026-08-21
  drawbridge vendors import gvl vendor-list.json
What a vendor answered:
  drawbridge vendors import caiq CAIQ.xlsx --vendor acme --as-of 2026-03-01
Vendors of your own, into the register:
  drawbridge vendors import csv vendors.csv --as-of 2026-10-05
  drawbridge vendors import json register.json`;

/** Adds `drawbridge vendors`, beside a deployment that runs. */
export function addVendorCommands(root: Command, flags: () => ConfigFlags): void {
  const vendors = root
    .command('vendors')
    .description('take in lists of vendors, and what others say of them');
  vendors
    .command('import <kind> <path>')
    .description('take a file in; what the same source said before is replaced')
    .option('--release <version>', 'which version it is, where the file does not say it')
    .option('--as-of <day>', 'the day it is of, where the file does not say it (2026-10-05)')
    .option('--vendor <id>', 'with caiq: who answered')
    .option('--enter', 'with probo: enter the vendors into the register, as your own')
    .option('--preview', 'only say what it would do')
    .option('--reason <text>', 'why, for the record', 'Taken in from the command line')
    .option('--json', 'print what it did as JSON')
    .addHelpText('after', help)
    .action(async (kind: string, path: string, options: ImportFlags) => {
      const { importVendorsCommand } = await import('../commands/import-vendors.ts');
      await importVendorsCommand(flags(), kind, path, options);
    });
  vendors
    .command('imports')
    .description('list the sources of others that were taken in, with their versions and licences')
    .option('--json', 'print them as JSON')
    .action(async (options: { json?: boolean }) => {
      const { listImportsCommand } = await import('../commands/import-vendors.ts');
      await listImportsCommand(flags(), options);
    });
  vendors
    .command('remove <source>')
    .description('take all of a source out again: tracker_radar, caiq:acme')
    .option('--reason <text>', 'why, for the record', 'Taken out from the command line')
    .action(async (source: string, options: { reason: string }) => {
      const { removeImportCommand } = await import('../commands/import-vendors.ts');
      await removeImportCommand(flags(), source, options);
    });
}
