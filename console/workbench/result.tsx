import { useState } from 'react';
import type { WorkbenchFinding, WorkbenchRun } from '../api/workbench-types.ts';
import { classLabel, treatmentOrder } from '../design/classes.ts';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Note } from '../design/state.tsx';
import { Treatment, TreatmentLegend } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { Back } from './back.tsx';
import { FindingList } from './finding-list.tsx';
import { Marked } from './marked.tsx';
import { piecesOf, standing } from './pieces.ts';

const words = m.workbench;
/** More would make a page slow to draw. */
const MOST_SHOWN = 100_000;

/** What became of a sample: what was found where, what crosses, what comes back. */
export function Result({
  run,
  inForce,
  vendor,
  given,
}: {
  run: WorkbenchRun;
  /** The same under the contract in force, where a draft is shown. */
  inForce: WorkbenchRun | undefined;
  vendor: string;
  given: string;
}) {
  const [active, setActive] = useState<number | null>(null);
  const { findings, refusal, crosses } = run;
  const read = run.read ?? given;
  const at = active !== null && active < findings.length ? active : null;
  const treatments = [...new Set(findings.map(({ treatment }) => treatment))].sort(
    (a, b) => treatmentOrder(a) - treatmentOrder(b),
  );
  const marked = { findings, active: at, onActive: setActive };
  return (
    <div className="flex flex-col gap-8">
      {refusal === null ? null : (
        <div role="status">
          <Note urgent>
            <span className="font-strong">
              {words.refused} ({refusal.code}).
            </span>{' '}
            {refusal.message} {refusal.path === null ? '' : words.where(refusal.path)}
          </Note>
        </div>
      )}
      <div className="grid gap-x-8 gap-y-6 2xl:grid-cols-[minmax(0,1fr)_minmax(0,340px)]">
        <Section title={words.marked}>
          <Marked
            {...marked}
            name="read"
            label={words.markedText}
            labelled
            pieces={piecesOf(read.slice(0, MOST_SHOWN), findings)}
          />
          {treatments.length === 0 ? null : <TreatmentLegend treatments={treatments} />}
          <Told shown={read} isUnpacked={run.read !== null && run.read !== given} />
        </Section>
        <Section title={words.list}>
          <FindingList {...marked} found={run.found} was={(finding) => formerly(finding, inForce)} />
        </Section>
      </div>
      <div className="grid gap-x-8 gap-y-6 xl:grid-cols-2">
        <Section title={words.crosses(vendor)}>
          {crosses === null ? (
            <p className="text-soft">{words.nothingCrosses}</p>
          ) : (
            <Marked
              {...marked}
              name="crosses"
              label={words.crossingText}
              labelled={false}
              pieces={standing(crosses.slice(0, MOST_SHOWN), findings)}
            />
          )}
          {crosses === null ? null : <Told shown={crosses} isUnpacked={false} />}
        </Section>
        <Section title={words.back} lead={words.backLead}>
          {crosses === null ? <p className="text-soft">{words.nothingBack}</p> : <Back back={run.back} />}
        </Section>
      </div>
      {run.fields.length === 0 ? null : (
        <details>
          <summary className="number-link w-fit">{words.fields}</summary>
          <ul className="mt-3 max-w-[640px] border-t border-line">
            {run.fields.map((field) => (
              <li
                key={`${field.class} ${field.treatment}`}
                className="flex justify-between gap-4 border-b border-line py-1"
              >
                <span>{classLabel(field.class)}</span>
                <span className="inline-flex items-center gap-3">
                  <Treatment treatment={field.treatment} />
                  <span className="w-10 text-right">{count(field.count)}</span>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Told({ shown, isUnpacked }: { shown: string; isUnpacked: boolean }) {
  const parts = [
    ...(shown.length > MOST_SHOWN ? [words.cut(count(MOST_SHOWN))] : []),
    ...(isUnpacked ? [words.unpacked] : []),
  ];
  return parts.length === 0 ? null : <p className="text-small text-soft">{parts.join(' ')}</p>;
}

/** What becomes of a finding under the contract in force, where it is something else. */
function formerly(finding: WorkbenchFinding, inForce: WorkbenchRun | undefined): string | null {
  if (inForce === undefined || finding.span === null) return null;
  const { span, class: name } = finding;
  const was = inForce.findings.find(
    (one) => one.class === name && one.span?.start === span.start && one.span.end === span.end,
  );
  if (was === undefined) return words.notFound;
  return was.treatment === finding.treatment ? null : m.treatment[was.treatment].got;
}
