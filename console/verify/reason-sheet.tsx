import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { write } from '../api/client.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';

/** Does one thing after saying what that does, and with a reason: takes something away, or with `patch` changes it. */
export function ReasonSheet({
  title,
  act,
  path,
  patch,
  children,
  onClose,
}: {
  title: string;
  act: string;
  /** Of what it is done to. */
  path: string;
  patch?: object;
  /** What it does. */
  children?: ReactNode;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const remove = useMutation({
    mutationFn: () =>
      patch === undefined
        ? write('DELETE', path, { reason: reason.trim(), idempotencyKey: crypto.randomUUID() })
        : write('PATCH', path, { body: patch, reason: reason.trim() }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {children}
        <ReasonField value={reason} onChange={setReason} />
        <FormActs
          error={remove.error}
          weight={patch === undefined ? 'danger' : 'main'}
          disabled={remove.isPending}
          onCancel={onClose}
        >
          {act}
        </FormActs>
      </form>
    </Sheet>
  );
}
