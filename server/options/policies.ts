import type { Command } from 'commander';
import type { ConfigFlags } from '../config.ts';

export function addPolicyCommands(root: Command, flags: () => ConfigFlags): void {
  const policies = root
    .command('policies')
    .description('policies as files: <name>.cedar, <name>.examples.yaml');
  policies
    .command('check <folder>')
    .description('check a folder of policies and run their examples; errors point to file, line and column')
    .option('--json', 'print findings as JSON')
    .action(async (folder: string, options: { json?: boolean }) => {
      const { checkPoliciesCommand } = await import('../commands/policies.ts');
      await checkPoliciesCommand(folder, options);
    });
  policies
    .command('apply <folder>')
    .description('put all policies of a folder in force in the running deployment, or none of them')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--only', 'take all others out of force')
    .option('--json', 'print what was done as JSON')
    .action(async (folder: string, options: { reason: string; only?: boolean; json?: boolean }) => {
      const { applyPoliciesCommand } = await import('../commands/policies.ts');
      await applyPoliciesCommand(flags(), folder, options);
    });
  policies
    .command('deactivate [names...]')
    .description('take policies out of force; no policy can forbid this')
    .requiredOption('--reason <text>', 'why, for the record')
    .option('--all', 'all that are in force')
    .option('--json', 'print their names as JSON')
    .action(async (names: string[], options: { reason: string; all?: boolean; json?: boolean }) => {
      const { deactivatePoliciesCommand } = await import('../commands/policies.ts');
      await deactivatePoliciesCommand(flags(), names, options);
    });
}
