import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import type { App } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

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

  const wrong = (field: string): string | undefined =>
    make.error instanceof ApiError ? make.error.field(field) : undefined;

  return (
    <Sheet open={open} onClose={onClose} title={words.newApp}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.appName}
          hint={words.appNameHint}
          required
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
          error={wrong('name')}
        />
        <TextField
          label={words.owner}
          hint={words.ownerHint}
          required
          value={draft.owner}
          onChange={(event) => change({ owner: event.target.value })}
          error={wrong('owner')}
        />
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
