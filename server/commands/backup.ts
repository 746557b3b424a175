import { backup, deploymentIn } from '../backup/backup.ts';
import { backupKeys } from '../backup/keys.ts';
import { type ConfigFlags, readConfig } from '../config.ts';

/** `drawbridge backup`: database and logs of the deployment, running or not, into a new directory. */
export async function backupCommand(
  flags: ConfigFlags,
  directory: string,
  options: { json?: boolean },
): Promise<void> {
  const config = readConfig(process.env, flags);
  process.stderr.write('Copying database and logs…\n');
  const { deployment, madeAt, tables, logs } = await backup(config, directory);
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  for (const { origin, unfit } of logs)
    if (unfit !== null)
      process.stderr.write(
        `The log ${origin} could not be cut at a checkpoint; its files were copied as they are. ${unfit}\n`,
      );
  const stated = logs.map(({ name, origin, size, unfit }) => ({ name, origin, size, unfit }));
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ directory, deployment, madeAt, tables: tables.length, rows, logs: stated })}\n`
      : [
          `Backup of deployment ${deployment} in ${directory}: ${rows} rows of ${tables.length} tables.`,
          ...logs.map(({ origin, size }) => `  Log   ${origin}, ${size} entries`),
          '  Keys  are not in it: drawbridge backup-keys <dir> copies them, to another place.',
          '  Not in it: what the gateways have not shipped yet; it stays on their disks.',
          '',
        ].join('\n'),
  );
}

/** `drawbridge backup-keys`: the keys, and the marks and erasures beside them, into a new directory. */
export async function backupKeysCommand(flags: ConfigFlags, directory: string): Promise<void> {
  const { dataDir, keysDir, keySource } = readConfig(process.env, flags);
  const names = await backupKeys(keysDir, await deploymentIn(dataDir), directory, keySource.kind);
  process.stdout.write(
    `${names.length} files of the key directory in ${directory}. Keep them apart from the backups of the data: who has both can open all of it.${
      keySource.kind === 'file'
        ? ''
        : ` The key-encryption key itself is not among them: it is kept by ${keySource.kind}, and needed, too.`
    }\n`,
  );
}
