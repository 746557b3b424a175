import type { Missing } from '../api/identity-types.ts';
import { m } from '../messages/en.ts';

const words = m.welcome;

export const steps = ['profile', 'factor', 'recovery_codes'] as const satisfies readonly Missing[];

/** Which step somebody is at: the first that is missing; keeping the codes is the last. */
export function stepAt(missing: readonly Missing[]): Missing {
  return steps.find((step) => missing.includes(step)) ?? 'recovery_codes';
}

/** How far somebody is, and what is still to come. */
export function Steps({ at }: { at: Missing }) {
  const place = steps.indexOf(at);
  return (
    <nav aria-label={words.steps} className="flex flex-col gap-2">
      <p className="text-small text-soft">{words.step(place + 1, steps.length)}</p>
      <ol className="grid grid-cols-3 gap-2">
        {steps.map((step, index) => (
          <li
            key={step}
            aria-current={index === place ? 'step' : undefined}
            className={`border-t-3 pt-1 text-small ${index <= place ? 'border-act' : 'border-line'} ${index === place ? 'font-strong' : 'text-soft'}`}
          >
            {words.names[step]}
            {index < place ? <span className="sr-only"> ({words.done})</span> : null}
          </li>
        ))}
      </ol>
    </nav>
  );
}
