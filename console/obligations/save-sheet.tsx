import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { ApiError, write } from '../api/client.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { obligations as words } from '../messages/pages/obligations.ts';
import { useDraft } from '../shell/draft.ts';

/** A sheet that writes one of the organisation's documents after the revision that was read, with a reason. */
export function SaveSheet<Draft extends object>({
  title,
  name,
  initial,
  path,
  body,
  children,
  danger,
  act,
  onClose,
}: {
  title: string;
  /** What is typed is kept under this name. */
  name: string;
  initial: Draft;
  path: string;
  body: (draft: Draft) => object;
  children: (
    draft: Draft,
    change: (patch: Partial<Draft>) => void,
    wrong: (field: string) => string | undefined,
  ) => ReactNode;
  danger?: boolean;
  act?: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft<Draft & { reason: string }>(`deadlines.${name}`, {
    ...initial,
    reason: '',
  });
  const save = useMutation({
    mutationFn: () => write<object>('PUT', path, { body: body(draft), reason: draft.reason.trim() }),
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

  const wrong = (field: string): string | undefined =>
    save.error instanceof ApiError ? save.error.field(field) : undefined;
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {children(draft, (patch) => change(patch as Partial<Draft & { reason: string }>), wrong)}
        <ReasonField
          value={draft.reason}
          onChange={(reason) => change({ reason } as Partial<Draft & { reason: string }>)}
          error={wrong('reason')}
        />
        <FormActs
          error={save.error}
          weight={danger ? 'danger' : 'main'}
          disabled={save.isPending}
          onCancel={onClose}
        >
          {act ?? words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}
