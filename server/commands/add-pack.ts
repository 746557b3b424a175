import { readFile } from 'node:fs/promises';
import { type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

interface Listed {
  items: { vendor: string; origin: string }[];
}
interface Entered {
  vendor: string;
  version: number;
}

/** Enters a pack into the running deployment, or a new version of it: it can be connected at once. */
export async function addPackCommand(
  flags: ConfigFlags,
  file: string,
  options: { reason: string; json?: boolean },
): Promise<void> {
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  const pack = await readFile(file, 'utf8');
  const { reason } = options;
  const vendor = /^vendor:\s*['"]?([a-z][a-z0-9_-]*)/m.exec(pack)?.[1];
  const { items } = await callRunning<Listed>(note, 'GET', '/packs');
  const isThere = items.some((one) => one.vendor === vendor && one.origin === 'entered');
  const done = isThere
    ? await callRunning<Entered>(note, 'PUT', `/packs/${vendor}`, {
        pack,
        reason,
        basedOn: (await callRunning<Entered>(note, 'GET', `/packs/${vendor}`)).version,
      })
    : await callRunning<Entered>(note, 'POST', '/packs', { pack, reason });
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ vendor: done.vendor, version: done.version })}\n`
      : `${done.vendor}, version ${done.version}, is in force. Connect it at ${note.apiUrl}/connect\n`,
  );
}
