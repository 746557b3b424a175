import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type CalendarRules,
  checkRules,
  type Law,
  type Question,
  type Rule,
  type TimeWord,
} from '@drawbridge/clocks';
import type { PackFileProblem } from '../platform/index.ts';
import { readClockFile } from './clock-packs.ts';

/** The folders of a folder of laws that hold law on deadlines. */
const folders = ['clocks', 'holidays'] as const;

/**
 * Reads and checks all law on deadlines below a folder: `clocks/*.yaml`, `holidays/*.yaml`. With a problem anywhere there is no law:
 * a rule that is left out would be a deadline that nobody is told.
 */
export async function readClockLaw(folder: string): Promise<{ law: Law } | { problems: PackFileProblem[] }> {
  const files: { file: string; text: string }[] = [];
  for (const name of folders)
    for (const entry of (await readdir(join(folder, name))).toSorted())
      if (entry.endsWith('.yaml'))
        files.push({ file: `${name}/${entry}`, text: await readFile(join(folder, name, entry), 'utf8') });
  return joinLaw(files);
}

/** The same of texts. */
export function joinLaw(
  files: readonly { file: string; text: string }[],
): { law: Law } | { problems: PackFileProblem[] } {
  const problems: PackFileProblem[] = [];
  const rules: Rule[] = [];
  const questions: Question[] = [];
  const times: TimeWord[] = [];
  const calendars: CalendarRules[] = [];
  const whose = new Map<string, string>();
  for (const { file, text } of files) {
    const read = readClockFile(file, text);
    if ('problems' in read) {
      problems.push(...read.problems);
      continue;
    }
    const one = read.read;
    if (one.kind === 'rules') rules.push(...one.rules);
    else if (one.kind === 'words') {
      questions.push(...one.questions);
      times.push(...one.times);
    } else calendars.push(one.calendar);
    for (const { id } of one.kind === 'rules' ? one.rules : one.kind === 'calendar' ? [one.calendar] : [])
      whose.set(id, file);
  }
  const law = { rules, questions, times, calendars };
  if (problems.length === 0)
    for (const { field, message } of checkRules(law))
      problems.push({
        file: whose.get(field.split('.')[0] ?? '') ?? 'clocks',
        line: 1,
        column: 1,
        field,
        message,
      });
  return problems.length > 0 ? { problems } : { law };
}
