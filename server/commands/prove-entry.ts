import { writeFile } from 'node:fs/promises';
import { formatProof, openReader, verifyProof } from '@drawbridge/tlog';
import { ConfigError } from '../config.ts';
import { openLogDirectory } from '../logs/directory.ts';
import { readTrust, type TrustFlags, trustOnItsWord } from '../logs/trust.ts';

export interface ProveFlags extends TrustFlags {
  out?: string;
  entry?: string;
}

/** `drawbridge log prove`: a proof that an entry is in the log, which anyone can check offline with the log's key. */
export async function proveEntryCommand(path: string, at: string, flags: ProveFlags): Promise<void> {
  const index = Number(at);
  if (!/^\d{1,16}$/.test(at) || !Number.isSafeInteger(index))
    throw new ConfigError('<index>', `"${at.slice(0, 20)}" is no entry's number; the first is 0`, '0');
  const given = readTrust(flags);
  const directory = await openLogDirectory(path);
  const trust = given ?? (await trustOnItsWord(directory));
  const reader = await openReader({ ...trust, fetch: directory.fetch });
  const entry = await reader.entry(index);
  const proof = formatProof(await reader.prove(index));
  // What does not verify is not handed out.
  verifyProof(proof, { ...trust, entry });
  if (flags.entry !== undefined) await writeFile(flags.entry, entry);
  if (flags.out === undefined) process.stdout.write(proof);
  else await writeFile(flags.out, proof);
  const { checkpoint } = reader.checkpoint;
  process.stderr.write(
    [
      `Entry ${index}, ${entry.length} bytes, is in the tree of ${checkpoint.size} entries.`,
      ...(given === null ? ['No signature was checked: give the key of the log with --vkey.'] : []),
      'The proof has hashes of neighbouring entries in it, and nothing else of them.',
      '',
    ].join('\n'),
  );
}
