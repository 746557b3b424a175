import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import { queries } from '../api/queries.ts';
import type { TransferLaw, World } from '../api/residency-types.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { count } from '../design/format.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';
import { ContradictionList } from './contradictions.tsx';
import { Falls, useAffected } from './falls.tsx';
import { HomeSheet } from './home.tsx';
import { besideOf, Legend, WorldMap } from './map.tsx';
import { placeName } from './names.ts';
import { Places } from './places.tsx';
import { Ranges } from './ranges.tsx';

const words = m.world;

/** Where vendors are, as declared and as seen, and what would fall with a basis. */
export function WorldPage() {
  const world = useQuery(queries.world());
  const law = useQuery(queries.transferLaw());
  const error = world.error ?? law.error;
  if (world.data === undefined || law.data === undefined) {
    return (
      <PageFrame tab={words.tab} title={words.tab}>
        {error === null ? (
          <Bones lines={10} />
        ) : (
          <Trouble
            error={error}
            onRetry={() => {
              void world.refetch();
              void law.refetch();
            }}
          />
        )}
      </PageFrame>
    );
  }
  return world.data.places.length === 0 ? <Nothing /> : <Whole world={world.data} law={law.data} />;
}

function Nothing() {
  const { act } = useSearch({ from: '/signed-in/world' });
  const navigate = useNavigate({ from: '/world' });
  const open = (isOpen: boolean): void =>
    void navigate({
      search: (previous) => ({ ...previous, act: isOpen ? 'ranges' : undefined }),
      replace: true,
      resetScroll: false,
    });
  return (
    <PageFrame tab={words.tab} title={words.titleEmpty}>
      <Empty
        title={words.titleEmpty}
        example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
        act={
          <ButtonLink to="/vendors" weight="main">
            {words.goVendors}
          </ButtonLink>
        }
      >
        {words.teach}
      </Empty>
      <Ranges isOpen={act === 'ranges'} onOpen={open} />
    </PageFrame>
  );
}

function Whole({ world, law }: { world: World; law: TransferLaw }) {
  const { falls, act } = useSearch({ from: '/signed-in/world' });
  const navigate = useNavigate({ from: '/world' });
  const set = (patch: { falls?: string | undefined; act?: string | undefined }): void =>
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false });
  const inArea = useMemo(() => new Set([...law.eu, ...law.eea]), [law]);
  const flows = useAffected(falls).data;
  const affected = useMemo(
    () =>
      new Set(
        falls === undefined ? [] : flows?.pages.flatMap((page) => page.items.map(({ place }) => place)),
      ),
    [flows, falls],
  );
  const known = world.places.filter(({ place }) => place !== 'UNKNOWN' && place !== 'EDGE');
  const beside = besideOf(world);
  return (
    <PageFrame
      tab={words.tab}
      title={words.title(world.vendors, known.length, world.contradictions)}
      lead={words.lead(law.asOf)}
      acts={
        <Permitted action="residency.change">
          <Button onClick={() => set({ act: 'home' })}>
            {world.home === null ? words.home.set : `${words.home.label}: ${placeName(world.home)}`}
          </Button>
        </Permitted>
      }
    >
      <Section title={words.map}>
        <WorldMap world={world} inArea={inArea} affected={affected} />
        <Legend />
        {beside.length === 0 ? null : (
          <div>
            <h3 className="font-strong">{words.beside}</h3>
            <ul className="mt-1 grid gap-x-8 gap-y-1 sm:grid-cols-2">
              {beside.map((spot) => (
                <li key={spot.place} className="flex justify-between gap-4 border-b border-line py-1">
                  <span>
                    {placeName(spot.place)}
                    <span className="text-soft">: {words.besideText[spot.place] ?? words.small}</span>
                  </span>
                  <span className="tabular-nums">{count(spot.vendors.length)}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Section>
      {world.contradictions === 0 ? null : <ContradictionList />}
      <Section title={words.places}>
        <Places world={world} />
      </Section>
      <Falls falls={falls} law={law} onChoose={(chosen) => set({ falls: chosen })} />
      <Ranges isOpen={act === 'ranges'} onOpen={(open) => set({ act: open ? 'ranges' : undefined })} />
      {act === 'home' ? (
        <HomeSheet home={world.home} law={law} onClose={() => set({ act: undefined })} />
      ) : null}
    </PageFrame>
  );
}
