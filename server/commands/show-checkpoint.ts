import { openCheckpoint, TlogError } from '@drawbridge/tlog';
import { openLogDirectory, readCheckpoint } from '../logs/directory.ts';
import { checkpointJson, checkpointLines } from '../logs/report.ts';
import { readTrust, type TrustFlags, trustOnItsWord } from '../logs/trust.ts';

/** `drawbridge log checkpoint`: the signed checkpoint as it lies there, and beside it what of it was verified. */
export async function showCheckpointCommand(
  path: string,
  flags: TrustFlags & { json?: boolean },
): Promise<void> {
  const given = readTrust(flags);
  const directory = await openLogDirectory(path);
  const note = await readCheckpoint(directory);
  if (note === null) throw new TlogError('missing', `There is no checkpoint in ${path}.`);
  const opened = openCheckpoint(note, given ?? (await trustOnItsWord(directory)));
  const isVerified = given !== null;
  if (flags.json) {
    const all = { ...checkpointJson(opened), isVerified, note: note.toString() };
    process.stdout.write(`${JSON.stringify(all)}\n`);
    return;
  }
  const said = isVerified
    ? 'Signed with the key that was given.'
    : 'No signature was checked: give the key of the log with --vkey.';
  process.stderr.write(`${[said, ...checkpointLines(opened)].join('\n')}\n`);
  process.stdout.write(note);
}
