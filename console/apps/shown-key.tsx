import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { m } from '../messages/en.ts';

/** A key in the one moment in which it can be read. */
export function ShownKey({ text, onDone }: { text: string; onDone: () => void }) {
  return (
    <div className="flex flex-col gap-4">
      <p>{m.apps.keyLead}</p>
      <code className="break-all rounded-md border border-line-strong bg-sunken px-3 py-2 font-mono text-small">
        {text}
      </code>
      <div className="flex gap-2">
        <CopyButton text={text} />
        <Button slim onClick={onDone}>
          {m.apps.done}
        </Button>
      </div>
    </div>
  );
}
