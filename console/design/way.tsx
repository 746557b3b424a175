import type { TreatmentName } from '../api/types.ts';
import { m } from '../messages/en.ts';
import { vendorGot } from './classes.ts';
import { Treatment } from './treatment.tsx';

/** A line in the treatment's colour and weave that reaches the other side, or ends halfway. */
export function Way({ treatment }: { treatment: TreatmentName }) {
  const crossed = vendorGot(treatment);
  return (
    <span className="flex items-center gap-2" data-treatment={treatment}>
      <span className="text-small max-sm:hidden">
        <Treatment treatment={treatment} />
      </span>
      <span className="sm:hidden">
        <span className="sr-only">{m.treatment[treatment].got}</span>
      </span>
      <span aria-hidden="true" className="flex h-3 flex-1 items-center">
        <span className={`way ${crossed ? 'flex-1' : 'way-short'}`} data-treatment={treatment} />
        {crossed ? (
          <span className="way-head" data-treatment={treatment} />
        ) : (
          <span className="way-stop" data-treatment={treatment} />
        )}
      </span>
    </span>
  );
}
