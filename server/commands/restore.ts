import { restore } from '../backup/restore.ts';
import { ConfigError, type ConfigFlags, readConfig } from '../config.ts';

export interface RestoreFlags {
  keysFrom?: string;
  newEpoch?: boolean;
  reason?: string;
  json?: boolean;
}

/** `drawbridge restore`: a deployment from a backup, into an empty data directory and database. */
export async function restoreCommand(
  flags: ConfigFlags,
  directory: string,
  { keysFrom, newEpoch, reason, json }: RestoreFlags,
): Promise<void> {
  const config = readConfig(process.env, flags);
  if ((newEpoch === true) !== (reason !== undefined))
    throw new ConfigError('--reason', 'it goes together with --new-epoch', '"The disk was lost on 3 May"');
  process.stderr.write('Checking the backup, then restoring…\n');
  const { manifest, begun } = await restore(config, directory, {
    keysFrom: keysFrom ?? null,
    newEpoch: reason ?? null,
  });
  const { deployment, madeAt, tables, logs } = manifest;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  process.stdout.write(
    json
      ? `${JSON.stringify({ deployment, madeAt, dataDir: config.dataDir, rows, logs: logs.map(({ origin, size }) => ({ origin, size })), begun })}\n`
      : [
          `Deployment ${deployment} as of ${madeAt} is restored in ${config.dataDir}: ${rows} rows.`,
          ...logs.map(({ origin, size }) => `  Log        ${origin}, ${size} entries`),
          ...begun.map((origin) => `  New epoch  ${origin} begins at the next start`),
          '  Next       a gateway’s directory that still exists (gateway-1) may be put back now; then: npm start',
          '',
        ].join('\n'),
  );
}
