import { useMutation, useQuery } from '@tanstack/react-query';
import { write } from '../api/client.ts';
import type { SessionRow } from '../api/identity-types.ts';
import { queries } from '../api/queries.ts';
import { Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { SessionList } from './session-list.tsx';

const words = m.profile;

/** Where one is signed in; what one does not know is ended at once. */
export function MySessions() {
  const sessions = useQuery(queries.mySessions());
  const end = useMutation({
    mutationFn: (session: SessionRow) =>
      write<null>('DELETE', `/me/sessions/${encodeURIComponent(session.id)}`, {}),
    onSuccess: async () => {
      await sessions.refetch();
    },
  });
  const known = sessions.data?.items;
  return (
    <Section title={words.sessions} lead={words.sessionsLead}>
      {sessions.error ? <Trouble error={sessions.error} onRetry={() => void sessions.refetch()} /> : null}
      {known === undefined && !sessions.error ? <Bones lines={2} /> : null}
      {known === undefined ? null : (
        <SessionList
          label={words.sessions}
          sessions={known}
          onEnd={(session) => end.mutate(session)}
          ending={end.isPending}
        />
      )}
      {end.error ? <Trouble error={end.error} /> : null}
    </Section>
  );
}
