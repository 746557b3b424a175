import { readFileSync } from 'node:fs';
import type { Confidence } from '@drawbridge/scan';
import { type Baseline, newAgainst, newBaseline, readBaseline, writeBaseline } from '../scan/baseline.ts';
import { ScanError } from '../scan/errors.ts';
import { levels } from '../scan/jobs.ts';
import type { ScanFlags } from '../scan/options.ts';
import { type Detector, loadDetectors, scannerRule, shippedDetectors } from '../scan/pack.ts';
import { showProgress, sumOf } from '../scan/progress.ts';
import { jsonReport } from '../scan/report/json.ts';
import { sarifReport } from '../scan/report/sarif.ts';
import { skippedLines, textReport } from '../scan/report/text.ts';
import { runScan, type ScanResult } from '../scan/run.ts';
import { controlPlaneAt } from '../scan/told/control-plane.ts';
import { Report, type Reported } from '../scan/told/report.ts';
import { sourceOf } from '../scan/told/source.ts';

const confidences = ['certain', 'likely', 'possible'] as const satisfies readonly Confidence[];

/**
 * `drawbridge scan`: looks for secrets and personal data at rest. Exit code 0 nothing new found, 1 something, 2 when
 * something could not be scanned. Throws ScanError.
 */
export async function scanCommand(paths: readonly string[], flags: ScanFlags): Promise<void> {
  const level = flags.secretsOnly ? 'secrets' : oneOf('--level', levels, flags.level ?? 'all');
  const least = oneOf('--min-confidence', confidences, flags.minConfidence ?? 'possible');
  const threads = threadsOf(flags.workers);
  const detectors = await loadDetectors(shippedDetectors);
  const baseline = await baselineOf(flags);
  const result: ScanResult = { found: [], skipped: [], files: 0, blobs: 0, bytes: 0 };
  const scanned = paths.length === 0 ? ['.'] : paths;
  const reporting = await beginReport(scanned, flags, result);
  const started = performance.now();
  const stop = showProgress(result, process.stderr);
  const printKey = baseline === null ? null : Buffer.from(baseline.key, 'base64');
  const rules = detectors.map(scannerRule);
  let folders: string[];
  try {
    folders = await runScan(
      {
        paths: scanned,
        setup: { rules, level, printKey, least, ...(reporting === null ? {} : { report: reporting.keys }) },
        threads,
        gitignore: flags.gitignore === true,
        history: flags.history,
        staged: flags.staged === true,
      },
      result,
    );
  } finally {
    stop();
    reporting?.stop();
  }
  if (flags.writeBaseline !== undefined && baseline !== null) {
    await writeBaseline(flags.writeBaseline, baseline, result.found);
    process.stderr.write(`${flags.writeBaseline} knows ${result.found.length} findings now.\n`);
    return;
  }
  report(result, baseline, detectors, flags, performance.now() - started);
  const [root] = scanned;
  if (reporting === null || root === undefined) return;
  // After what was found is printed: that stands, whether or not the report arrives.
  const isWhole =
    flags.history &&
    flags.staged !== true &&
    flags.gitignore !== true &&
    least === 'possible' &&
    !result.skipped.some(({ trouble }) => trouble);
  const reported = await reporting.end(result.found, { root, folders, rules, isWhole });
  process.stderr.write(`${reportedText(reported)}\n`);
}

/** Null: nothing is to be reported. */
async function beginReport(
  paths: readonly string[],
  { report: url, source, tokenFile, writeBaseline }: ScanFlags,
  result: ScanResult,
): Promise<Report | null> {
  if (url === undefined) {
    if (source === undefined && tokenFile === undefined) return null;
    throw new ScanError('bad_option', '--source and --token-file are for --report');
  }
  if (writeBaseline !== undefined) {
    throw new ScanError(
      'bad_option',
      '--report tells what is found, and --write-baseline says it is known: do one',
    );
  }
  const [path] = paths;
  if (path === undefined || paths.length !== 1) {
    throw new ScanError('bad_option', '--report takes one path: what it finds is told of one source');
  }
  const plane = await controlPlaneAt(url, tokenFile);
  return Report.begin(plane, await sourceOf(path, source), result);
}

function reportedText({ number, told, left, fresh, gone, revoked }: Reported): string {
  return [
    `Reported as run ${number}: ${told} ${told === 1 ? 'place' : 'places'} of secrets, ${fresh} new, ${gone} gone.`,
    ...(left === 0 ? [] : [`${left} more were left out: one report takes no more.`]),
    ...(revoked === 0
      ? []
      : [`${revoked} virtual ${revoked === 1 ? 'key was' : 'keys were'} revoked at once. Make new ones.`]),
  ].join(' ');
}

function report(
  result: ScanResult,
  baseline: Baseline | null,
  detectors: readonly Detector[],
  flags: ScanFlags,
  milliseconds: number,
): void {
  const { fresh, known } =
    baseline === null ? { fresh: result.found, known: 0 } : newAgainst(baseline, result.found);
  const sums = [
    `Scanned ${sumOf(result, milliseconds)}.`,
    `${fresh.length} found${known === 0 ? '' : `, and ${known} that the baseline knows`}.`,
  ];
  if (flags.json || flags.sarif) {
    process.stdout.write(
      flags.sarif ? sarifReport(fresh, result.skipped, detectors, version()) : jsonReport(fresh),
    );
    process.stderr.write(`${[...skippedLines(result.skipped), ...sums].join('\n').trimStart()}\n`);
  } else {
    process.stdout.write(textReport(fresh, result.skipped, detectors, sums));
  }
  process.exitCode = fresh.length > 0 ? 1 : result.skipped.some(({ trouble }) => trouble) ? 2 : 0;
}

/** Null: none is asked for. One that is to be written keeps the key of the one that is there. */
async function baselineOf({ baseline, writeBaseline }: ScanFlags): Promise<Baseline | null> {
  if (writeBaseline !== undefined) return (await readBaseline(writeBaseline)) ?? newBaseline();
  if (baseline === undefined) return null;
  const read = await readBaseline(baseline);
  if (read === null) {
    throw new ScanError(
      'bad_baseline',
      `there is no ${baseline}: write it with --write-baseline ${baseline}`,
    );
  }
  return read;
}

function oneOf<T extends string>(flag: string, names: readonly T[], given: string): T {
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  throw new ScanError('bad_option', `${flag} is one of ${names.join(', ')}, not "${given.slice(0, 20)}"`);
}

function threadsOf(given: string): number {
  if (/^[1-9]\d?$/.test(given)) return Number(given);
  throw new ScanError('bad_option', `--workers is a number from 1 to 99, not "${given.slice(0, 20)}"`);
}

function version(): string {
  const { version: said } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  return said;
}
