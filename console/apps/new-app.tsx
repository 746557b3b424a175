import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { App } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { AppFields } from './app-fields.tsx';

const words = m.apps;

export function NewApp({
  open,
  onClose,
  onMade,
}: {
  open: boolean;
  onClose: () => void;
  onMade: (id: string) => void;
}) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft('app', { name: '', owner: '' });
  const attempt = useAttempt();
  const make = useMutation({
    mutationFn: () =>
      write<App>('POST', '/apps', {
        reason: words.reasonApp(draft.name.trim()),
        idempotencyKey: attempt.key(),
        body: { name: draft.name.trim(), owner: draft.owner.trim() },
      }),
    onError: attempt.answered,
    onSuccess: async (app) => {
      attempt.answered();
      forget();
      await client.invalidateQueries();
      onMade(app.id);
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    make.mutate();
  }

  return (
    <Sheet open={open} onClose={onClose} title={words.newApp}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <AppFields app={draft} onChange={change} error={make.error} />
        {make.error ? <Trouble error={make.error} /> : null}
        <div>
          <Button type="submit" weight="main" disabled={make.isPending}>
            {words.newApp}
          </Button>
        </div>
      </form>
    </Sheet>
  );
}
