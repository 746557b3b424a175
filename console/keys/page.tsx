import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { Ages } from './ages.tsx';
import { Canaries } from './canaries.tsx';
import { Held } from './held.tsx';
import { KeySheet } from './sheets.tsx';
import { Use } from './use.tsx';

const words = m.keysEverywhere;

export type KeysPatch = Partial<
  Record<'days' | 'finding' | 'source' | 'held' | 'act' | 'key', string | undefined>
>;

/** Keys everywhere: what virtual keys may and do, what is held elsewhere, and canaries. */
export function KeysPage() {
  const search = useSearch({ from: '/signed-in/keys' });
  const navigate = useNavigate({ from: '/keys' });
  const days = search.days === '90' ? '90' : '30';
  const use = useQuery(queries.keyUse(days));
  const inventory = useQuery(queries.keyInventory());
  const set = useCallback(
    (patch: KeysPatch) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  const loose = use.data?.items.filter((key) => key.proposal !== null).length;
  const outside = inventory.data?.findings.stored_outside;
  return (
    <PageFrame
      tab={words.tab}
      title={loose === undefined || outside === undefined ? words.tab : words.title(loose, outside)}
      lead={words.lead}
      acts={
        <>
          <Button onClick={() => set({ act: 'import' })}>{words.import}</Button>
          <Button onClick={() => set({ act: 'plant' })}>{words.plant}</Button>
        </>
      }
    >
      <Section title={words.ages} lead={words.agesLead}>
        {inventory.error ? (
          <Trouble error={inventory.error} onRetry={() => void inventory.refetch()} />
        ) : inventory.data === undefined ? (
          <Bones lines={5} />
        ) : (
          <Ages inventory={inventory.data} />
        )}
      </Section>
      <Use days={days} finding={search.finding} onSet={set} />
      <Held source={search.source} finding={search.held} sources={inventory.data?.sources} onSet={set} />
      <Canaries onSet={set} />
      <KeySheet
        act={search.act}
        id={search.key}
        days={days}
        onClose={() => set({ act: undefined, key: undefined })}
      />
    </PageFrame>
  );
}
