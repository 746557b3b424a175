import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { Overview } from '../api/types.ts';
import { Section } from '../design/page.tsx';
import { TreatmentMark } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

const placeOf: Record<string, string> = {
  connect: '/connect',
  connection: '/connect',
  app: '/apps',
  key: '/apps',
  crossing: '/crossings',
  review: '/review',
};

export function FirstSteps({ steps }: { steps: Overview['firstSteps'] }) {
  if (steps.length === 0) return null;
  const next = steps.find((step) => !step.done);
  return (
    <Section title={m.overview.steps.title ?? ''}>
      <ol className="border-t border-line">
        {steps.map((step, index) => (
          <li key={step.id} className="flex items-baseline justify-between gap-4 border-b border-line py-2">
            <span className={step.done ? 'text-soft' : step === next ? 'font-strong' : ''}>
              {index + 1}.{' '}
              {step === next ? (
                <Link to={placeOf[step.id] ?? '/connect'} className="number-link">
                  {m.overview.steps[step.id] ?? step.id}
                </Link>
              ) : (
                (m.overview.steps[step.id] ?? step.id)
              )}
            </span>
            <span className="shrink-0 text-small text-soft">
              {step.done ? m.overview.steps.done : m.overview.steps.todo}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

const sent = [
  ['$email', 'ada@example.com', 'drop', ''],
  ['ip', '203.0.113.9', 'drop', ''],
  ['distinct_id', 'user-4711', 'pseudonymise', 'pFq2…dg'],
  ['$browser', 'Firefox 142', 'generalise', 'Firefox'],
  ['mp_country_code', 'NL', 'pass', 'NL'],
] as const;

/** One made-up event, as sent and as got. */
export function LittleCrossing() {
  return (
    <div className="grid grid-cols-[auto_1fr_auto_1fr] items-center gap-x-3 gap-y-1 font-mono text-small">
      <span className="col-span-2 font-sans text-soft">{m.overview.exampleApp}</span>
      <span />
      <span className="font-sans text-soft">{m.overview.exampleVendor}</span>
      {sent.map(([name, value, treatment, result]) => (
        <Fragment key={name}>
          <span className="text-soft">{name}</span>
          <span className="truncate">{value}</span>
          <TreatmentMark treatment={treatment} titled />
          <span>
            {result === '' ? <span className="font-sans text-soft">{m.treatment.drop.got}</span> : result}
          </span>
        </Fragment>
      ))}
    </div>
  );
}
