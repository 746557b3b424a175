import {
  cosignatureVerifier,
  logVerifier,
  parseCheckpoint,
  parseNote,
  TlogError,
  type Trust,
} from '@drawbridge/tlog';
import { ConfigError } from '../config.ts';
import { type LogDirectory, readCheckpoint } from './directory.ts';

export interface TrustFlags {
  vkey?: string;
  witness?: readonly string[];
  quorum?: string;
}

/** Whom the flags say to believe; null when no key was given. Throws ConfigError. */
export function readTrust({ vkey, witness = [], quorum }: TrustFlags): Trust | null {
  if (vkey === undefined) {
    const [flag] = [
      ...(witness.length > 0 ? ['--witness'] : []),
      ...(quorum === undefined ? [] : ['--quorum']),
    ];
    if (flag === undefined) return null;
    throw new ConfigError('--vkey', `${flag} is given, and this is not`, 'log.example/journal+0123abcd+AQ…');
  }
  const log = read('--vkey', 'log.example/journal+0123abcd+AQ…', () => logVerifier(vkey));
  const witnesses = witness.map((key) =>
    read('--witness', 'witness.example/w1+0123abcd+BA…', () => cosignatureVerifier(key)),
  );
  if (new Set(witness).size < witness.length)
    throw new ConfigError('--witness', 'one key is given twice', 'witness.example/w1+0123abcd+BA…');
  const count = quorum === undefined ? witnesses.length : Number(quorum);
  if (quorum !== undefined && (!/^\d{1,3}$/.test(quorum) || count > witnesses.length))
    throw new ConfigError(
      '--quorum',
      `"${quorum.slice(0, 20)}" is no number from 0 to that of the witnesses, ${witnesses.length}`,
      String(witnesses.length),
    );
  // A log's key has its origin as its name.
  return { origin: log.name, log, witnesses, quorum: count };
}

function read<T>(flag: string, example: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    throw new ConfigError(flag, cause.message, example);
  }
}

/**
 * Takes the checkpoint at its own word: whoever signed it, in the name of its origin. What is checked so fits together,
 * and may be anyone's. Throws TlogError when there is none, or none that says it is signed.
 */
export async function trustOnItsWord(directory: LogDirectory): Promise<Trust> {
  const bytes = await readCheckpoint(directory);
  if (bytes === null) throw new TlogError('missing', 'There is no checkpoint.');
  const { text, signatures } = parseNote(bytes);
  const { origin } = parseCheckpoint(text);
  const own = signatures.find(({ name }) => name === origin);
  if (own === undefined)
    throw new TlogError('unsigned', `The checkpoint of ${origin} has no signature line in that name.`);
  return { origin, log: { name: origin, keyId: own.keyId, verify: () => true } };
}
