import type { Tried, Try } from '@drawbridge/control';
import { SampleError, tryRequest } from '@drawbridge/gateway';

/** What is given to the thread, and what it gives back: one after the other. */
export type Job = Try;
export type Outcome = Tried;

/** What became of a job. Says nothing of the sample where it fails. */
export function outcomeOf({ service, rules, detectors, sample }: Job): Outcome {
  try {
    const request =
      'text' in sample
        ? { text: sample.text, endpoint: sample.endpoint ?? null }
        : { ...sample, headers: sample.headers ?? { 'content-type': 'application/json' } };
    const { fields, findings, ...run } = tryRequest({ service, rules, scan: { rules: detectors }, request });
    return {
      run: {
        ...run,
        findings: findings.map(({ inString: _, ...finding }) => finding),
        fields: fields.map(([name, treatment, count]) => ({ class: name as never, treatment, count })),
      },
    };
  } catch (error) {
    if (error instanceof SampleError) return { problem: 'no_text_place', message: error.message };
    const name = error instanceof Error ? error.name : 'an error';
    return {
      problem: 'failed',
      message: `The sample could not be tried (${name}): the pack or the contract of this connection makes no sense together.`,
    };
  }
}
