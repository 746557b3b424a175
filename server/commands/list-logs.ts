import { relative } from 'node:path';
import { type ConfigFlags, readConfig } from '../config.ts';
import { findLogs } from '../logs/find.ts';
import { plain } from '../logs/report.ts';

/** `drawbridge log list`: the logs below the data directory, by what their checkpoints say; nothing is verified. */
export async function listLogsCommand(flags: ConfigFlags, options: { json?: boolean }): Promise<void> {
  const { dataDir } = readConfig(process.env, flags);
  const { logs, unread } = await findLogs(dataDir);
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ dataDir, logs, unread })}\n`);
    return;
  }
  const lines = logs.map(({ path, written, checkpoint, problem }) =>
    checkpoint === null
      ? `${relative(dataDir, path)}\n  its checkpoint can't be read: ${plain(problem ?? '')}`
      : `${relative(dataDir, path)}\n  ${plain(checkpoint.origin)}, ${checkpoint.size} entries, checkpoint of ${written}, ` +
        `${checkpoint.signatures} ${checkpoint.signatures === 1 ? 'signature' : 'signatures'}`,
  );
  if (logs.length === 0) lines.push(`There is no log below ${dataDir}. Name other data with --data.`);
  if (unread > 0)
    process.stderr.write(`${unread} directories could not be read or were too many to look into.\n`);
  process.stdout.write(`${lines.join('\n')}\n`);
}
