import type { Command } from 'commander';

export function addVerifyMessageCommand(root: Command): void {
  root
    .command('verify-message')
    .argument('<paths...>', 'messages (.eml), mailboxes (mbox), or folders of them')
    .description('say whether messages are from whom they say they are; works without a running server')
    .option('--report', 'only how many, by vendor: how it would do on your own mail')
    .option('--offline', 'ask no DNS: nothing can be proven then')
    .option('--json', 'one line of JSON a message')
    .action(async (paths: string[], options: { json?: boolean; report?: boolean; offline?: boolean }) => {
      const { verifyMessageCommand } = await import('../commands/verify-message.ts');
      await verifyMessageCommand(paths, options);
    });
}
