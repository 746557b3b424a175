import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { Contradiction, GatewayLog } from '../api/log-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Facts } from '../design/page.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { Mono } from './logs.tsx';
import { useActorText } from './subject.tsx';

const words = m.gatewayLogs;

/** The evidence against a log, as it was posted, and who has looked at it. */
export function Contradictions({ log }: { log: GatewayLog }) {
  const all = useQuery(queries.contradictions(log.gateway));
  if (all.data === undefined) {
    return all.error ? (
      <Trouble error={all.error} onRetry={() => void all.refetch()} />
    ) : (
      <Bones lines={2} label={words.evidence} />
    );
  }
  return (
    <ul className="flex flex-col gap-3" aria-label={words.evidence}>
      {all.data.items
        .filter(({ origin }) => origin === log.origin)
        .map((one) => (
          <Evidence key={one.id} one={one} gateway={log.gateway} />
        ))}
    </ul>
  );
}

function Evidence({ one, gateway }: { one: Contradiction; gateway: string }) {
  const actorText = useActorText();
  const { acknowledged } = one;
  return (
    <li className="max-w-[84ch] border-l-3 border-line-strong pl-4">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <p className="min-w-0">
          <span className="font-strong">{one.text}</span>{' '}
          <span className="text-soft">
            {words.found} <Ago at={one.foundAt} />
            {one.times > 1 ? (
              <>
                , {words.times(one.times)} <Ago at={one.lastAt} />
              </>
            ) : null}
          </span>
        </p>
        {acknowledged === null ? <Acknowledge one={one} gateway={gateway} /> : null}
      </div>
      {acknowledged === null ? null : (
        <p className="text-soft">
          {words.by(actorText(acknowledged.by))} <Ago at={acknowledged.at} />: “{acknowledged.reason}”
        </p>
      )}
      <details>
        <summary className="w-fit py-1 text-soft">{words.note}</summary>
        <div className="flex flex-col gap-3 pt-2">
          <CodeBlock code={one.note.trimEnd()} label={words.note} />
          <Facts
            facts={[
              [words.signedBy, <Mono key="key" text={one.verifierKey} />],
              [words.ourRoot, one.ourRoot === null ? words.noRoot : <Mono key="root" text={one.ourRoot} />],
            ]}
          />
        </div>
      </details>
    </li>
  );
}

/** Says what acknowledging does and does not do, and asks why. */
function Acknowledge({ one, gateway }: { one: Contradiction; gateway: string }) {
  const { evidence: shown } = useSearch({ from: '/signed-in/audit' });
  const navigate = useNavigate({ from: '/audit' });
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`acknowledge.${one.id}`, { reason: '' });
  const acknowledge = useMutation({
    mutationFn: () =>
      write<Contradiction>(
        'POST',
        `/gateways/${encodeURIComponent(gateway)}/contradictions/${one.id}/acknowledge`,
        { body: {}, reason: draft.reason.trim() },
      ),
    onSuccess: () => client.invalidateQueries(),
  });
  function show(evidence: string | undefined): void {
    acknowledge.reset();
    void navigate({ search: (previous) => ({ ...previous, evidence }), replace: true, resetScroll: false });
  }
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    acknowledge.mutate(undefined, {
      onSuccess: () => {
        forget();
        show(undefined);
      },
    });
  }
  return (
    <>
      <Button onClick={() => show(String(one.id))}>{words.acknowledge}</Button>
      <Sheet open={shown === String(one.id)} onClose={() => show(undefined)} title={words.acknowledgeTitle}>
        <form onSubmit={onSubmit} className="flex flex-col gap-4">
          <p>{one.text}</p>
          <p>{words.acknowledgeLead}</p>
          <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
          <FormActs
            error={acknowledge.error}
            disabled={acknowledge.isPending}
            onCancel={() => show(undefined)}
          >
            {words.acknowledge}
          </FormActs>
        </form>
      </Sheet>
    </>
  );
}
