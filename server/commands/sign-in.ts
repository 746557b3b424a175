import { type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

/**
 * Prints a one-time link of the running deployment: for the first administrator while nobody can sign in, else for the
 * person of this address, whose factors and sessions end. Who runs commands beside the keys needs no other proof.
 */
export async function signInCommand(
  flags: ConfigFlags,
  options: { json?: boolean; email?: string; name?: string },
): Promise<void> {
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  const { token, expiresAt } = await callRunning<{ token: string; expiresAt: string }>(
    note,
    'POST',
    '/sign-in-links',
    {
      ...(options.email === undefined ? {} : { email: options.email }),
      ...(options.name === undefined ? {} : { name: options.name }),
      reason: 'asked for on the command line of the machine',
    },
  );
  const url = `${note.consoleUrl}/sign-in#token=${token}`;
  process.stdout.write(
    options.json ? `${JSON.stringify({ url, expiresAt })}\n` : `${url}\n(valid once, until ${expiresAt})\n`,
  );
}
