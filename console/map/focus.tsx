import { useMemo } from 'react';
import type { Chain, ChainEdge } from '../api/chain-types.ts';
import { Button, ButtonLink, TextButton } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { map } from '../messages/pages/map.ts';
import { US } from './layout.ts';

const words = map.focus;
const MOST = 40;

/** Who stands around the one that is looked at, in words; each of them can be looked at next. */
export function Focus({
  chain,
  focus,
  onFocus,
  onLose,
}: {
  chain: Pick<Chain, 'nodes' | 'edges'>;
  focus: string | null;
  onFocus: (id: string | null) => void;
  onLose: (id: string) => void;
}) {
  const nodes = useMemo(() => new Map(chain.nodes.map((node) => [node.id, node])), [chain.nodes]);
  const node = focus === null ? undefined : nodes.get(focus);
  if (node === undefined) return null;
  const nameOf = (id: string): string => (id === US ? map.us : (nodes.get(id)?.name ?? id));
  const into = chain.edges.filter(({ to }) => to === node.id);
  const outOf = chain.edges.filter(({ from }) => from === node.id);
  return (
    <section
      aria-label={words.title(node.name)}
      className="flex flex-col gap-3 rounded-md border border-line bg-panel px-4 py-3"
    >
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div>
          <h2 className="text-head font-strong">{node.name}</h2>
          <p className="text-soft">
            {words.stands(
              node.depth,
              node.people > 0 || node.depth === 1 ? count(node.people) : null,
              node.dependents,
              map.criticalities[node.criticality],
            )}
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <ButtonLink slim to="/vendors/$vendor" params={{ vendor: node.id }}>
            {words.page}
          </ButtonLink>
          <Button slim onClick={() => onLose(node.id)}>
            {words.lose}
          </Button>
          <Button slim onClick={() => onFocus(null)}>
            {words.leave}
          </Button>
        </div>
      </div>
      <div className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
        <Ends
          title={words.from(byEnd(into, 'from').size)}
          edges={into}
          end="from"
          nameOf={nameOf}
          onFocus={onFocus}
        />
        <Ends
          title={words.to(byEnd(outOf, 'to').size)}
          edges={outOf}
          end="to"
          nameOf={nameOf}
          onFocus={onFocus}
        />
      </div>
    </section>
  );
}

const byEnd = (edges: readonly ChainEdge[], end: 'from' | 'to') => Map.groupBy(edges, (edge) => edge[end]);

function Ends({
  title,
  edges,
  end,
  nameOf,
  onFocus,
}: {
  title: string;
  edges: readonly ChainEdge[];
  end: 'from' | 'to';
  nameOf: (id: string) => string;
  onFocus: (id: string) => void;
}) {
  const ends = [...byEnd(edges, end)].sort(([a], [b]) => nameOf(a).localeCompare(nameOf(b), 'en'));
  return (
    <div>
      <h3 className="text-small font-strong">{title}</h3>
      <ul className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
        {ends.slice(0, MOST).map(([id, links]) => (
          <li key={id}>
            {id === US ? nameOf(id) : <TextButton onClick={() => onFocus(id)}>{nameOf(id)}</TextButton>}{' '}
            <span className="text-small text-soft">
              {links.map(({ layer }) => map.marks[layer]).join(', ')}
            </span>
          </li>
        ))}
        {ends.length > MOST ? <li className="text-soft">{words.more(ends.length - MOST)}</li> : null}
      </ul>
    </div>
  );
}
