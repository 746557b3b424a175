import { questions, type Row } from './suite.ts';

/** The table that people read: one line for each endpoint and mode. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ endpoint, mode, verdicts }) => {
    const cells = questions.map((question) => verdicts[question] ?? '–');
    return `| ${endpoint} | ${mode} | ${cells.join(' | ')} |`;
  });
  return [
    `| endpoint | mode | ${questions.join(' | ')} |`,
    `|---|---|${questions.map(() => '---').join('|')}|`,
    ...lines,
    '',
  ].join('\n');
}

/** How many questions that arise are answered with yes. */
export function shareOf(rows: readonly Row[]): { yes: number; all: number } {
  const all = rows.flatMap(({ verdicts }) => questions.flatMap((question) => verdicts[question] ?? []));
  return { yes: all.filter((verdict) => verdict === 'yes').length, all: all.length };
}
