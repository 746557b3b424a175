import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { CrossingDetail } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { Section } from '../design/page.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { ReasonSheet } from './reason-sheet.tsx';

const words = m.policies.ask;

/** On the page of a crossing that a policy refused: ask for an exception, and see what came of it. */
export function AskForAccess({ crossing }: { crossing: CrossingDetail }) {
  const search = useSearch({ from: '/signed-in/crossings/$crossing' });
  const navigate = useNavigate({ from: '/crossings/$crossing' });
  const requests = useQuery(queries.accessRequestsOf(crossing.id));
  const set = (act: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act }), replace: true, resetScroll: false });
  const items = requests.data?.items ?? [];
  const isOpen = items.some(({ state }) => state === 'open');
  return (
    <Section title={words.title} lead={words.lead}>
      {items.map((request) => (
        <p key={request.id}>
          {words.asked(request.askedBy)} <Ago at={request.askedAt} />: {request.reason}.{' '}
          {words.states[request.state]}{' '}
          {request.state === 'granted' && request.until !== null ? <Exact at={request.until} /> : null}
          {request.state === 'refused' ? request.decisionReason : null}
        </p>
      ))}
      {isOpen ? null : (
        <div>
          <Button weight="main" onClick={() => set('ask')}>
            {words.act}
          </Button>
        </div>
      )}
      {search.act === 'ask' && !isOpen ? (
        <ReasonSheet
          title={words.sheet(crossing.app.name, crossing.connection.name)}
          submit={words.act}
          act={(reason) => write('POST', '/access-requests', { body: { crossing: crossing.id }, reason })}
          onClose={() => set(undefined)}
        >
          <p>{words.sheetLead}</p>
        </ReasonSheet>
      ) : null}
    </Section>
  );
}
