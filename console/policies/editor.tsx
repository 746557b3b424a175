import { useId, useRef } from 'react';
import type { PolicyChecked } from '../api/policy-types.ts';
import { m } from '../messages/en.ts';

const words = m.policies.one;

/**
 * A text with the numbers of its lines, where a line with something wrong has a mark. As high as its text, so that only the
 * page scrolls. What is wrong stands below; pressing it goes to its place.
 */
export function PolicyEditor({
  text,
  onChange,
  problems,
  checking,
}: {
  text: string;
  onChange: (text: string) => void;
  problems: PolicyChecked['problems'];
  checking: boolean;
}) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const lines = text.split('\n');
  const marked = new Set(problems.map(({ line }) => line));

  function goTo(line: number, column: number): void {
    const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(before + column - 1, before + column - 1);
  }

  return (
    <div className="flex flex-col gap-2">
      <label htmlFor={id} className="font-strong">
        {words.text}
      </label>
      <div className="flex max-w-full rounded-md border border-line-strong bg-panel font-mono text-small leading-5 focus-within:border-act">
        <ol
          aria-hidden="true"
          className="border-r border-line bg-sunken py-2 text-right text-soft select-none"
        >
          {lines.map((_, index) => {
            const line = index + 1;
            const isMarked = marked.has(line);
            return (
              <li key={line} className={`px-2 ${isMarked ? 'bg-alert-wash font-strong text-alert' : ''}`}>
                {isMarked ? '● ' : ''}
                {line}
              </li>
            );
          })}
        </ol>
        <textarea
          id={id}
          ref={area}
          className="min-w-0 flex-1 resize-none overflow-x-auto bg-transparent p-2 leading-5 outline-none"
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          rows={Math.max(8, lines.length)}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          aria-describedby={`${id}-found`}
          aria-invalid={problems.length > 0 ? true : undefined}
        />
      </div>
      <div id={`${id}-found`} aria-live="polite" className="flex flex-col gap-1">
        {problems.length === 0 ? (
          <p className="text-small text-soft">{checking ? words.checking : words.valid}</p>
        ) : null}
        {problems.map(({ message, line, column }) => (
          <p key={`${line} ${column} ${message}`} className="text-alert">
            {line === null || column === null ? null : (
              <>
                <button type="button" className="number-link" onClick={() => goTo(line, column)}>
                  {words.line(line, column)}
                </button>
                {': '}
              </>
            )}
            {message}
          </p>
        ))}
      </div>
    </div>
  );
}
