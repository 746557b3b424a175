import { join } from 'node:path';
import { ConfigError, type ConfigFlags, readConfig } from '../config.ts';
import { playExercise } from '../exercise/play.ts';
import { sheetText } from '../exercise/sheet.ts';
import { runReplay } from '../replay/index.ts';
import { shippedExercises } from '../shipped-packs.ts';

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

const USUAL_PEOPLE = 300;

function untilStopped(): AbortSignal {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort(new Error('Interrupted; everything was stopped and removed.')));
  process.once('SIGTERM', () => stop.abort(new Error('Ended; everything was stopped and removed.')));
  return stop.signal;
}

/**
 * `drawbridge replay`: the incident in a throw-away deployment. Exit code 1 when a threshold was missed. With the name of an exercise
 * that exercise, played by a script: exit code 1 when a goal was not met in time.
 */
export async function replayCommand(
  name: string | undefined,
  flags: ConfigFlags,
  options: { people?: string; json?: boolean },
): Promise<void> {
  const config = readConfig(process.env, flags);
  const people = peopleFrom(options.people);
  const signal = untilStopped();
  if (name !== undefined && name !== 'mixpanel-2025') {
    await playNamed(name, people ?? USUAL_PEOPLE, options.json === true, signal);
    return;
  }
  const { text, passed } = await runReplay({
    people,
    out: join(config.dataDir, 'replays'),
    json: options.json === true,
    log: (line) => process.stderr.write(`${line}\n`),
    signal,
  });
  process.stdout.write(text);
  process.exitCode = passed ? 0 : 1;
}

async function playNamed(name: string, people: number, json: boolean, signal: AbortSignal): Promise<void> {
  const all = await shippedExercises();
  const exercise = all.find(({ id }) => id === name);
  if (exercise === undefined) {
    const names = ['mixpanel-2025', ...all.map(({ id }) => id)].join(', ');
    throw new ConfigError(
      'NAME',
      `there is no scenario "${name.slice(0, 60)}"; there are ${names}`,
      'drift-2025',
    );
  }
  const sheet = await playExercise(exercise, {
    people,
    log: (line) => process.stderr.write(`${line}\n`),
    signal,
  });
  process.stdout.write(json ? `${JSON.stringify(sheet, null, 2)}\n` : sheetText(sheet));
  process.exitCode = sheet.met === sheet.goals.length ? 0 : 1;
}
