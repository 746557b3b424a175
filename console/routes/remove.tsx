import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { AppRoute } from '../api/route-types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { routes as words } from '../messages/pages/routes.ts';

export function RemoveSheet({ route, onClose }: { route: AppRoute; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const remove = useMutation({
    mutationFn: () =>
      write<null>('DELETE', `/apps/${encodeURIComponent(route.app)}/routes/${encodeURIComponent(route.id)}`, {
        reason: reason.trim(),
      }),
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
    <Sheet open onClose={onClose} title={words.remove(route.slug)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.removeLead(route.slug)}</p>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={remove.error} weight="danger" disabled={remove.isPending} onCancel={onClose}>
          {words.remove(route.slug)}
        </FormActs>
      </form>
    </Sheet>
  );
}
