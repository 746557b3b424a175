import type { ComesBack, WorkbenchRun } from '../api/workbench-types.ts';
import { ScrollRegion } from '../design/scroll-region.tsx';
import { Note } from '../design/state.tsx';
import { m } from '../messages/en.ts';

const words = m.workbench;

/** What an app would get of an answer that repeats what crossed. */
export function Back({ back }: { back: WorkbenchRun['back'] }) {
  if (back === null) return <p className="text-soft">{words.noBack}</p>;
  const { plain, stream } = back;
  if (stream === null) return <Answer label={words.plain} answer={plain} />;
  if (stream.text === plain.text && stream.refusal?.code === plain.refusal?.code) {
    return (
      <>
        <Answer label={words.answer} answer={plain} />
        <p className="text-small text-soft">{words.same}</p>
      </>
    );
  }
  return (
    <>
      <h3 className="font-strong">{words.plain}</h3>
      <Answer label={words.plain} answer={plain} />
      <h3 className="font-strong">{words.stream}</h3>
      <Answer label={words.stream} answer={stream} />
    </>
  );
}

function Answer({ label, answer }: { label: string; answer: ComesBack }) {
  if (answer.refusal !== null) {
    return (
      <Note urgent>
        <span className="font-strong">
          {words.refused} ({answer.refusal.code}).
        </span>{' '}
        {answer.refusal.message}
      </Note>
    );
  }
  return (
    <>
      <ScrollRegion
        label={label}
        className="max-h-[420px] rounded-md border border-line bg-panel p-3 font-mono text-small leading-6 break-words whitespace-pre-wrap"
      >
        {answer.text}
      </ScrollRegion>
      <p className="text-small text-soft">
        {answer.restored === 0 ? words.noTokens : words.restored(answer.restored)}
      </p>
    </>
  );
}
