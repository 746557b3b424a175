import { type FsckReport, fsck, type Problem, TlogError, type Trust } from '@drawbridge/tlog';
import { ConfigError } from '../config.ts';
import { clock, type LogDirectory, openLogDirectory } from '../logs/directory.ts';
import { compareEarlier, readEarlier } from '../logs/earlier.ts';
import { exitCodeOf, reportJson, reportLines } from '../logs/report.ts';
import { readTrust, type TrustFlags, trustOnItsWord } from '../logs/trust.ts';

const NO_KEY =
  'Whose log it is: no key was given, so no signature was checked, and all of it may have been made anew. "drawbridge log verify" takes a key.';
const NEWER = 'Whether a newer checkpoint exists: an old copy verifies too.';

export interface VerifyFlags extends TrustFlags {
  /** Files with checkpoints that were kept from before. */
  earlier?: readonly string[];
  minimumIndex?: string;
  json?: boolean;
}

/**
 * `drawbridge log verify` and `log fsck`: recomputes the root from the entries, accounts for every file, and compares
 * with earlier checkpoints. Exit code 1 when something does not fit, 2 when something could not be read. Without a key,
 * the checkpoint is taken at its own word.
 */
export async function verifyLogCommand(path: string, flags: VerifyFlags): Promise<void> {
  const given = readTrust(flags);
  const minimumIndex = readMinimum(flags.minimumIndex);
  const earlier = await readEarlier(flags.earlier ?? []);
  const directory = await openLogDirectory(path);
  process.stderr.write(`Reading all of ${path}…\n`);
  const checked =
    given === null
      ? await checkOnItsWord(directory, minimumIndex)
      : await check(directory, given, minimumIndex);
  const { report, compared } =
    given === null
      ? { report: checked, compared: [] }
      : await compareEarlier(directory, given, earlier, checked);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(reportJson(path, report, compared))}\n`
      : `${reportLines(path, report, compared).join('\n')}\n`,
  );
  process.exitCode = exitCodeOf(report);
}

function readMinimum(given = '0'): number {
  if (/^\d{1,15}$/.test(given)) return Number(given);
  throw new ConfigError('--minimum-index', `"${given.slice(0, 20)}" is no number of entries`, '51200');
}

async function check({ fetch, list }: LogDirectory, trust: Trust, minimumIndex: number): Promise<FsckReport> {
  const report = await fsck({ ...trust, fetch, list, clock, minimumIndex });
  return { ...report, unknown: [...report.unknown, NEWER] };
}

async function checkOnItsWord(directory: LogDirectory, minimumIndex: number): Promise<FsckReport> {
  try {
    const report = await check(directory, await trustOnItsWord(directory), minimumIndex);
    return { ...report, unknown: [NO_KEY, ...report.unknown] };
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    const problem: Problem = { code: cause.code, path: 'checkpoint', message: cause.message };
    const checked = { entries: 0, bundles: 0, tiles: 0, bytes: 0, files: null };
    return {
      ok: false,
      checkpoint: null,
      checked,
      pruned: 0,
      stated: null,
      problems: [problem],
      more: 0,
      unknown: [NO_KEY],
    };
  }
}
