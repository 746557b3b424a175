import type { LookedFor, MadeUpText, MakeUp, Tried, Try } from '@drawbridge/control';
import { madeUp, SampleError, tryRequest, type WorkbenchTry } from '@drawbridge/gateway/workbench';
import { FieldClassSchema, phraseHasher, phraseTable } from '@drawbridge/protocol';
import { AskedValues } from '@drawbridge/scan';

type Failed = Exclude<Tried, { run: unknown }>;
type OwnScan = LookedFor['own'];
type Scan = WorkbenchTry['scan'];

/** What is given to the thread, and what it gives back: one after the other. */
export type Job = { do: 'try'; given: Omit<Try, 'own'> } | { do: 'make_up'; given: Omit<MakeUp, 'own'> };
/** `know`: what the organisation itself knows, for the jobs that follow. */
export type Handed = Job | { do: 'know'; own: OwnScan };
export type Outcome = Tried | { made: MadeUpText; asked: readonly string[] };

/** What the thread says once it has loaded what it needs, or taken in what is known: both take longer than most samples do. */
export const READY = 'ready';

/** Does jobs, one after the other, and keeps between them what the organisation itself knows, ready for look-ups. */
export class Jobs {
  #lengths: readonly number[] = [];
  #own: Pick<Scan, 'custom' | 'phrases' | 'marks'> = { custom: [], phrases: null, marks: null };

  know(own: OwnScan): void {
    this.#lengths = own.lengths;
    const custom = own.custom.map(({ flags, ...rest }) => ({
      ...rest,
      ...(flags === undefined ? {} : { flags }),
    }));
    this.#own = { custom, ...phrasesOf(own) };
  }

  /** What became of a job. Says nothing of the sample where it fails. */
  outcomeOf(job: Job): Outcome {
    try {
      const { told, detectors } = job.given;
      const asked = new AskedValues(this.#lengths, told);
      const scan: Scan = { ...this.#own, rules: detectors, known: asked.lengths.size === 0 ? null : asked };
      if (job.do === 'try') return { run: tried(job.given, scan), asked: [...asked.runs] };
      return { made: madeUp(job.given.service, scan, job.given.text), asked: [...asked.runs] };
    } catch (error) {
      return failed(error);
    }
  }
}

function phrasesOf({ phraseKey, phrases }: OwnScan): Pick<Scan, 'phrases' | 'marks'> {
  if (phraseKey === null) return { phrases: null, marks: null };
  const hasher = phraseHasher(phraseKey);
  // As in gateways: of all words marks of confidentiality alone are kept from coming back.
  const marks = phrases.filter(({ class: name }) => name === 'business.marker');
  return {
    phrases: phraseTable(phrases, hasher),
    marks: marks.length === 0 ? null : phraseTable(marks, hasher),
  };
}

function tried(
  { service, rules, sample }: Omit<Try, 'own'>,
  scan: Scan,
): Extract<Tried, { run: unknown }>['run'] {
  const request =
    'text' in sample
      ? { text: sample.text, endpoint: sample.endpoint ?? null }
      : { ...sample, headers: sample.headers ?? { 'content-type': 'application/json' } };
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
