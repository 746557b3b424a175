import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { VirtualKey } from '../api/types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { UseSentence } from './use-sentence.tsx';

const words = m.apps;

/** Says what revoking does and when the key was last used, and asks why. */
export function Revoke({ virtualKey, onClose }: { virtualKey: VirtualKey; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const revoke = useMutation({
    mutationFn: (key: VirtualKey) =>
      write<null>('DELETE', `/keys/${encodeURIComponent(key.id)}`, { reason: reason.trim() }),
    onSuccess: async () => {
      setReason('');
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    revoke.mutate(virtualKey);
  }

  return (
    <Sheet open onClose={onClose} title={words.revokeTitle(virtualKey.app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.revokeLead}</p>
        <UseSentence virtualKey={virtualKey} />
        {virtualKey.replacedBy === null ? null : <p>{words.revokeRolled(virtualKey.replacedBy)}</p>}
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={revoke.error} weight="danger" disabled={revoke.isPending} onCancel={onClose}>
          {words.revokeTitle(virtualKey.app.name)}
        </FormActs>
      </form>
    </Sheet>
  );
}
