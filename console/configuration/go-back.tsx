import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { Rollback, RollbackLine } from '../api/fleet-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.configuration.rollback;

/** Says what going back does and what it can't do, asks why, and afterwards says what was done. */
export function GoBack({ version, onClose }: { version: number; onClose: () => void }) {
  const client = useQueryClient();
  const [reopen, setReopen] = useState(false);
  const [draft, change, forget] = useDraft(`rollback.${version}`, { reason: '' });
  const plan = useQuery(queries.rollback(String(version), reopen));
  const attempt = useAttempt();
  const goBack = useMutation({
    mutationFn: (basedOn: number) =>
      write<Rollback>('POST', `/snapshots/${version}/rollback`, {
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
        body: { basedOn, reopen },
      }),
    onError: async (error) => {
      attempt.answered(error);
      await plan.refetch();
    },
    onSuccess: async () => {
      attempt.answered();
      forget();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    if (plan.data !== undefined) goBack.mutate(plan.data.basedOn);
  }

  if (goBack.data !== undefined) return <Done done={goBack.data} onClose={onClose} />;
  return (
    <Sheet open onClose={onClose} title={words.title(version)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        {plan.error ? <Trouble error={plan.error} onRetry={() => void plan.refetch()} /> : null}
        {plan.data === undefined ? (
          plan.error ? null : (
            <Bones lines={3} />
          )
        ) : (
          <>
            <Lines title={words.putBack} lines={plan.data.putBack} none={words.nothing} />
            <Lines title={words.stays} lines={plan.data.stays} none={words.staysNothing} />
          </>
        )}
        <label className="flex items-start gap-2">
          <input
            type="checkbox"
            className="mt-1"
            checked={reopen}
            onChange={(event) => setReopen(event.target.checked)}
          />
          {words.reopen}
        </label>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs
          error={goBack.error}
          weight="danger"
          disabled={goBack.isPending || plan.data === undefined || plan.data.putBack.length === 0}
          onCancel={onClose}
        >
          {words.submit(version)}
        </FormActs>
      </form>
    </Sheet>
  );
}

function Done({ done, onClose }: { done: Rollback; onClose: () => void }) {
  return (
    <Sheet open onClose={onClose} title={words.title(done.to)}>
      <div className="flex flex-col gap-4" role="status">
        <Note>{words.done(done.to)}</Note>
        <Lines title={words.putBack} lines={done.putBack} none={words.nothing} />
        <Lines title={words.stays} lines={done.stays} none={words.staysNothing} />
        <div>
          <Button onClick={onClose}>{m.common.close}</Button>
        </div>
      </div>
    </Sheet>
  );
}

/** Lines under what they speak of. */
function Lines({ title, lines, none }: { title: string; lines: readonly RollbackLine[]; none: string }) {
  const bySubject = Map.groupBy(lines, (line) => `${line.subject.kind} ${line.subject.id}`);
  return (
    <section aria-label={title} className="flex flex-col gap-1">
      <h3 className="font-strong">{title}</h3>
      {lines.length === 0 ? <p className="text-soft">{none}</p> : null}
      <ul className="flex flex-col gap-2">
        {[...bySubject].map(([key, mine]) => (
          <li key={key} className="border-l-3 border-line pl-3">
            <span className="font-strong">{mine[0]?.subject.name}</span>
            {mine.map((line) => (
              <p key={line.text}>{line.text}</p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}
