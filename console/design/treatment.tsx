import type { TreatmentName } from '../api/types.ts';
import { m } from '../messages/en.ts';

/** The signature: each treatment has its own shape, so that it is told without its colour. */
const shapesOf: Record<TreatmentName, React.ReactNode> = {
  pass: <rect x="0.5" y="0.5" width="11" height="11" fill="currentColor" />,
  generalise: (
    <g fill="currentColor">
      <rect x="0.5" y="0.5" width="11" height="2.6" />
      <rect x="0.5" y="4.7" width="11" height="2.6" />
      <rect x="0.5" y="8.9" width="11" height="2.6" />
    </g>
  ),
  pseudonymise: (
    <g fill="none" stroke="currentColor" strokeWidth="1.7">
      <path d="M0.9 4.6 4.6 0.9M0.9 11.1 11.1 0.9M7.4 11.1 11.1 7.4" />
    </g>
  ),
  tokenise: (
    <g>
      <rect x="1.1" y="1.1" width="9.8" height="9.8" fill="none" stroke="currentColor" strokeWidth="1.3" />
      <circle cx="6" cy="6" r="2.1" fill="currentColor" />
    </g>
  ),
  drop: (
    <rect
      x="1"
      y="1"
      width="10"
      height="10"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeDasharray="2.5 2.5"
    />
  ),
  refuse: (
    <g fill="none" stroke="currentColor" strokeWidth="1.5">
      <rect x="1" y="1" width="10" height="10" />
      <path d="M2 2 10 10M10 2 2 10" />
    </g>
  ),
};

/** Only the shape; the word must stand beside it or in its title. */
export function TreatmentMark({ treatment, titled }: { treatment: TreatmentName; titled?: boolean }) {
  return (
    <svg
      viewBox="0 0 12 12"
      width="12"
      height="12"
      data-treatment={treatment}
      className="inline-block shrink-0 text-[var(--t)]"
      role={titled ? 'img' : undefined}
      aria-label={titled ? m.treatment[treatment].got : undefined}
      aria-hidden={titled ? undefined : true}
    >
      {titled ? <title>{m.treatment[treatment].got}</title> : null}
      {shapesOf[treatment]}
    </svg>
  );
}

/** Shape and word: how a treatment is named everywhere. */
export function Treatment({ treatment }: { treatment: TreatmentName }) {
  return (
    <span className="inline-flex items-center gap-2 whitespace-nowrap" title={m.treatment[treatment].means}>
      <TreatmentMark treatment={treatment} />
      {m.treatment[treatment].got}
    </span>
  );
}

/** The key to the colours of a picture. */
export function TreatmentLegend({ treatments }: { treatments: readonly TreatmentName[] }) {
  return (
    <ul className="flex flex-wrap gap-x-5 gap-y-1 text-small text-soft" aria-label={m.treatment.legend}>
      {treatments.map((treatment) => (
        <li key={treatment}>
          <Treatment treatment={treatment} />
        </li>
      ))}
    </ul>
  );
}
