import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { write } from '../api/client.ts';
import type { App } from '../api/types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { AppFields } from './app-fields.tsx';

const words = m.apps;

/** Another name or owner for an app. Its keys and its past stay with it. */
export function ChangeApp({ app, onClose }: { app: App; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`app.${app.id}`, { name: app.name, owner: app.owner, reason: '' });
  const save = useMutation({
    mutationFn: () =>
      write<App>('PATCH', `/apps/${encodeURIComponent(app.id)}`, {
        reason: draft.reason.trim(),
        body: { name: draft.name.trim(), owner: draft.owner.trim() },
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.one.changeTitle(app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <AppFields app={draft} onChange={change} error={save.error} />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {m.common.save}
        </FormActs>
      </form>
    </Sheet>
  );
}
