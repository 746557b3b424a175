import { type FsckReport, fsck, type Problem, TlogError, type Trust } from '@drawbridge/tlog';
import { type LogDirectory, openLogDirectory } from '../logs/directory.ts';
import { reportJson, reportLines } from '../logs/report.ts';
import { readTrust, type TrustFlags, trustOnItsWord } from '../logs/trust.ts';

const clock = {
  now: Date.now,
  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const NO_KEY =
  'Whose log it is: no key was given, so no signature was checked, and all of it may have been made anew. "drawbridge log verify" takes a key.';

/**
 * `drawbridge log verify` and `log fsck`: recomputes the root from the entries and accounts for every file. Exit code 1
 * when something does not fit. Without a key, the checkpoint is taken at its own word.
 */
export async function verifyLogCommand(path: string, flags: TrustFlags & { json?: boolean }): Promise<void> {
  const given = readTrust(flags);
  const directory = await openLogDirectory(path);
  process.stderr.write(`Reading all of ${path}…\n`);
  const report = given === null ? await checkOnItsWord(directory) : await check(directory, given);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(reportJson(path, report))}\n`
      : `${reportLines(path, report).join('\n')}\n`,
  );
  process.exitCode = report.ok ? 0 : 1;
}

function check({ fetch, list }: LogDirectory, trust: Trust): Promise<FsckReport> {
  return fsck({ ...trust, fetch, list, clock });
}

async function checkOnItsWord(directory: LogDirectory): Promise<FsckReport> {
  try {
    const report = await check(directory, await trustOnItsWord(directory));
    return { ...report, unknown: [NO_KEY, ...report.unknown] };
  } catch (cause) {
    if (!(cause instanceof TlogError)) throw cause;
    const problem: Problem = { code: cause.code, path: 'checkpoint', message: cause.message };
    const checked = { entries: 0, bundles: 0, tiles: 0, bytes: 0, files: null };
    return { ok: false, checkpoint: null, checked, problems: [problem], more: 0, unknown: [NO_KEY] };
  }
}
