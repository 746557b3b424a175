import { type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

interface VaultStatus {
  source: string;
  openedWith: number;
  keys: { id: number; source: string; label: string; madeAt: string }[];
  dataKeys: { version: number; madeAt: string; rows: number }[];
}

/** `drawbridge vault status`: which keys there are, and what is under which. */
export async function vaultStatusCommand(flags: ConfigFlags, options: { json?: boolean }): Promise<void> {
  const { dataDir, keysDir } = readConfig(process.env, flags);
  const note = await readRunningNote(dataDir, keysDir);
  const status = await callRunning<VaultStatus>(note, 'GET', '/vault');
  process.stdout.write(
    options.json
      ? `${JSON.stringify(status)}\n`
      : [
          `Key source ${status.source}; opened with key ${status.openedWith}.`,
          ...status.keys.map(
            ({ id, source, label, madeAt }) => `  Key ${id}       ${source} (${label}), since ${madeAt}`,
          ),
          ...status.dataKeys.map(
            ({ version, madeAt, rows }) =>
              `  Data key ${version}  since ${madeAt}; ${rows} secrets are under it`,
          ),
          status.keys.length > 1
            ? 'A rotation is under way: "drawbridge vault rotate-kek --finish" ends it.'
            : 'No rotation is under way.',
          '',
        ].join('\n'),
  );
}
