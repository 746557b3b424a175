import type { ContractTestRun } from '../api/workbench-types.ts';
import { m } from '../messages/en.ts';

const words = m.workbench.tests;

/** Which tests do not come out as they should, and in which way. */
export function FailingTests({ run }: { run: ContractTestRun }) {
  const failing = run.items.filter(({ passed }) => !passed);
  return (
    <ul aria-label={words.failing} className="max-w-[72ch] border-t border-line">
      {failing.map(({ id, name, problems }) => (
        <li key={id} className="border-b border-line py-1.5">
          <span className="font-strong">{name}</span>
          <ul className="list-disc pl-5 text-small text-soft">
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
