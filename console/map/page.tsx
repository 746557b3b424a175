import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Chain, ChainLayer } from '../api/chain-types.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { exact } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { useZone } from '../design/time.tsx';
import { behindConsoles } from '../messages/pages/consoles.ts';
import { map as words } from '../messages/pages/map.ts';
import { Permitted } from '../shell/permitted.tsx';
import { useChainActs } from './acts.ts';
import { Find } from './find.tsx';
import { Focus } from './focus.tsx';
import { darkWithout, US } from './layout.ts';
import { ChangeLink, EnterLink, endName } from './link-sheet.tsx';
import { ListSheet } from './list-sheet.tsx';
import { Lost } from './lost.tsx';
import { ChainPicture } from './picture.tsx';
import { Reviews } from './reviews.tsx';
import { ChainTable } from './tables.tsx';
import { Exports, Layers, Times } from './tools.tsx';

const all: readonly ChainLayer[] = ['observed', 'declared', 'inferred'];
const nothing: Chain = { at: '', nodes: [], edges: [] };

/** Who stands behind whom: the picture, what goes dark without one, and all of it as a table. */
export function MapPage() {
  const search = useSearch({ from: '/signed-in/map' });
  const navigate = useNavigate({ from: '/map' });
  const mayChange = useMay('chain.change');
  const zone = useZone();
  const chain = useQuery(queries.chain(search.at));
  const shown = useMemo(() => (search.layers ?? all.join(',')).split(','), [search.layers]);
  const visible = useMemo(() => withLayers(chain.data ?? nothing, shown), [chain.data, shown]);
  const set = (patch: { [Name in keyof typeof search]?: string | undefined }): void =>
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });
  const there = (id: string | undefined): string | null =>
    id !== undefined && visible.nodes.some((node) => node.id === id) ? id : null;
  const [lost, focus] = [there(search.lost), there(search.focus)];
  const used = visible.nodes.filter(({ depth }) => depth === 1).length;
  const behind = visible.nodes.length - used;
  const most = visible.nodes.reduce<Chain['nodes'][number] | null>(
    (best, node) => (node.dependents > (best?.dependents ?? 0) ? node : best),
    null,
  );
  const isEmpty = chain.data?.nodes.length === 0 && search.at === undefined;
  const { act, of, show, close } = useChainActs();
  const take = mayChange ? (
    <>
      <Button weight={isEmpty ? 'main' : 'plain'} onClick={() => show('chain-list')}>
        {words.takeList}
      </Button>{' '}
      <Button onClick={() => show('chain-link')}>{words.link.enter}</Button>
    </>
  ) : null;
  const opened = chain.data?.edges.find(({ id }) => id !== null && id === of);
  const names = useMemo(
    () => new Map((chain.data ?? nothing).nodes.map(({ id, name }) => [id, name])),
    [chain.data],
  );
  return (
    <PageFrame
      tab={words.tab}
      title={
        chain.data === undefined
          ? words.tab
          : isEmpty
            ? words.emptyTitle
            : search.at === undefined
              ? words.title(used, behind)
              : words.titleThen(exact(search.at, zone), used, behind)
      }
      lead={
        chain.data === undefined || isEmpty ? undefined : (
          <p>
            {most === null ? '' : `${words.most(most.name, most.dependents)} `}
            {words.lead}
          </p>
        )
      }
      acts={
        <>
          <Permitted action="account.read">
            <ButtonLink to="/vendors/consoles">{behindConsoles.tab}</ButtonLink>
          </Permitted>
          {isEmpty ? null : take}
        </>
      }
    >
      {chain.error ? (
        <Trouble error={chain.error} onRetry={() => void chain.refetch()} />
      ) : chain.data === undefined ? (
        <Bones lines={10} />
      ) : isEmpty ? (
        <Empty
          title={words.emptyTitle}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          act={take}
        >
          {words.empty}
        </Empty>
      ) : (
        <>
          <section className="flex flex-col gap-3" aria-label={words.pictureTitle}>
            <div className="flex flex-wrap items-end justify-between gap-x-8 gap-y-3">
              <Layers
                shown={shown}
                onChange={(next) => set({ layers: next.length === all.length ? undefined : next.join(',') })}
              />
              <Find nodes={visible.nodes} onFind={(id) => set({ focus: id })} />
              <Times at={search.at} onChange={(at) => set({ at })} />
            </div>
            <ChainPicture
              chain={visible}
              lost={lost}
              focus={focus}
              onFocus={(id) => set({ focus: id ?? undefined })}
              onReset={() => set({ focus: undefined, lost: undefined })}
            />
            <Focus
              chain={visible}
              focus={focus}
              onFocus={(id) => set({ focus: id ?? undefined })}
              onLose={(id) => set({ lost: id, focus: undefined })}
            />
            <Lost chain={visible} lost={lost} onLose={(id) => set({ lost: id ?? undefined })} />
          </section>
          <Reviews />
          <ChainTable
            chain={visible}
            view={search.show}
            onView={(show) => set({ show, sort: undefined })}
            onLose={(id) => {
              set({ lost: id });
              document.getElementById('lost')?.scrollIntoView({ block: 'center' });
            }}
          />
          <Exports at={search.at} />
        </>
      )}
      {act === 'chain-list' ? <ListSheet of={null} onClose={close} /> : null}
      {act === 'chain-link' ? <EnterLink from={null} onClose={close} /> : null}
      {(act === 'chain-change' || act === 'chain-end') && opened !== undefined ? (
        <ChangeLink
          key={`${act} ${of}`}
          edge={opened}
          names={{ from: endName(opened.from, names), to: endName(opened.to, names) }}
          isEnd={act === 'chain-end'}
          onClose={close}
        />
      ) : null}
    </PageFrame>
  );
}

/** What is left with some layers alone: links, nodes that they touch, and what these now are in it. */
function withLayers(chain: Chain, shown: readonly string[]): Chain {
  if (all.every((layer) => shown.includes(layer))) return chain;
  const edges = chain.edges.filter(({ layer }) => shown.includes(layer));
  const touched = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const outOf = Map.groupBy(edges, ({ from }) => from);
  const depths = new Map([[US, 0]]);
  for (const [id, depth] of depths) {
    for (const { to } of outOf.get(id) ?? []) if (!depths.has(to)) depths.set(to, depth + 1);
  }
  const nodes = chain.nodes
    .filter(({ id }) => touched.has(id))
    .map((node) => ({
      ...node,
      depth: depths.get(node.id) ?? null,
      dependents: darkWithout(node.id, edges).size - 1,
    }));
  return { ...chain, nodes, edges };
}
