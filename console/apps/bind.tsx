import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { VirtualKey } from '../api/types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { ConnectionChoice } from './connection-choice.tsx';

const words = m.apps.bind;

/** Chooses anew what a key may use, says what comes and goes, and asks why. */
export function Bind({ virtualKey, onClose }: { virtualKey: VirtualKey; onClose: () => void }) {
  const client = useQueryClient();
  const connections = useQuery(queries.connections());
  const [missing, setMissing] = useState(false);
  const [draft, change, forget] = useDraft(`bind.${virtualKey.id}`, {
    connections: virtualKey.connections,
    reason: '',
  });
  const bind = useMutation({
    mutationFn: () =>
      write<VirtualKey>('PUT', `/keys/${encodeURIComponent(virtualKey.id)}/connections`, {
        reason: draft.reason.trim(),
        body: { connections: draft.connections },
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setMissing(draft.connections.length === 0);
    if (draft.connections.length > 0) bind.mutate();
  }

  const nameOf = (id: string): string => connections.data?.find((row) => row.id === id)?.name ?? id;
  const added = draft.connections.filter((id) => !virtualKey.connections.includes(id)).map(nameOf);
  const gone = virtualKey.connections.filter((id) => !draft.connections.includes(id)).map(nameOf);
  const wrong = bind.error instanceof ApiError ? bind.error.field('connections') : undefined;
  return (
    <Sheet open onClose={onClose} title={words.title(virtualKey.app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <ConnectionChoice
          chosen={draft.connections}
          onChoose={(chosen) => change({ connections: chosen })}
          error={wrong ?? (missing ? m.apps.mayUseMissing : undefined)}
        />
        <div role="status" className="min-h-5">
          {added.length > 0 ? <p>{words.added(added.join(', '))}</p> : null}
          {gone.length > 0 ? <p className="font-strong">{words.gone(gone.join(', '))}</p> : null}
        </div>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs
          error={bind.error}
          disabled={bind.isPending || (added.length === 0 && gone.length === 0)}
          onCancel={onClose}
        >
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
