import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint, TlogError } from '@drawbridge/tlog';
import { VaultFailure } from './failure.ts';

/**
 * The largest tree of each log that was signed, kept beside the keys and not beside the data: who brings back older data
 * and signs on would sign two histories with one key, and this is how the vault knows.
 */
export interface LogMark {
  /** Entries in the tree. */
  size: number;
  /** In base64. */
  root: string;
}

type LogMarks = Record<string, LogMark>;

const FORMAT = 'drawbridge.log-marks/1';
/** 255 bytes of a name, and some; no deployment has ten thousand logs. */
const FILE_LIMIT = 4 * 1024 * 1024;
/** On disk when the write returns: the permission model of the vault's process has no fsync. */
const NEW_AND_DURABLE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_SYNC ?? 0);
const LOCK = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
const LOCK_MS = 4_000;
/** Held for some milliseconds; one that is older was left by a vault that died. */
const STALE_LOCK_MS = 2_000;
const LOOK_MS = 5;

export function logMarksPath(keysDir: string, deploymentId: string): string {
  return join(keysDir, `${deploymentId}.log-marks.json`);
}

/**
 * Keeps in mind that a tree is about to be signed. Its bytes are durable when this returns; its name is when the folder
 * was synced. Throws VaultFailure: `log_would_go_back` for a smaller tree than was signed, or another one of the same
 * size, `marks_unusable`, `wrong_log`; nothing was changed then.
 */
export function markLog(path: string, name: string, text: string): void {
  const tree = treeIn(name, text);
  locked(path, () => {
    const marks = readLogMarks(path);
    const known = Object.hasOwn(marks, name) ? marks[name] : undefined;
    if (known !== undefined) {
      const isSame = known.size === tree.size && known.root === tree.root;
      if (isSame) return;
      if (tree.size <= known.size) throw wouldGoBack(path, name, known, tree);
    }
    replaceMarks(path, { ...marks, [name]: tree });
  });
}

/** The marks by the logs' names; none where there is no file. Throws VaultFailure `marks_unusable`. */
export function readLogMarks(path: string): LogMarks {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw unusable(path, `it can not be read (${codeOf(error)})`);
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > FILE_LIMIT) throw unusable(path, 'it is no file of marks');
    return parseLogMarks(readFileSync(file, 'utf8')) ?? failMarks(path);
  } finally {
    closeSync(file);
  }
}

/** Null: the text holds no marks. */
export function parseLogMarks(text: string): LogMarks | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  if (!isRecord(value) || value.format !== FORMAT || !isRecord(value.logs)) return null;
  const marks: [string, LogMark][] = [];
  for (const [name, mark] of Object.entries(value.logs)) {
    if (!isRecord(mark)) return null;
    const { size, root } = mark;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return null;
    if (typeof root !== 'string' || Buffer.from(root, 'base64').length !== 32) return null;
    marks.push([name, { size, root }]);
  }
  return Object.fromEntries(marks);
}

export const formatLogMarks = (logs: LogMarks): string => `${JSON.stringify({ format: FORMAT, logs })}\n`;

function treeIn(name: string, text: string): LogMark {
  try {
    const { origin, size, root } = parseCheckpoint(text);
    if (origin === name) return { size, root: root.toString('base64') };
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
  }
  throw new VaultFailure('wrong_log', 'The text to sign is no checkpoint of the log that the key is for.');
}

function replaceMarks(path: string, marks: LogMarks): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    const file = openSync(draft, NEW_AND_DURABLE, 0o600);
    try {
      writeSync(file, formatLogMarks(marks));
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    throw unusable(path, `it can not be written (${codeOf(error)})`);
  }
}

/** Several control processes have a vault each, over one folder of keys: a mark of one must not undo another's. */
function locked<Result>(path: string, work: () => Result): Result {
  const lock = `${path}.lock`;
  const end = performance.now() + LOCK_MS;
  for (;;) {
    try {
      closeSync(openSync(lock, LOCK, 0o600));
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw unusable(path, `it can not be written (${codeOf(error)})`);
    }
    if (isStale(lock)) removeLock(lock);
    else if (performance.now() > end) throw unusable(path, 'another process is writing it');
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_MS);
  }
  try {
    return work();
  } finally {
    removeLock(lock);
  }
}

function isStale(lock: string): boolean {
  try {
    return Date.now() - statSync(lock).mtimeMs > STALE_LOCK_MS;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function removeLock(lock: string): void {
  try {
    unlinkSync(lock);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function wouldGoBack(path: string, name: string, known: LogMark, asked: LogMark): VaultFailure {
  const what =
    asked.size < known.size
      ? `a tree of ${asked.size} entries was to be signed`
      : `another tree of ${asked.size} entries was to be signed`;
  return new VaultFailure(
    'log_would_go_back',
    `The log ${name} was signed with ${known.size} entries (${path}), and ${what}: it was set back. Bring back its files as they last were, or begin a new epoch.`,
  );
}

const failMarks = (path: string): never => {
  throw unusable(path, 'it does not hold marks');
};

function unusable(path: string, why: string): VaultFailure {
  return new VaultFailure(
    'marks_unusable',
    `${path} keeps how far logs were signed, and ${why}. Check its folder, owner and space; if it is damaged, restore it from your copy of the keys. Nothing was signed.`,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
