import { type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

interface Overview {
  totals: { crossed24h: number; refused24h: number; connections: number; apps: number };
  gateways: {
    id: string;
    lastSeenAt: string | null;
    snapshotVersion: number | null;
    wantedVersion: number;
    journal: { behind: number } | null;
  }[];
  warnings: { code: string; text: string }[];
}

/** Says what runs, whether each gateway has the newest snapshot, and how far its journal has been taken in. */
export async function statusCommand(flags: ConfigFlags, options: { json?: boolean }): Promise<void> {
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  const overview = await callRunning<Overview>(note, 'GET', '/overview');
  if (options.json) {
    process.stdout.write(
      `${JSON.stringify({ apiUrl: note.apiUrl, consoleUrl: note.consoleUrl, gatewayUrl: note.gatewayUrl, ...overview })}\n`,
    );
    return;
  }
  const { totals } = overview;
  const lines = [
    `Console   ${note.consoleUrl}`,
    `Gateway   ${note.gatewayUrl}`,
    `Data      ${note.dataDir}`,
    `24 hours  ${totals.crossed24h} crossed, ${totals.refused24h} refused; ${totals.connections} connections, ${totals.apps} apps`,
    ...overview.gateways.map(
      (gateway) =>
        `${gateway.id.padEnd(9)} snapshot ${gateway.snapshotVersion ?? 'none'} of ${gateway.wantedVersion}, ` +
        `${gateway.journal === null ? 'journal unknown' : `${gateway.journal.behind} journal entries to ship`}, last seen ${gateway.lastSeenAt ?? 'never'}`,
    ),
    ...overview.warnings.map((warning) => `Warning   ${warning.text}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
