import { type FormEvent, useId, useMemo, useState } from 'react';
import type { ChainNode } from '../api/chain-types.ts';
import { Button } from '../design/button.tsx';
import { map as words } from '../messages/pages/map.ts';

const MOST = 6;

/** Finds a vendor in the picture by its name; Enter takes the first. */
export function Find({ nodes, onFind }: { nodes: readonly ChainNode[]; onFind: (id: string) => void }) {
  const field = useId();
  const [text, setText] = useState('');
  const found = useMemo(() => matches(nodes, text), [nodes, text]);
  const take = (id: string): void => {
    setText('');
    onFind(id);
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const [first] = found;
    if (first !== undefined) take(first.id);
  };
  return (
    <form onSubmit={onSubmit} className="relative flex flex-col gap-0.5">
      <label htmlFor={field} className="text-small text-soft">
        {words.find}
      </label>
      <input
        id={field}
        type="search"
        autoComplete="off"
        className="control control-slim w-[220px]"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setText('');
        }}
      />
      <div role="status" className="sr-only">
        {text.trim() === '' ? '' : words.found(found.length)}
      </div>
      {text.trim() === '' ? null : (
        <ul className="absolute top-full left-0 z-20 mt-1 flex w-[280px] flex-col rounded-md border border-line-strong bg-panel p-1">
          {found.slice(0, MOST).map(({ id, name }) => (
            <li key={id} className="flex">
              <Button slim weight="quiet" onClick={() => take(id)}>
                {name}
              </Button>
            </li>
          ))}
          {found.length > MOST ? (
            <li className="px-2 text-small text-soft">{words.found(found.length)}</li>
          ) : null}
          {found.length === 0 ? <li className="px-2 text-soft">{words.found(0)}</li> : null}
        </ul>
      )}
    </form>
  );
}

/** Those whose name or id holds the text: who begins with it first, then by name. */
function matches(nodes: readonly ChainNode[], text: string): ChainNode[] {
  const part = text.trim().toLowerCase();
  if (part === '') return [];
  const begins = ({ name }: ChainNode): number => (name.toLowerCase().startsWith(part) ? 0 : 1);
  return nodes
    .filter(({ id, name }) => name.toLowerCase().includes(part) || id.includes(part))
    .sort((a, b) => begins(a) - begins(b) || a.name.localeCompare(b.name, 'en'));
}
