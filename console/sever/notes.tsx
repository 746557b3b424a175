import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { TextLink } from '../design/button.tsx';
import { Note } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { sever as words } from '../messages/pages/sever.ts';

/** What is cut off from a vendor now, each with the way to what is left to do. */
export function SeveredNotes({ vendor }: { vendor: string }) {
  const may = useMay('severance.read');
  const open = useQuery({ ...queries.severances({ vendor, open: 'true' }), enabled: may });
  return (open.data?.items ?? [])
    .filter(({ state }) => state !== 'rehearsal')
    .map((one) => (
      <Note key={one.id} urgent>
        {words.severedBy(one.by)} <Ago at={one.since} />: {one.reason}.{' '}
        <TextLink to="/severances/$severance" params={{ severance: one.id }}>
          {words.see}
        </TextLink>
      </Note>
    ));
}
