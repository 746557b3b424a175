import { join } from 'node:path';
import { ConfigError, type ConfigFlags, readConfig } from '../config.ts';
import { runReplay } from '../replay/index.ts';

const FEWEST = 50;
const MOST = 20_000;

function peopleFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const people = Number(text);
  if (/^\d{1,6}$/.test(text) && people >= FEWEST && people <= MOST) return people;
  throw new ConfigError(
    '--people',
    `"${text.slice(0, 20)}" is not a whole number from ${FEWEST} to ${MOST}`,
    '3000',
  );
}

/** `drawbridge replay`: the incident in a throw-away deployment. Exit code 1 when a threshold was missed. */
export async function replayCommand(
  flags: ConfigFlags,
  options: { people?: string; json?: boolean },
): Promise<void> {
  const config = readConfig(process.env, flags);
  const people = peopleFrom(options.people);
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Interrupted; everything was stopped and removed.')));
  process.once('SIGTERM', () => stop.abort(new Error('Ended; everything was stopped and removed.')));
  const { text, passed } = await runReplay({
    people,
    out: join(config.dataDir, 'replays'),
    json: options.json === true,
    log: (line) => process.stderr.write(`${line}\n`),
    signal: stop.signal,
  });
  process.stdout.write(text);
  process.exitCode = passed ? 0 : 1;
}
