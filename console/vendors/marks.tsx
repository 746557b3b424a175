import type { Treated } from '../api/types.ts';
import { classLabel } from '../design/classes.ts';
import { plural } from '../design/format.ts';
import { TreatmentMark } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

export function treatedTitle({ class: name, treatment, people }: Treated): string {
  return `${classLabel(name)}: ${m.treatment[treatment].got}, ${plural(people, 'person', 'people')}`;
}

/** Kinds of data as a row of marks, each named in its title. */
export function Marks({ items }: { items: readonly Treated[] }) {
  return (
    <span
      className="inline-flex flex-wrap items-center gap-1"
      role="img"
      aria-label={items.map(treatedTitle).join('; ')}
    >
      {items.map((item) => (
        <span key={`${item.class} ${item.treatment}`} title={treatedTitle(item)} className="inline-flex">
          <TreatmentMark treatment={item.treatment} />
        </span>
      ))}
    </span>
  );
}
