import type { ReplayResult } from '../replay.ts';
import {
  circumstances,
  count,
  funnelSame,
  headline,
  joinNote,
  measures,
  percent,
  remains,
  unicityNote,
} from './words.ts';

const LABEL = 42;
const COLUMN = 12;

function row(label: string, asIs: string, minimised: string): string {
  return `  ${label.padEnd(LABEL)}${asIs.padStart(COLUMN)}${minimised.padStart(COLUMN)}`;
}

function wrapped(text: string, width = 78): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** The most frequent values of each distribution, one line each. */
function population(result: ReplayResult): string[] {
  return result.population.flatMap(({ name, values }) => {
    const shown = values
      .slice(0, 6)
      .map(({ value, people }) => `${short(value)} ${percent(people / result.people)}`);
    const more = values.length > 6 ? [`and ${count(values.length - 6)} more`] : [];
    const [first = '', ...others] = wrapped([...shown, ...more].join(' · '), 68);
    return [`  ${name}`, `      ${first}`, ...others.map((line) => `      ${line}`)];
  });
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 24)}…${text.slice(-14)}` : text;
}

/** The result for a terminal: side by side, no colour needed to read it. */
export function terminalReport(result: ReplayResult, page: string | null): string {
  const note = unicityNote(result);
  return [
    '',
    headline(result),
    '',
    ...wrapped(`${result.scenario.title}: ${circumstances(result)}`),
    '',
    row('What a theft of the whole store gives', 'as is', 'minimised'),
    ...measures(result).map((one) => row(one.label, one.asIs, one.minimised)),
    '',
    ...wrapped(joinNote(result)),
    ...(note === null ? [] : wrapped(note)),
    '',
    row('The funnel that the vendor counts', 'as is', 'minimised'),
    ...result.funnelSteps.map((step, index) =>
      row(step, count(result.funnel.asIs[index] ?? 0), count(result.funnel.minimised[index] ?? 0)),
    ),
    ...(funnelSame(result)
      ? ['  The same: analytics goes on, under names that mean nothing to a thief.']
      : []),
    '',
    row('What is left', 'as is', 'minimised'),
    ...remains(result).map((one) => row(one.label, one.asIs, one.minimised)),
    '',
    'The population (all made up; shares of people)',
    ...population(result),
    '',
    ...(result.problems.length === 0
      ? ['Every threshold is met.']
      : ['Not as it should be:', ...result.problems.flatMap((problem) => wrapped(`- ${problem}`))]),
    ...(page === null ? [] : [`The page: ${page}`]),
    `Played in ${result.seconds} s.`,
    '',
  ].join('\n');
}
