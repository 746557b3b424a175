import type { WorkbenchFinding } from '../api/workbench-types.ts';
import { classLabel } from '../design/classes.ts';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { TreatmentMark } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import type { Piece } from './pieces.ts';

/** Where a finding stands in a text, and where in the list. */
export const markId = (name: string, finding: number): string => `${name}-${finding}`;

/**
 * A text with what was found in it: by colour, weave and mark of its treatment, and by the name of its kind. Each leads to its
 * line in the list.
 */
export function Marked({
  name,
  label,
  pieces,
  findings,
  active,
  labelled,
  onActive,
}: {
  /** Of the text, unlike that of any other on the page. */
  name: string;
  label: string;
  pieces: readonly Piece[];
  findings: readonly WorkbenchFinding[];
  active: number | null;
  /** Whether the kind of data stands beside each. */
  labelled: boolean;
  onActive: (finding: number) => void;
}) {
  return (
    <ScrollRegion
      label={label}
      className="max-h-[420px] rounded-md border border-line bg-panel p-3 font-mono text-small leading-6 break-words whitespace-pre-wrap"
    >
      {pieces.map(({ start, text, finding }) => {
        const found = finding === null ? undefined : findings[finding];
        if (finding === null || found === undefined) return <span key={start}>{text}</span>;
        return (
          <a
            key={start}
            id={markId(name, finding)}
            href={`#${markId('finding', finding)}`}
            data-treatment={found.treatment}
            className="found-text"
            aria-current={active === finding ? 'true' : undefined}
            onFocus={() => onActive(finding)}
            // Moved, not entered: a text that scrolls below a resting pointer is not looked at.
            onMouseMove={() => onActive(finding)}
            onClick={(event) => {
              event.preventDefault();
              onActive(finding);
              document.getElementById(markId('finding', finding))?.focus();
            }}
          >
            {text}
            {labelled ? (
              <span className="found-label">
                <TreatmentMark treatment={found.treatment} />
                {classLabel(found.class)}
                <span className="sr-only">, {m.treatment[found.treatment].got}</span>
              </span>
            ) : null}
          </a>
        );
      })}
    </ScrollRegion>
  );
}
