import { type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

/** Prints a one-time sign-in link of the running deployment. */
export async function signInCommand(flags: ConfigFlags, options: { json?: boolean }): Promise<void> {
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  const { token, minutes } = await callRunning<{ token: string; minutes: number }>(
    note,
    'POST',
    '/sign-in-links',
    { reason: 'asked for on the command line' },
  );
  const url = `${note.consoleUrl}/sign-in?token=${token}`;
  process.stdout.write(
    options.json ? `${JSON.stringify({ url, minutes })}\n` : `${url}\n(valid once, for ${minutes} minutes)\n`,
  );
}
