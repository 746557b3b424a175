import { type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, readRunningNote } from '../running.ts';

interface Rebuilt {
  entries: number;
  seconds: number;
}

/** Has the running control plane compute its projections anew, and waits. */
export async function rebuildCommand(flags: ConfigFlags, options: { json?: boolean }): Promise<void> {
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  process.stderr.write('Computing crossings, exposure ledger and review queue anew from the journals…\n');
  const done = await callRunning<Rebuilt>(note, 'POST', '/projections/rebuild', {
    reason: 'asked for on the command line',
  });
  process.stdout.write(
    options.json
      ? `${JSON.stringify(done)}\n`
      : `Done in ${done.seconds} s, from ${done.entries} journal entries.\n`,
  );
}
