import type { CrossingDetail } from '../api/types.ts';
import { classLabel } from '../design/classes.ts';
import { Section } from '../design/page.tsx';
import { Note } from '../design/state.tsx';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

const words = m.modes.crossing;

/** What contract and policies would have done with a crossing for which they did not hold. */
export function Would({ crossing }: { crossing: CrossingDetail }) {
  const fields = crossing.would?.fields ?? [];
  return (
    <Section title={words.title} lead={words.lead[crossing.mode]}>
      {crossing.wouldRefuse === null ? null : (
        <Note>
          <p className="font-strong">
            {words.refused}{' '}
            <span className="font-mono text-small font-normal">{crossing.wouldRefuse.code}</span>
          </p>
          <p>{crossing.wouldRefuse.text}</p>
        </Note>
      )}
      {fields.length === 0 ? (
        crossing.wouldRefuse === null && crossing.would !== null ? (
          <p className="text-soft">{words.same}</p>
        ) : null
      ) : (
        <ul className="max-w-[640px] border-t border-line" aria-label={words.title}>
          {fields.map(([name, treatment, times]) => (
            <li
              key={`${name} ${treatment}`}
              className="grid grid-cols-[1fr_max-content] gap-x-6 border-b border-line py-1.5"
            >
              <span>
                {classLabel(name)}{' '}
                <span className="text-small text-soft">{m.crossings.one.times(times)}</span>
              </span>
              <span className="inline-flex items-center gap-2">
                <span className="text-small text-soft">{words.wouldBe}</span>
                <Treatment treatment={treatment} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
