import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { write } from '../api/client.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';

/** Takes something away after saying what that does, and with a reason. `path`: what is deleted. */
export function RemoveSheet({
  title,
  act,
  path,
  children,
  onClose,
}: {
  title: string;
  act: string;
  path: string;
  /** What it does. */
  children?: ReactNode;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const remove = useMutation({
    mutationFn: () => write('DELETE', path, { reason: reason.trim(), idempotencyKey: crypto.randomUUID() }),
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
        <FormActs error={remove.error} weight="danger" disabled={remove.isPending} onCancel={onClose}>
          {act}
        </FormActs>
      </form>
    </Sheet>
  );
}
