import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { AppRoute, RecoveryDrill } from '../api/route-types.ts';
import type { App } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { routes } from '../messages/pages/routes.ts';
import { Permitted } from '../shell/permitted.tsx';
import { DrillSheet } from './drill-sheet.tsx';
import { DrillTable } from './drill-table.tsx';
import { Running } from './running.tsx';

const words = routes.drills;

/** Drills of one app: the one that runs, with its time; the others; and how to begin one. */
export function Drills({
  app,
  routes: mine,
  isOpen,
  onShow,
}: {
  app: App;
  routes: readonly AppRoute[];
  isOpen: boolean;
  onShow: (act?: 'drill') => void;
}) {
  const may = useMay('recovery.read');
  const found = useQuery({ ...queries.recoveryDrills({ app: app.id }), enabled: may });
  const all = useMemo((): readonly RecoveryDrill[] => found.data?.items ?? [], [found.data]);
  if (!may) return null;
  const act = (
    <Permitted action="recovery.run">
      <Button weight="danger" onClick={() => onShow('drill')}>
        {words.begin}
      </Button>
    </Permitted>
  );
  return (
    <Section title={words.title} lead={words.lead} acts={all.length === 0 ? null : act}>
      {found.error ? <Trouble error={found.error} onRetry={() => void found.refetch()} /> : null}
      {found.data === undefined && !found.error ? <Bones lines={3} /> : null}
      {all
        .filter(({ state }) => state === 'running')
        .map((drill) => (
          <Running key={drill.id} drill={drill} />
        ))}
      {found.data !== undefined && all.length === 0 ? (
        <Empty
          title={words.none}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
          act={act}
        >
          {words.noneLead}
        </Empty>
      ) : null}
      {all.length === 0 ? null : <DrillTable drills={all} />}
      {isOpen ? <DrillSheet app={app} routes={mine} onClose={() => onShow()} /> : null}
    </Section>
  );
}
