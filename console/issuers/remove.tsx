import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { Issuer } from '../api/trust-types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';

const words = m.issuers.removal;

/** Says who signs in through it and what stays open, asks why, and lets nobody in through it any more. */
export function RemoveIssuer({ issuer, onClose }: { issuer: Issuer; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const remove = useMutation({
    mutationFn: () =>
      write<null>('DELETE', `/issuers/${encodeURIComponent(issuer.id)}`, { reason: reason.trim() }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    remove.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={m.issuers.removeNamed(issuer.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <p>{words.people(issuer.people)}</p>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={remove.error} weight="danger" disabled={remove.isPending} onCancel={onClose}>
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}
