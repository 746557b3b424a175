import type { MadeUpText, MakeUp, OwnWords, Tried, Try } from '@drawbridge/control';
import { madeUp, SampleError, tryRequest } from '@drawbridge/gateway/workbench';
import { FieldClassSchema, type PhraseTable, phraseHasher, phraseTable } from '@drawbridge/protocol';

type Failed = Exclude<Tried, { run: unknown }>;
/** What is given to the thread, and what it gives back: one after the other. */
export type Job = { do: 'try'; given: Try } | { do: 'make_up'; given: MakeUp };
export type Outcome = Tried | { made: MadeUpText };

/** What the thread says once it has loaded what it needs, which takes longer than most samples do. */
export const READY = 'ready';

/** What became of a job. Says nothing of the sample where it fails. */
export function outcomeOf(job: Job): Outcome {
  try {
    if (job.do === 'try') return { run: tried(job.given) };
    const { service, detectors, own, text } = job.given;
    return { made: madeUp(service, { rules: detectors, own: wordsOf(own) }, text) };
  } catch (error) {
    return failed(error);
  }
}

function tried({ service, rules, detectors, own, sample }: Try): Extract<Tried, { run: unknown }>['run'] {
  const request =
    'text' in sample
      ? { text: sample.text, endpoint: sample.endpoint ?? null }
      : { ...sample, headers: sample.headers ?? { 'content-type': 'application/json' } };
  const scan = { rules: detectors, own: wordsOf(own) };
  const { fields, findings, ...run } = tryRequest({ service, rules, scan, request });
  return {
    ...run,
    findings: findings.map(({ inString: _, ...finding }) => finding),
    fields: fields.map(([name, treatment, count]) => ({
      class: FieldClassSchema.parse(name),
      treatment,
      count,
    })),
  };
}

type Lists = 'secrets' | 'all' | 'marks';
/** Of the lists that came last: they are megabytes, and the same from one sample to the next. */
let kept: { name: string; tables: Map<Lists, PhraseTable | null> } = { name: '', tables: new Map() };

function wordsOf({ custom, phrases, phraseKey }: OwnWords) {
  const name = JSON.stringify(phrases.map(({ list, class: of, hash }) => [list, of, hash]));
  if (kept.name !== name) kept = { name, tables: new Map() };
  const { tables } = kept;
  return {
    custom,
    phrases(of: Lists): PhraseTable | null {
      const known = tables.get(of);
      if (known !== undefined) return known;
      const lists = phrases.filter((one) => isAmong(of, one.class));
      const made = lists.length === 0 ? null : phraseTable(lists, phraseHasher(phraseKey));
      tables.set(of, made);
      return made;
    },
  };
}

function isAmong(of: Lists, name: string): boolean {
  return of === 'all' || (of === 'marks' ? name === 'business.marker' : name.startsWith('business.'));
}

function failed(error: unknown): Failed {
  if (error instanceof SampleError) {
    return { problem: error.code === 'too_much' ? 'too_slow' : 'no_text_place', message: error.message };
  }
  const name = error instanceof Error ? error.name : 'an error';
  return {
    problem: 'failed',
    message: `The sample could not be tried (${name}): the pack or the contract of this connection makes no sense together.`,
  };
}
