import { useId, useMemo } from 'react';
import type { Chain } from '../api/chain-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { map as words } from '../messages/pages/map.ts';
import { darkWithout } from './layout.ts';

const MOST_NAMED = 60;

/** Takes one vendor away, and says who goes dark with it. */
export function Lost({
  chain,
  lost,
  onLose,
}: {
  chain: Pick<Chain, 'nodes' | 'edges'>;
  lost: string | null;
  onLose: (id: string | null) => void;
}) {
  const field = useId();
  const nodes = useMemo(() => chain.nodes.toSorted((a, b) => a.name.localeCompare(b.name)), [chain.nodes]);
  const dark = useMemo(() => (lost === null ? null : darkWithout(lost, chain.edges)), [chain.edges, lost]);
  const gone = nodes.find(({ id }) => id === lost);
  const others = nodes.filter(({ id }) => id !== lost && dark?.has(id) === true);
  return (
    <div id="lost" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-2">
        <div className="flex flex-col gap-0.5">
          <label htmlFor={field} className="text-small text-soft">
            {words.lose}
          </label>
          <select
            id={field}
            className="control control-slim max-w-[260px]"
            value={lost ?? ''}
            onChange={({ target }) => onLose(target.value === '' ? null : target.value)}
          >
            <option value="">{words.loseNone}</option>
            {nodes.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </div>
        {lost === null ? null : (
          <Button slim onClick={() => onLose(null)}>
            {words.restore}
          </Button>
        )}
      </div>
      <div role="status">
        {gone === undefined ? null : (
          <>
            <p className="font-strong">
              {words.lost(gone.name, others.length, others.filter(({ depth }) => depth === 1).length)}
            </p>
            <p className="text-soft">{words.lostLead}</p>
            <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1">
              {[gone, ...others].slice(0, MOST_NAMED).map(({ id, name }) => (
                <li key={id}>
                  <TextLink to="/vendors/$vendor" params={{ vendor: id }}>
                    {name}
                  </TextLink>
                </li>
              ))}
              {others.length >= MOST_NAMED ? <li>…</li> : null}
            </ul>
          </>
        )}
      </div>
    </div>
  );
}
