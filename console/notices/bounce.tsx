import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { Notice } from '../api/notice-types.ts';
import { TextArea } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { notices as words } from '../messages/pages/notices.ts';

/** A mail that came back, as the sender's mailbox got it. It holds an address: it stays in this page's memory alone. */
export function BounceSheet({ path, onClose }: { path: string; onClose: () => void }) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const [text, setText] = useState('');
  const enter = useMutation({
    mutationFn: () =>
      write<Notice>('POST', `${path}/bounces`, { body: { text }, idempotencyKey: attempt.key() }),
    onError: (error) => attempt.answered(error),
    onSuccess: async () => {
      attempt.answered();
      await client.invalidateQueries();
      onClose();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.bounce}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextArea
          label={words.bounceText}
          hint={words.bounceHint}
          rows={10}
          required
          maxLength={100_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <FormActs error={enter.error} disabled={enter.isPending} onCancel={onClose}>
          {words.bounce}
        </FormActs>
      </form>
    </Sheet>
  );
}
