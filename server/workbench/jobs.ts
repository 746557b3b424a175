import type { MadeUpText, MakeUp, Tried, Try } from '@drawbridge/control';
import { madeUp, SampleError, tryRequest } from '@drawbridge/gateway/workbench';
import { FieldClassSchema } from '@drawbridge/protocol';

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
    const { service, detectors, text } = job.given;
    return { made: madeUp(service, { rules: detectors }, text) };
  } catch (error) {
    return failed(error);
  }
}

function tried({ service, rules, detectors, sample }: Try): Extract<Tried, { run: unknown }>['run'] {
  const request =
    'text' in sample
      ? { text: sample.text, endpoint: sample.endpoint ?? null }
      : { ...sample, headers: sample.headers ?? { 'content-type': 'application/json' } };
  const { fields, findings, ...run } = tryRequest({ service, rules, scan: { rules: detectors }, request });
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
