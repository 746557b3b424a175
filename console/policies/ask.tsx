import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { ReasonSheet } from './reason-sheet.tsx';

const words = m.policies.ask;

interface Asked {
  id: string;
  app: { name: string };
  connection: { name: string };
}

/** Of a crossing, for who may not see crossings: which policies refused it, and where to ask. */
export function RefusalPage({ id, error }: { id: string; error: Error }) {
  const refusal = useQuery(queries.refusal(id));
  if (refusal.data === undefined) {
    return (
      <PageFrame tab={m.crossings.one.tab} title={m.crossings.one.tab}>
        {refusal.error ? <Trouble error={error} /> : <Bones lines={4} />}
      </PageFrame>
    );
  }
  const { app, connection, policies } = refusal.data;
  return (
    <PageFrame
      tab={m.crossings.one.tab}
      title={words.refused(app.name, connection.name)}
      lead={`${words.policy}: ${policies.map(({ title }) => title).join(', ')}`}
    >
      <AskForAccess crossing={{ id, app, connection }} />
    </PageFrame>
  );
}

/** On the page of a crossing that a policy refused: ask for an exception, and see what came of it. */
export function AskForAccess({ crossing }: { crossing: Asked }) {
  const search = useSearch({ from: '/signed-in/crossings/$crossing' });
  const navigate = useNavigate({ from: '/crossings/$crossing' });
  const mayAsk = useMay('access.ask');
  const requests = useQuery({ ...queries.accessRequestsOf(crossing.id), enabled: mayAsk });
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
      {isOpen || !mayAsk ? null : (
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
