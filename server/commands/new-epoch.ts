import { setTimeout as pause } from 'node:timers/promises';
import { ConfigError, type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

interface LogOverview {
  name: string;
  origin: string;
  verifierKey: string;
  checkpoint: { size: number } | null;
  trouble: { text: string } | null;
}

const BEGIN_MS = 30_000;
const LOOK_MS = 200;

/**
 * `drawbridge log new-epoch`: has the running deployment begin its log of changes anew, and waits until it has; the root
 * log begins anew with the next start.
 */
export async function newEpochCommand(
  flags: ConfigFlags,
  log: string,
  options: { reason: string; json?: boolean },
): Promise<void> {
  if (log !== 'control' && log !== 'root')
    throw new ConfigError('<log>', `"${log.slice(0, 40)}" is no log that can be begun anew here`, 'control');
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  const { reason } = options;
  if (log === 'root') {
    const { origin } = await callRunning<{ origin: string }>(note, 'POST', '/logs/root/epochs', { reason });
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ origin })}\n`
        : `${origin} begins when Drawbridge is started next. Give its key (drawbridge log list) to those who verify, and to witnesses.\n`,
    );
    return;
  }
  const asked = await callRunning<LogOverview>(note, 'POST', '/logs/control/epochs', { reason });
  const end = performance.now() + BEGIN_MS;
  for (;;) {
    const { items } = await callRunning<{ items: LogOverview[] }>(note, 'GET', '/logs');
    const begun = items.find(({ origin }) => origin === asked.origin);
    if (begun?.checkpoint) {
      process.stdout.write(
        options.json
          ? `${JSON.stringify(begun)}\n`
          : `${begun.origin} has begun, in logs/${begun.name}. Give this key to those who verify: ${begun.verifierKey}\n`,
      );
      return;
    }
    if (performance.now() > end)
      throw new Error(
        `${asked.origin} was asked for and has not begun yet; it is tried on. ${begun?.trouble?.text ?? ''}`.trim(),
      );
    await pause(LOOK_MS);
  }
}
