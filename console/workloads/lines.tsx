import type { Workload } from '../api/trust-types.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { containerLines, githubLines, kindOf, podLines, shellLines } from './snippet.ts';

const words = m.workloads.snippet;

/** Lines that a workload needs to get its keys, with everything filled in. */
export function Lines({ workload, onClose }: { workload: Workload; onClose: () => void }) {
  const kind = kindOf(workload);
  const { origin } = location;
  return (
    <Sheet open onClose={onClose} title={words.title(workload.name)}>
      <p>{words.lead}</p>
      {kind === 'github' ? (
        <CodeBlock label={words.github} code={githubLines(workload, origin)} />
      ) : kind === 'kubernetes' ? (
        <>
          <CodeBlock label={words.kubernetes} code={podLines(workload)} />
          <CodeBlock label={words.shell} code={containerLines(workload, origin)} />
        </>
      ) : (
        <CodeBlock label={words.other} code={shellLines(workload, origin)} />
      )}
      <div>
        <Button onClick={onClose}>{words.done}</Button>
      </div>
    </Sheet>
  );
}
