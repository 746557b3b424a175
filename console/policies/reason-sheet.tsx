import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';

/** An act that only needs a reason: says what will happen, asks why, and does it. */
export function ReasonSheet({
  title,
  submit,
  weight = 'main',
  act,
  onClose,
  onDone,
  children,
}: {
  title: string;
  /** What the button says; the title where it is left out. */
  submit?: string;
  weight?: 'main' | 'danger';
  act: (reason: string) => Promise<unknown>;
  onClose: () => void;
  onDone?: () => void;
  children: ReactNode;
}) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const done = useMutation({
    mutationFn: () => act(reason.trim()),
    onSuccess: async () => {
      onClose();
      onDone?.();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    done.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {children}
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={done.error} weight={weight} disabled={done.isPending} onCancel={onClose}>
          {submit ?? title}
        </FormActs>
      </form>
    </Sheet>
  );
}
