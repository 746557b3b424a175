import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { Trouble } from '../design/state.tsx';
import { notices as words } from '../messages/pages/notices.ts';
import { Permitted } from '../shell/permitted.tsx';
import { AddressesSheet } from './addresses.tsx';
import { noticeQueries } from './queries.ts';

/** To whom what is written in an exercise goes: only who may work in it sees them. */
export function DrillRecipients({ incident }: { incident: string }) {
  return (
    <Permitted action="incident.work">
      <Known incident={incident} />
    </Permitted>
  );
}

function Known({ incident }: { incident: string }) {
  const drill = useQuery(noticeQueries.drill(incident));
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const keep = useMutation({
    mutationFn: (recipients: { address: string }[]) =>
      write('PUT', `/incidents/${incident}/drill-recipients`, { body: { recipients } }),
    onSuccess: async () => {
      setOpen(false);
      await client.invalidateQueries();
    },
  });
  const known = drill.data?.recipients ?? [];
  return (
    <Section
      title={words.drill}
      lead={words.drillLead}
      acts={
        <Button slim onClick={() => setOpen(true)}>
          {words.drillAct}
        </Button>
      }
    >
      {drill.error ? <Trouble error={drill.error} onRetry={() => void drill.refetch()} /> : null}
      <p>
        {words.drillCount(known.length)} {known.map(({ address }) => address).join(', ')}
      </p>
      {isOpen ? (
        <AddressesSheet
          title={words.drillAct}
          known={known.map(({ address }) => address)}
          error={keep.error}
          isPending={keep.isPending}
          onSend={(given) => keep.mutate(given)}
          onClose={() => setOpen(false)}
        />
      ) : null}
    </Section>
  );
}
