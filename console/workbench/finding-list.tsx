import type { WorkbenchFinding } from '../api/workbench-types.ts';
import { Button } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { markId } from './marked.tsx';

const words = m.workbench;

/** The findings, one after the other; the one that is looked at is shown in the texts too. */
export function FindingList({
  findings,
  found,
  active,
  was,
  onActive,
}: {
  findings: readonly WorkbenchFinding[];
  found: number;
  active: number | null;
  /** What becomes of it under the contract in force, where that is something else. */
  was: (finding: WorkbenchFinding) => string | null;
  onActive: (finding: number) => void;
}) {
  function go(by: 1 | -1): void {
    const next = active === null ? (by === 1 ? 0 : findings.length - 1) : active + by;
    const at = (next + findings.length) % findings.length;
    onActive(at);
    document.getElementById(markId('read', at))?.scrollIntoView({ block: 'nearest' });
    document.getElementById(markId('finding', at))?.focus();
  }

  if (findings.length === 0) return <p className="text-soft">{words.none}</p>;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <Button slim onClick={() => go(-1)}>
          {words.previous}
        </Button>
        <Button slim onClick={() => go(1)}>
          {words.next}
        </Button>
        <span className="text-small text-soft">
          {active === null ? '' : words.position(active + 1, findings.length)}
        </span>
      </div>
      <ScrollRegion label={words.allFindings} className="max-h-[420px] border-t border-line">
        <ol>
          {findings.map((finding, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no identity beyond their place
            <li key={at} className="border-b border-line">
              <button
                type="button"
                id={markId('finding', at)}
                aria-current={active === at ? 'true' : undefined}
                className={`w-full px-2 py-1.5 text-left ${active === at ? 'bg-act-wash' : ''}`}
                onFocus={() => onActive(at)}
                onMouseMove={() => onActive(at)}
                onClick={() => {
                  onActive(at);
                  document.getElementById(markId('read', at))?.scrollIntoView({ block: 'nearest' });
                }}
              >
                <Line finding={finding} was={was(finding)} />
              </button>
            </li>
          ))}
        </ol>
      </ScrollRegion>
      {found > findings.length ? <p className="text-small text-soft">{words.more(findings.length)}</p> : null}
    </div>
  );
}

function Line({ finding, was }: { finding: WorkbenchFinding; was: string | null }) {
  const { class: name, confidence, detector, why, treatment, stands, path } = finding;
  return (
    <span className="flex flex-col gap-0.5">
      <span className="flex flex-wrap items-center justify-between gap-x-4">
        <span className="font-strong">{classLabel(name)}</span>
        <Treatment treatment={treatment} />
      </span>
      {was === null ? null : <span className="text-small font-strong text-act">{words.inForce(was)}</span>}
      <span className="text-small text-soft">
        {words.confidence[confidence]} · {words.by(detector, why)}
      </span>
      <span className="font-mono text-small break-all text-soft">{path ?? words.elsewhere}</span>
      {stands === null ? null : (
        <span className="text-small break-all">
          {words.stands}: <span className="font-mono">{stands}</span>
        </span>
      )}
    </span>
  );
}
