import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { ChainNamedEdge } from '../api/chain-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink, TextLink } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { map } from '../messages/pages/map.ts';
import { Permitted } from '../shell/permitted.tsx';
import { useChainActs } from './acts.ts';
import { US } from './layout.ts';
import { ChangeLink, EnterLink } from './link-sheet.tsx';
import { ListSheet } from './list-sheet.tsx';
import { Published } from './published.tsx';

const words = map.behind;
const cell = 'border-b border-line px-3 py-2';

/** On a vendor's page: to whom it hands data on, who hands data to it, and the list it publishes. Nothing for those who may not see the chain. */
export function BehindVendor({ vendor, name }: { vendor: string; name: string }) {
  const mayRead = useMay('chain.read');
  const edges = useQuery({ ...queries.chainEdges({ from: vendor }), enabled: mayRead });
  const givers = useQuery({ ...queries.chainEdges({ to: vendor }), enabled: mayRead });
  const { act, of, show, close } = useChainActs();
  if (!mayRead || (edges.data === undefined && edges.error === null)) return null;
  const others = (givers.data ?? []).filter(({ from }) => from !== US);
  const opened = [...(edges.data ?? []), ...others].find(({ id }) => id !== null && id === of);
  return (
    <>
      <Section
        title={words.title}
        lead={edges.data?.length === 0 ? words.none : words.lead}
        acts={
          <>
            <Permitted action="chain.change">
              <Button slim onClick={() => show('chain-list')}>
                {map.takeList}
              </Button>
              <Button slim onClick={() => show('chain-link')}>
                {map.link.enter}
              </Button>
            </Permitted>
            <ButtonLink to="/map" search={{ focus: vendor }} slim>
              {words.map}
            </ButtonLink>
          </>
        }
      >
        {edges.error ? <Trouble error={edges.error} onRetry={() => void edges.refetch()} /> : null}
        {givers.error ? <Trouble error={givers.error} onRetry={() => void givers.refetch()} /> : null}
        <Links label={words.table} edges={edges.data ?? []} end="to" />
      </Section>
      {others.length === 0 ? null : (
        <Section title={words.givers}>
          <Links label={words.giversTable} edges={others} end="from" />
        </Section>
      )}
      <Published vendor={vendor} />
      {act === 'chain-list' ? <ListSheet of={{ id: vendor, name }} onClose={close} /> : null}
      {act === 'chain-link' ? <EnterLink from={{ id: vendor, name }} onClose={close} /> : null}
      {(act === 'chain-change' || act === 'chain-end') && opened !== undefined ? (
        <ChangeLink
          key={`${act} ${of}`}
          edge={opened}
          names={{ from: opened.fromName, to: opened.toName }}
          isEnd={act === 'chain-end'}
          onClose={close}
        />
      ) : null}
    </>
  );
}

function Links({
  label,
  edges,
  end,
}: {
  label: string;
  edges: readonly ChainNamedEdge[];
  end: 'from' | 'to';
}) {
  const mayChange = useMay('chain.change');
  const { show } = useChainActs();
  if (edges.length === 0) return null;
  return (
    <PlainTable
      label={label}
      heads={[map.vendor, map.layer, map.scopes, map.source]}
      numeric={mayChange ? [map.since, map.link.change] : [map.since]}
    >
      {edges.map((edge) => {
        const { from, to, fromName, toName, layer, scopes, source, note, validFrom, firstSeenAt, id } = edge;
        return (
          <tr key={`${from} ${to} ${layer}`}>
            <td className={cell}>
              <TextLink to="/vendors/$vendor" params={{ vendor: edge[end] }}>
                {end === 'to' ? toName : fromName}
              </TextLink>
            </td>
            <td className={`${cell} whitespace-nowrap`}>{map.marks[layer]}</td>
            <td className={cell}>
              {scopes.length === 0
                ? map.scopesUnknown
                : scopes.map((scope) => map.scopeNames[scope]).join(', ')}
            </td>
            <td className={cell}>
              {source.text}
              {note === null ? null : <span className="block text-small text-soft">{note}</span>}
              <Conditions edge={edge} />
            </td>
            <td className={`${cell} text-right`}>
              <Ago at={validFrom ?? firstSeenAt} />
            </td>
            {mayChange ? (
              <td className={`${cell} text-right whitespace-nowrap`}>
                <LinkActs id={id} from={fromName} to={toName} show={show} />
              </td>
            ) : null}
          </tr>
        );
      })}
    </PlainTable>
  );
}

function Conditions({ edge: { conditions, conditionsText } }: { edge: ChainNamedEdge }) {
  const said = [
    ...conditions.map(({ kind, is }) => `${kind}: ${is}`),
    ...(conditionsText === null ? [] : [conditionsText]),
  ];
  return said.length === 0 ? null : <span className="block text-small text-soft">{said.join(', ')}</span>;
}

/** Change and end a link; one that is computed says so. */
export function LinkActs({
  id,
  from,
  to,
  show,
}: {
  id: string | null;
  from: string;
  to: string;
  show: (act: 'chain-change' | 'chain-end', of: string) => void;
}): ReactNode {
  if (id === null) return <span className="text-soft">{words.computed}</span>;
  return (
    <span className="inline-flex gap-1">
      <Button slim aria-label={map.link.changeOf(from, to)} onClick={() => show('chain-change', id)}>
        {map.link.change}
      </Button>
      <Button slim weight="quiet" aria-label={map.link.endOf(from, to)} onClick={() => show('chain-end', id)}>
        {map.link.end}
      </Button>
    </span>
  );
}

/** The page of one that gets nothing from us directly: who hands data on to it. `instead`: where nobody knows it. */
export function OnlyBehind({ vendor, instead }: { vendor: string; instead: ReactNode }) {
  const mayRead = useMay('chain.read');
  const edges = useQuery({ ...queries.chainEdges({ from: vendor }), enabled: mayRead });
  const givers = useQuery({ ...queries.chainEdges({ to: vendor }), enabled: mayRead });
  if (!mayRead || edges.error || givers.error) return instead;
  if (edges.data === undefined || givers.data === undefined) return <Bones lines={10} />;
  const name = givers.data[0]?.toName ?? edges.data[0]?.fromName;
  if (name === undefined) return instead;
  const from = new Set(givers.data.map((edge) => edge.from));
  return (
    <PageFrame tab={name} title={words.only(name, from.size)}>
      <BehindVendor vendor={vendor} name={name} />
    </PageFrame>
  );
}
