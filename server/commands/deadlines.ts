import { open, stat } from 'node:fs/promises';
import { Clocks, ClocksError, type Deadlines, type Law, type Problem, readTime } from '@drawbridge/clocks';
import { FACTS_FORMAT, type FactsFile, readFactsFile } from '@drawbridge/control/packs';
import { DeadlinesError } from '../deadlines/error.ts';
import { deadlinesText, wordsText } from '../deadlines/text.ts';
import { shippedClockLaw } from '../shipped-packs.ts';

export interface DeadlinesFlags {
  facts?: string;
  at?: string;
  words?: boolean;
  json?: boolean;
}

/** More than any facts have; the file is not read to its end to find out. */
const MOST_BYTES = 2 * 1024 * 1024;

/**
 * `drawbridge deadlines`: clocks from facts, without a server or a network. Exit code 0; 1 when a clock is late. Throws
 * DeadlinesError.
 */
export async function deadlinesCommand(flags: DeadlinesFlags): Promise<void> {
  const law = await shippedClockLaw();
  if (flags.words) {
    process.stdout.write(flags.json ? `${JSON.stringify(wordsOf(law))}\n` : `${wordsText(law)}\n`);
    return;
  }
  if (flags.facts === undefined)
    throw new DeadlinesError('bad_option', 'give --facts <file>, or --words for what facts can say');
  const read = readFactsFile(await textOf(flags.facts));
  if ('problems' in read) throw refused(flags.facts, read.problems);
  const at = timeOf(flags, read);
  const deadlines = reckon(flags.facts, law, read, at);
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ format: 'drawbridge.deadlines-result/1', ...deadlines })}\n`
      : `${deadlinesText(deadlines, read.names)}\n`,
  );
  process.exitCode = deadlines.clocks.some(({ state }) => state === 'late') ? 1 : 0;
}

function reckon(file: string, law: Law, { facts }: FactsFile, at: number): Deadlines {
  try {
    return new Clocks(law).deadlines(facts, at);
  } catch (error) {
    if (error instanceof ClocksError) throw refused(file, error.problems);
    throw error;
  }
}

function refused(file: string, problems: readonly Problem[]): DeadlinesError {
  const lines = problems.slice(0, 20).map(({ field, message }) => `  ${field}: ${message}`);
  const more = problems.length > lines.length ? [`  and ${problems.length - lines.length} more`] : [];
  return new DeadlinesError('bad_facts', [`${file} can not be used:`, ...lines, ...more].join('\n'));
}

function timeOf({ at, facts: file }: DeadlinesFlags, read: FactsFile): number {
  const given = at ?? read.at;
  if (given === null) return Date.now();
  const instant = readTime(given);
  if (typeof instant === 'number') return instant;
  throw at === undefined
    ? refused(file ?? '-', [{ field: 'at', message: instant }])
    : new DeadlinesError('bad_option', `--at ${instant}`);
}

async function textOf(path: string): Promise<string> {
  if (path === '-') {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of process.stdin) {
      const buffer = Buffer.from(piece);
      bytes += buffer.length;
      if (bytes > MOST_BYTES) throw tooLarge('the input');
      pieces.push(buffer);
    }
    return Buffer.concat(pieces).toString('utf8');
  }
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw tooLarge(path);
    await using file = await open(path);
    return await file.readFile('utf8');
  } catch (error) {
    if (
      error instanceof Error &&
      'code' in error &&
      typeof error.code === 'string' &&
      /^E[A-Z]+$/.test(error.code)
    )
      throw new DeadlinesError('bad_option', `${path} can't be read (${error.code})`);
    throw error;
  }
}

const tooLarge = (what: string): DeadlinesError =>
  new DeadlinesError(
    'bad_facts',
    `${what} has more than ${MOST_BYTES} bytes: these are no facts of one incident`,
  );

/** What facts can name, for scripts and forms. */
function wordsOf({ questions, times, rules, calendars }: Law): object {
  return {
    format: FACTS_FORMAT,
    questions: questions.map(({ id, text, of, choices }) => ({
      id,
      text,
      of,
      choices: choices ?? ['yes', 'no'],
    })),
    times: times.map(({ id, text }) => ({ id, text })),
    rules: rules.map(({ id, regime, article, title, status }) => ({ id, regime, article, title, status })),
    calendars: calendars.map(({ id, name, zone, notes }) => ({ id, name, zone, notes })),
  };
}
