import { execFile } from 'node:child_process';
import { VaultFailure } from '../failure.ts';
import type { CommandSource } from './settings.ts';
import { keyInText } from './text.ts';

/** A key has 44 characters. */
const OUTPUT_LIMIT = 4 * 1024;

/**
 * Runs the command and reads the key from what it writes. What it writes elsewhere is shown to nobody: it may hold the
 * key. Throws VaultFailure `kek_unavailable`, `kek_malformed`.
 */
export async function keyFromCommand({ argv, env, timeoutMs }: CommandSource): Promise<Buffer> {
  const [program = '', ...args] = argv;
  const output = await new Promise<Buffer>((resolve, reject) => {
    execFile(
      program,
      args,
      {
        env: { ...env },
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: OUTPUT_LIMIT,
        encoding: 'buffer',
        windowsHide: true,
      },
      (error, stdout) => {
        if (error === null) resolve(stdout);
        else reject(failed(program, timeoutMs, error));
      },
    );
  });
  try {
    return keyInText(output.toString('latin1'), `The output of ${program}`);
  } finally {
    output.fill(0);
  }
}

function failed(
  program: string,
  timeoutMs: number,
  error: Error & { code?: string | number | null; signal?: NodeJS.Signals | null; killed?: boolean },
): VaultFailure {
  const why = () => {
    if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `wrote more than ${OUTPUT_LIMIT} bytes`;
    if (error.killed === true) return `did not end within ${timeoutMs / 1000} s`;
    if (typeof error.code === 'number') return `ended with exit code ${error.code}`;
    return `can not be run (${error.code ?? error.signal ?? 'unknown'})`;
  };
  return new VaultFailure(
    'kek_unavailable',
    `The command that hands over the key-encryption key, ${program}, ${why()}. Run it by hand as the user that Drawbridge runs as; nothing was changed.`,
  );
}
