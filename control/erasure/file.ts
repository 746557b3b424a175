import { open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SealedSchema } from '@drawbridge/protocol';
import { z } from 'zod';

const LineSchema = z.strictObject({
  v: z.literal(1),
  id: z.uuid(),
  /** Milliseconds since 1970: what was recorded until then is erased. */
  at: z.int(),
  sealed: SealedSchema,
});

/** An erasure as the file keeps it: the file alone names nobody. */
export type KeptErasure = Omit<z.infer<typeof LineSchema>, 'v'>;

/** The file of erasures can't be used. Nothing was changed. */
export class ErasuresFileError extends Error {
  readonly code: 'erasures_permissions' | 'erasures_unreadable';
  constructor(code: ErasuresFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ErasuresFileError';
    this.code = code;
  }
}

/** The erasures that were ever begun, beside the keys: apart from the database, so that an older one can catch up. */
export interface ErasuresFile {
  /** In the order in which they were added. Throws ErasuresFileError. */
  read(): Promise<KeptErasure[]>;
  /**
   * Adds them, or puts them in the place of those with their ids. When it returns, neither a crash nor a power cut takes
   * them away. One at a time, whichever process writes.
   */
  put(erasures: readonly KeptErasure[]): Promise<void>;
}

/** One line of JSON per erasure, mode 0600. */
export function erasuresFile(path: string): ErasuresFile {
  return {
    read: async () => parse(path, await text(path)),
    async put(erasures) {
      const kept = new Map(parse(path, await text(path)).map((one) => [one.id, one]));
      for (const one of erasures) kept.set(one.id, one);
      const lines = [...kept.values()].map(({ id, at, sealed: { enc, ct } }) => {
        const line: z.infer<typeof LineSchema> = { v: 1, id, at, sealed: { enc, ct } };
        return `${JSON.stringify(line)}\n`;
      });
      const file = await open(`${path}.new`, 'w', 0o600);
      try {
        await file.writeFile(lines.join(''));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
      await syncFolder(dirname(path));
    },
  };
}

async function text(path: string): Promise<string> {
  const missing = (error: NodeJS.ErrnoException): null => {
    if (error.code === 'ENOENT') return null;
    throw error;
  };
  const found = await stat(path).catch(missing);
  if (found === null) return '';
  if (!found.isFile() || (process.platform !== 'win32' && (found.mode & 0o077) !== 0)) {
    throw new ErasuresFileError(
      'erasures_permissions',
      `${path} must be a plain file that only its owner can read. Run: chmod 600 ${path}`,
    );
  }
  return readFile(path, 'utf8');
}

function parse(path: string, content: string): KeptErasure[] {
  const lines = content === '' ? [] : content.replace(/\n$/, '').split('\n');
  return lines.map((line, n) => {
    try {
      const { id, at, sealed } = LineSchema.parse(JSON.parse(line));
      return { id, at, sealed };
    } catch (cause) {
      if (!(cause instanceof SyntaxError) && !(cause instanceof z.ZodError)) throw cause;
      throw new ErasuresFileError(
        'erasures_unreadable',
        `Line ${n + 1} of ${path} is not an erasure of this version. Restore the file from your copy of the keys: without it, what was erased could come back.`,
        { cause },
      );
    }
  });
}

/** A name in a folder is on the disk only when the folder is. Windows keeps names with a journal of its own. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
