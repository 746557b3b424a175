import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { saveAs } from '../design/save.ts';
import { m } from '../messages/en.ts';

const words = m.factors.codes;

/** Ten codes in the one moment in which they can be read, and the ways to keep them. Ends when somebody says they did. */
export function RecoveryCodes({
  codes,
  done,
  onKept,
}: {
  codes: readonly string[];
  /** What the last button is called. */
  done: string;
  onKept: () => void;
}) {
  const session = useQuery(queries.session());
  const [kept, setKept] = useState(false);
  const [asked, setAsked] = useState(false);
  const head = words.fileHead(session.data?.deployment.name ?? '', session.data?.person?.email ?? '');
  const text = `${codes.join('\n')}\n`;
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(!kept);
        if (kept) onKept();
      }}
    >
      <div className="printed flex flex-col gap-2">
        <p className="hidden print:block">{head}</p>
        <ol
          aria-label={words.list}
          className="grid list-none grid-cols-2 gap-x-6 gap-y-1 rounded-md border border-line bg-sunken px-4 py-3 font-mono max-sm:text-small"
        >
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ol>
      </div>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={text} label={words.copy} />
        <Button slim onClick={() => saveAs(words.file, [`${head}\n\n${text}`], 'text/plain')}>
          {words.download}
        </Button>
        <Button slim onClick={() => window.print()}>
          {words.print}
        </Button>
      </div>
      <label className="flex gap-3 rounded-md border border-line bg-panel px-3 py-2 has-checked:border-act has-checked:bg-act-wash">
        <input
          type="checkbox"
          className="mt-0.5 shrink-0"
          checked={kept}
          onChange={(event) => setKept(event.target.checked)}
        />
        <span>{words.kept}</span>
      </label>
      {asked && !kept ? (
        <p role="alert" className="text-alert">
          {words.keptFirst}
        </p>
      ) : null}
      <div>
        <Button type="submit" weight="main">
          {done}
        </Button>
      </div>
    </form>
  );
}
