import type { Command } from 'commander';
import type { RotateFlags } from '../commands/rotate-kek.ts';
import type { ConfigFlags } from '../config.ts';

export function addVaultCommands(root: Command, flags: () => ConfigFlags): void {
  const vault = root.command('vault').description('the keys that wrap all others: docs/vault.md');
  vault
    .command('status')
    .description('say which keys there are, and what is under which')
    .option('--json', 'print it as JSON')
    .action(async (options: { json?: boolean }) => {
      const { vaultStatusCommand } = await import('../commands/vault-status.ts');
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
      const { rotateKekCommand } = await import('../commands/rotate-kek.ts');
      await rotateKekCommand(flags(), options);
    });
}
