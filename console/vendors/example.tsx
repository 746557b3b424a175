import { classLabel } from '../design/classes.ts';
import { count } from '../design/format.ts';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

const example = [
  ['person.id', 'pseudonymise', 1204],
  ['geo.country', 'pass', 1204],
  ['device.browser', 'generalise', 1187],
  ['person.email', 'drop', 1204],
] as const;

/** What a vendor's page will look like, in four made-up rows. */
export function ExampleHolding() {
  return (
    <div className="border-l-3 border-line pl-4">
      <p className="font-strong">{m.vendors.exampleTitle}</p>
      <ul className="mt-2 grid max-w-[420px] grid-cols-[1fr_auto_auto] gap-x-8 gap-y-1">
        {example.map(([name, treatment, people]) => (
          <li key={name} className="col-span-3 grid grid-cols-subgrid">
            <span>{classLabel(name)}</span>
            <Treatment treatment={treatment} />
            <span className="text-right">{count(people)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
