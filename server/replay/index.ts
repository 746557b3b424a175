import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type PlayOptions, playReplay, type ReplayResult } from './replay.ts';
import { replayPage } from './report/page.ts';
import { terminalReport } from './report/terminal.ts';

export { type MarkedValues, markedValues } from './population/marked.ts';
export { makePopulation } from './population/population.ts';
export type { ReplayResult } from './replay.ts';
export { readScenario } from './scenario.ts';

export interface ReplayOptions extends PlayOptions {
  /** The folder for `latest.json` and `latest.html`: `<data>/replays`. Made if it is not there. */
  out: string;
  /** `text` is JSON rather than a report. */
  json: boolean;
}

export interface ReplayOutcome {
  result: ReplayResult;
  /** For standard output, with a line break at its end. */
  text: string;
  /** Every threshold is met; else the command fails, and `result.problems` says why. */
  passed: boolean;
  files: { json: string; html: string };
}

/** Written whole or not at all: the console may read at any time. */
async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** Plays the incident, writes the result for the console and as a page, and says it in words. */
export async function runReplay({ out, json, ...options }: ReplayOptions): Promise<ReplayOutcome> {
  const result = await playReplay(options);
  for (const problem of result.problems) options.log(`Not as it should be: ${problem}`);
  const files = { json: join(out, 'latest.json'), html: join(out, 'latest.html') };
  const written = `${JSON.stringify(result, null, 2)}\n`;
  await mkdir(out, { recursive: true, mode: 0o700 });
  await writeWhole(files.json, written);
  await writeWhole(files.html, replayPage(result));
  return {
    result,
    text: json ? written : terminalReport(result, files.html),
    passed: result.problems.length === 0,
    files,
  };
}
