import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { ConfigError, type ConfigFlags, readConfig } from '../config.ts';
import { readRunningNote, streamRunning } from '../running.ts';

export interface ExportOptions {
  format: string;
  since?: string;
  until?: string;
  follow?: boolean;
  details?: boolean;
}

const LONGEST_WAIT_MS = 30_000;
const CURSOR_HEADER = 'x-drawbridge-cursor';

/**
 * Writes what happened to standard output, one event per line, and at the end the cursor to go on from to standard error.
 * Only whole lines are written, and the cursor is that of the last one that was taken.
 */
export async function exportCommand(flags: ConfigFlags, options: ExportOptions): Promise<void> {
  if (options.format !== 'ocsf' && options.format !== 'ecs') {
    throw new ConfigError('--format', `"${options.format}" is no format`, 'ocsf');
  }
  const config = readConfig(process.env, flags);
  const ended = new AbortController();
  const stop = () => ended.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  // Whoever read it went away, as `head` does.
  process.stdout.on('error', stop);
  let cursor = options.since;
  try {
    for (let failures = 0; ; failures += 1) {
      try {
        const note = await readRunningNote(config.dataDir, config.keysDir);
        const answer = await streamRunning(note, pathOf(options, cursor), ended.signal);
        cursor = answer.headers.get(CURSOR_HEADER) ?? cursor;
        for await (const after of copyLines(answer, ended.signal)) {
          cursor = after;
          failures = 0;
        }
        if (options.follow !== true || ended.signal.aborted) return;
        failures = -1;
      } catch (error) {
        if (ended.signal.aborted) return;
        if (options.follow !== true || isRefusal(error)) throw error;
        process.stderr.write(`drawbridge: ${words(error)} Trying again…\n`);
        await wait(Math.min(1000 * 2 ** Math.max(failures, 0), LONGEST_WAIT_MS), undefined, {
          signal: ended.signal,
        }).catch((cause: unknown) => {
          if (!ended.signal.aborted) throw cause;
        });
        if (ended.signal.aborted) return;
      }
    }
  } finally {
    if (cursor !== undefined) process.stderr.write(`cursor: ${cursor}\n`);
  }
}

function pathOf(options: ExportOptions, since: string | undefined): string {
  const query = new URLSearchParams({ format: options.format });
  if (since !== undefined) query.set('since', since);
  if (options.until !== undefined) query.set('until', options.until);
  if (options.follow === true) query.set('follow', 'true');
  if (options.details === true) query.set('details', 'true');
  return `/export?${query}`;
}

/** The control plane said what was wrong: asking again would not help. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'refused';

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const Line = z.looseObject({
  unmapped: z.looseObject({ cursor: z.string() }).optional(),
  drawbridge: z.looseObject({ cursor: z.string() }).optional(),
});

/** Writes whole lines as they come, and yields the cursor after those that standard output has taken. */
async function* copyLines(answer: Response, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of answer.body ?? []) {
    const text = rest + decoder.decode(bytes, { stream: true });
    const whole = text.lastIndexOf('\n') + 1;
    rest = text.slice(whole);
    const lines = text
      .slice(0, whole)
      .split('\n')
      .filter((line) => line !== '');
    const last = lines.at(-1);
    if (last === undefined) continue;
    if (!process.stdout.write(`${lines.join('\n')}\n`)) await once(process.stdout, 'drain', { signal });
    const { unmapped, drawbridge } = Line.parse(JSON.parse(last));
    const cursor = unmapped?.cursor ?? drawbridge?.cursor;
    if (cursor !== undefined) yield cursor;
  }
}
