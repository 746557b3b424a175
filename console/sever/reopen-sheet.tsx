import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { Severance } from '../api/sever-types.ts';
import { TextLink } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { sever as words } from '../messages/pages/sever.ts';
import { useDraft } from '../shell/draft.ts';

/** Opens it again. Where a contract was changed meanwhile, somebody says first that they looked at it. */
export function ReopenSheet({ severance, onClose }: { severance: Severance; onClose: () => void }) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const [looked, setLooked] = useState(false);
  const [draft, change, forget] = useDraft(`sever.reopen.${severance.id}`, { reason: '' });
  const contracts = severance.waits?.contracts ?? [];
  const reopen = useMutation({
    mutationFn: () =>
      write<Severance>('POST', `/severances/${encodeURIComponent(severance.id)}/reopen`, {
        body:
          contracts.length === 0
            ? {}
            : { contracts: Object.fromEntries(contracts.map(({ connection, now }) => [connection.id, now])) },
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
      }),
    onError: (error) => attempt.answered(error),
    onSuccess: async () => {
      attempt.answered();
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    reopen.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.reopenTitle(severance.target.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.reopenLead}</p>
        {severance.heldBy.length === 0 ? null : <p>{words.reopenHeld}</p>}
        {contracts.length === 0 ? null : (
          <>
            <ul>
              {contracts.map(({ connection, was, now }) => (
                <li key={connection.id}>
                  <TextLink to="/connections/$connection" params={{ connection: connection.id }}>
                    {words.page.contract(connection.name, was, now)}
                  </TextLink>
                </li>
              ))}
            </ul>
            <label className="flex gap-2">
              <input type="checkbox" required checked={looked} onChange={() => setLooked(!looked)} />
              <span>{words.looked}</span>
            </label>
          </>
        )}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={reopen.error} disabled={reopen.isPending} onCancel={onClose}>
          {words.reopen}
        </FormActs>
      </form>
    </Sheet>
  );
}
