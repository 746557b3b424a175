import { useMemo } from 'react';
import type { Chain, ChainEdge, ChainNode } from '../api/chain-types.ts';
import { useMay } from '../api/may.ts';
import { Button, TextButton, TextLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import type { Column } from '../design/table/columns.ts';
import { DataTable } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { map as words } from '../messages/pages/map.ts';
import { type ChainAct, useChainActs } from './acts.ts';
import { LinkActs } from './behind.tsx';
import { US } from './layout.ts';
import { endName } from './link-sheet.tsx';

const views = ['vendors', 'links', 'observed_only', 'declared_only'] as const;
type View = (typeof views)[number];

/** The picture's content as a table: vendors, links, or where the two layers differ. */
export function ChainTable({
  chain,
  view: asked,
  onView,
  onLose,
}: {
  chain: Chain;
  view: string | undefined;
  onView: (view: View | undefined) => void;
  onLose: (id: string) => void;
}) {
  const view = views.find((one) => one === asked) ?? 'vendors';
  const names = useMemo(() => new Map(chain.nodes.map(({ id, name }) => [id, name])), [chain.nodes]);
  const mayChange = useMay('chain.change');
  const { show } = useChainActs();
  const links = linkColumns(names, mayChange ? show : null);
  const differing = useMemo(() => differences(chain.edges), [chain.edges]);
  const tools = (
    <label className="flex shrink-0 flex-col gap-0.5 text-small text-soft">
      {words.show}
      <select
        className="control control-slim max-w-[240px]"
        value={view}
        onChange={({ target }) => onView(views.find((one) => one === target.value && one !== 'vendors'))}
      >
        {views.map((one) => (
          <option key={one} value={one}>
            {words.views[one]}
          </option>
        ))}
      </select>
    </label>
  );
  const empty = <p className="text-soft">{words.noLinks}</p>;
  return (
    <section className="flex flex-col gap-3" aria-label={words.views[view]}>
      <p className="flex flex-wrap gap-x-6 gap-y-1">
        <TextButton onClick={() => onView('observed_only')}>
          {words.onlyObserved(differing.observed_only.length)}
        </TextButton>
        <TextButton onClick={() => onView('declared_only')}>
          {words.onlyDeclared(differing.declared_only.length)}
        </TextButton>
      </p>
      {view === 'vendors' ? (
        <DataTable
          key={view}
          label={words.views[view]}
          csvName="chain-vendors"
          columns={vendorColumns(onLose)}
          rows={chain.nodes}
          rowId={({ id }) => id}
          empty={empty}
          tools={tools}
        />
      ) : (
        <>
          {(view === 'links' ? chain.edges : differing[view]).length === 0 ? tools : null}
          <DataTable
            key={view}
            label={words.views[view]}
            csvName="chain-links"
            columns={links}
            rows={view === 'links' ? chain.edges : differing[view]}
            rowId={({ from, to, layer }) => `${from} ${to} ${layer}`}
            empty={empty}
            tools={tools}
          />
        </>
      )}
    </section>
  );
}

/** As the API's `difference` has it, of the layers that are shown. */
function differences(edges: readonly ChainEdge[]) {
  const pairOf = ({ from, to }: ChainEdge): string => `${from} ${to}`;
  const of = (layer: ChainEdge['layer']) => edges.filter((edge) => edge.layer === layer);
  const [declared, observed] = [of('declared'), of('observed')];
  const [said, seen] = [new Set(declared.map(pairOf)), new Set(observed.map(pairOf))];
  return {
    observed_only: observed.filter((edge) => !said.has(pairOf(edge))),
    declared_only: declared.filter((edge) => !seen.has(pairOf(edge))),
  };
}

const ranks = { critical: 3, important: 2, supporting: 1, unknown: 0 } as const;

const number = (id: string, head: string, of: (node: ChainNode) => number): Column<ChainNode> => ({
  id,
  head,
  numeric: true,
  width: '124px',
  sort: of,
  csv: of,
  cell: (node) => count(of(node)),
});

const isSeen = ({ people, depth }: ChainNode): boolean => people > 0 || depth === 1;

const vendorColumns = (onLose: (id: string) => void): readonly Column<ChainNode>[] => [
  {
    id: 'vendor',
    head: words.vendor,
    fixed: true,
    phone: true,
    phoneWidth: '46%',
    sort: ({ name }) => name.toLowerCase(),
    csv: ({ name }) => name,
    cell: ({ id, name }) => (
      <TextLink to="/vendors/$vendor" params={{ vendor: id }}>
        {name}
      </TextLink>
    ),
  },
  {
    id: 'depth',
    head: words.depth,
    numeric: true,
    width: '124px',
    sort: ({ depth }) => depth ?? 1_000,
    csv: ({ depth }) => depth ?? '',
    cell: ({ depth }) => depth ?? <span className="text-soft">{words.unreached}</span>,
  },
  {
    ...number('people', words.people, ({ people }) => people),
    csv: (node) => (isSeen(node) ? node.people : ''),
    // What reaches those behind others was not seen by us: that is not nobody.
    cell: (node) =>
      isSeen(node) ? count(node.people) : <span className="text-soft">{words.peopleUnknown}</span>,
  },
  {
    id: 'criticality',
    head: words.criticality,
    width: '124px',
    sort: ({ criticality }) => ranks[criticality],
    csv: ({ criticality }) => criticality,
    cell: ({ criticality }) => words.criticalities[criticality],
  },
  {
    ...number('dependents', words.dependents, ({ dependents }) => dependents),
    phone: true,
    phoneWidth: '26%',
  },
  number('onlyThrough', words.onlyThrough, ({ onlyThrough }) => onlyThrough),
  {
    id: 'act',
    head: words.act,
    fixed: true,
    phone: true,
    numeric: true,
    width: '96px',
    phoneWidth: '28%',
    cell: ({ id, name }) => (
      <Button slim aria-label={words.loseOne(name)} onClick={() => onLose(id)}>
        {words.lose}
      </Button>
    ),
  },
];

const linkColumns = (
  names: ReadonlyMap<string, string>,
  show: ((act: ChainAct, of: string) => void) | null,
): readonly Column<ChainEdge>[] => {
  const nameOf = (id: string): string => endName(id, names);
  const acts: Column<ChainEdge> = {
    id: 'change',
    head: words.link.change,
    fixed: true,
    numeric: true,
    width: '168px',
    cell: ({ id, from, to }) =>
      show === null ? null : <LinkActs id={id} from={nameOf(from)} to={nameOf(to)} show={show} />,
  };
  const end = (id: 'from' | 'to', head: string): Column<ChainEdge> => ({
    id,
    head,
    fixed: true,
    phone: true,
    width: '17%',
    phoneWidth: '32%',
    sort: (edge) => nameOf(edge[id]).toLowerCase(),
    csv: (edge) => nameOf(edge[id]),
    cell: (edge) =>
      edge[id] === US ? (
        words.us
      ) : (
        <TextLink to="/vendors/$vendor" params={{ vendor: edge[id] }}>
          {nameOf(edge[id])}
        </TextLink>
      ),
  });
  return [
    end('from', words.from),
    end('to', words.to),
    {
      id: 'layer',
      head: words.layer,
      phone: true,
      width: '112px',
      phoneWidth: '36%',
      sort: ({ layer }) => layer,
      csv: ({ layer }) => layer,
      cell: ({ layer }) => words.marks[layer],
    },
    {
      id: 'scopes',
      head: words.scopes,
      width: '18%',
      csv: ({ scopes }) => scopes.join(' '),
      cell: ({ scopes }) =>
        scopes.length === 0 ? (
          <span className="text-soft">{words.scopesUnknown}</span>
        ) : (
          scopes.map((scope) => words.scopeNames[scope]).join(', ')
        ),
    },
    {
      id: 'source',
      head: words.source,
      csv: ({ source }) => source.text,
      cell: ({ source, note }) => <span title={note ?? source.text}>{source.text}</span>,
    },
    {
      id: 'since',
      head: words.since,
      numeric: true,
      width: '116px',
      sort: (edge) => edge.validFrom ?? edge.firstSeenAt,
      csv: (edge) => edge.validFrom ?? edge.firstSeenAt,
      cell: (edge) => <Ago at={edge.validFrom ?? edge.firstSeenAt} />,
    },
    ...(show === null ? [] : [acts]),
  ];
};
