import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { Workload } from '../api/trust-types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';

const words = m.workloads.ending;

/** Says what fails then, asks why, and ends it with the keys that were made of it. */
export function EndWorkload({ workload, onClose }: { workload: Workload; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const [app, id] = [workload.app, workload.id].map(encodeURIComponent);
  const end = useMutation({
    mutationFn: () => write<null>('DELETE', `/apps/${app}/workloads/${id}`, { reason: reason.trim() }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    end.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title(workload.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <p>{words.used(workload.exchanges)}</p>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={end.error} weight="danger" disabled={end.isPending} onCancel={onClose}>
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}
