import {
  finishRotation,
  launcher,
  rotateKek,
  systemClock,
  systemRandom,
  wrappedColumns,
} from '@drawbridge/control';
import { deploymentIn } from '../backup/backup.ts';
import { type Database, withDatabase } from '../backup/database.ts';
import { ConfigError, type ConfigFlags, readConfig, type ServerConfig } from '../config.ts';
import { readNextKeySource } from '../key-source.ts';
import { callRunning, findRunning } from '../running.ts';

export interface RotateFlags {
  to?: string;
  dataKey?: boolean;
  finish?: boolean;
  reason: string;
  json?: boolean;
}

/**
 * `drawbridge vault rotate-kek`: another key-encryption key, while the deployment runs or is stopped; with `--finish` the
 * one before is let go.
 */
export async function rotateKekCommand(flags: ConfigFlags, options: RotateFlags): Promise<void> {
  const config = readConfig(process.env, flags);
  const id = await deploymentIn(config.dataDir);
  if (options.finish === true) {
    if (options.to !== undefined || options.dataKey === true)
      throw new ConfigError('--finish', 'it goes alone: what it ends was begun with the others', '--finish');
    await finish(config, id, options);
  } else await rotate(config, id, options);
}

async function rotate(config: ServerConfig, id: string, options: RotateFlags): Promise<void> {
  const to = readNextKeySource(process.env, options.to ?? config.keySource.kind);
  process.stderr.write('Wrapping the data key under the new key…\n');
  const done = await withDatabase(config, (database) =>
    rotateKek({
      ...optionsOf(database, config, id, options.reason),
      source: config.keySource,
      to,
      addDataKey: options.dataKey === true,
    }),
  );
  const { from, to: key, dataKey, resumed, unreadable } = done;
  for (const { table, row } of unreadable)
    process.stderr.write(`Not opened, and left as it is: ${table} (${row})\n`);
  if (options.json) return void process.stdout.write(`${JSON.stringify(done)}\n`);
  process.stdout.write(
    [
      `${resumed ? 'Went on with' : 'Began'} the rotation: key ${key.id} from ${key.source} (${key.label}) opens everything now, and key ${from.id} from ${from.source} still does. All is under data key ${dataKey}.`,
      ...(key.source === config.keySource.kind
        ? []
        : [`  1. Set DRAWBRIDGE_KEY_SOURCE=${key.source} with its settings, and restart Drawbridge.`]),
      '  Next: copy the keys (drawbridge backup-keys), make a backup, then: drawbridge vault rotate-kek --finish',
      '',
    ].join('\n'),
  );
}

async function finish(config: ServerConfig, id: string, options: RotateFlags): Promise<void> {
  await expectRunsWith(config, id);
  const done = await withDatabase(config, (database) =>
    finishRotation({ ...optionsOf(database, config, id, options.reason), source: config.keySource }),
  );
  if (options.json) return void process.stdout.write(`${JSON.stringify(done)}\n`);
  const { key, removed, files } = done;
  process.stdout.write(
    removed.length === 0 && files.length === 0
      ? `There was nothing to finish: key ${key.id} from ${key.source} (${key.label}) is the only one.\n`
      : [
          `Key ${key.id} from ${key.source} (${key.label}) is the only one now.`,
          ...files.map((name) => `  Removed  ${name} in ${config.keysDir}`),
          '  Backups made before the rotation need the key that was removed: keep a copy of it as long as them.',
          '',
        ].join('\n'),
  );
}

/** A deployment that would look for the old key at its next start is not to find it gone. */
async function expectRunsWith({ keySource, keysDir }: ServerConfig, id: string): Promise<void> {
  const note = await findRunning(keysDir, id);
  if (note === null) return;
  const { source } = await callRunning<{ source: string }>(note, 'GET', '/vault');
  if (source === keySource.kind) return;
  throw new ConfigError(
    'DRAWBRIDGE_KEY_SOURCE',
    `Drawbridge runs with the key source ${source}, and would not start again after this. Restart it with ${keySource.kind} first; nothing was removed`,
    keySource.kind,
  );
}

const STEP_MS = 1_000;

function optionsOf({ db, pool }: Database, { keysDir }: ServerConfig, id: string, reason: string) {
  let said = 0;
  return {
    platform: { db, pool, clock: systemClock, random: systemRandom },
    keysDir,
    deploymentId: id,
    columns: wrappedColumns(id),
    by: { actor: launcher, reason },
    progress: ({ done, total }: { done: number; total: number }) => {
      if (total === 0 || (done < total && performance.now() - said < STEP_MS)) return;
      said = performance.now();
      process.stderr.write(`Wrapped anew: ${done} of ${total}\n`);
    },
  };
}
