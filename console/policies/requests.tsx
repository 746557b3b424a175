import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { AccessRequest } from '../api/policy-types.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { SelectField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { useNow } from '../design/now.ts';
import { Section } from '../design/page.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import type { Act } from './act.ts';
import { ReasonSheet } from './reason-sheet.tsx';

const words = m.policies;

/** Who was refused and asks for an exception; nothing where nobody does. */
export function Requests({ act }: { act: Act }) {
  const mayAsk = useMay('access.ask');
  const mayGrant = useMay('access.grant');
  const requests = useQuery({ ...queries.accessRequests(), enabled: mayAsk });
  const open = requests.data?.items.filter(({ state }) => state === 'open') ?? [];
  if (open.length === 0) return null;
  const chosen = open.find(({ id }) => id === act.of);
  const close = (): void => act.set(undefined, undefined);
  return (
    <Section title={words.requests} lead={words.requestsLead}>
      <ul className="border-t border-line">
        {open.map((request) => (
          <li
            key={request.id}
            className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-b border-line py-3"
          >
            <div className="min-w-0 max-w-[72ch]">
              <p className="font-strong">
                {words.asks(request.askedBy, request.app.name, request.connection.name)}
              </p>
              <p>{request.reason}</p>
              <p className="text-small text-soft">
                <Ago at={request.askedAt} />. {words.refusedBy}:{' '}
                {request.policies.map((policy) => policy.title).join(', ')}.{' '}
                <TextLink to="/crossings/$crossing" params={{ crossing: request.crossing }}>
                  {words.crossing}
                </TextLink>
              </p>
            </div>
            {mayGrant ? (
              <div className="flex gap-2">
                <Button
                  slim
                  weight="main"
                  aria-label={`${words.grant}: ${request.app.name}`}
                  onClick={() => act.set('grant', request.id)}
                >
                  {words.grant}
                </Button>
                <Button
                  slim
                  aria-label={`${words.refuse}: ${request.app.name}`}
                  onClick={() => act.set('refuse', request.id)}
                >
                  {words.refuse}
                </Button>
              </div>
            ) : null}
          </li>
        ))}
      </ul>
      {act.act === 'grant' && chosen !== undefined ? <GrantSheet request={chosen} onClose={close} /> : null}
      {act.act === 'refuse' && chosen !== undefined ? (
        <ReasonSheet
          title={words.refuseTitle(chosen.askedBy)}
          submit={words.refuse}
          weight="danger"
          act={(reason) => write('POST', `/access-requests/${chosen.id}/refuse`, { body: {}, reason })}
          onClose={close}
        >
          <p>{chosen.reason}</p>
        </ReasonSheet>
      ) : null}
    </Section>
  );
}

const DAY_MS = 86_400_000;

/** An exception with an end: a week and the asker's own reason are there already, so that one press grants it. */
function GrantSheet({ request, onClose }: { request: AccessRequest; onClose: () => void }) {
  const client = useQueryClient();
  const now = useNow();
  const [days, setDays] = useState('7');
  const [reason, setReason] = useState(request.reason);
  const until = new Date(now + Number(days) * DAY_MS).toISOString();
  const grant = useMutation({
    mutationFn: () =>
      write('POST', `/access-requests/${request.id}/grant`, { body: { until }, reason: reason.trim() }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const strict = request.policies.filter((policy) => !policy.exceptions);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    grant.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.grantTitle(request.app.name, request.connection.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.grantLead(request.policies.map(({ title }) => title).join('”, “'))}</p>
        {strict.map((policy) => (
          <Note key={policy.name} urgent>
            {words.noExceptions(policy.title)}
          </Note>
        ))}
        <SelectField label={words.until} value={days} onChange={(event) => setDays(event.target.value)}>
          {words.lengths.map(([length, name]) => (
            <option key={length} value={length}>
              {name}
            </option>
          ))}
        </SelectField>
        <p className="text-small text-soft">
          {words.ends} <Exact at={until} />
        </p>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={grant.error} disabled={grant.isPending || strict.length > 0} onCancel={onClose}>
          {words.grant}
        </FormActs>
      </form>
    </Sheet>
  );
}
