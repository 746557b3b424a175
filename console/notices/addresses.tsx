import { type FormEvent, useState } from 'react';
import { TextArea } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { notices as words } from '../messages/pages/notices.ts';

/** Addresses that somebody enters. They stay in this page's memory alone until they are sent. */
export function AddressesSheet({
  title,
  known = [],
  error,
  isPending,
  onSend,
  onClose,
}: {
  title: string;
  known?: readonly string[];
  error: Error | null;
  isPending: boolean;
  onSend: (addresses: { address: string }[]) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState(known.join('\n'));
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onSend(
      text
        .split('\n')
        .map((line) => ({ address: line.trim() }))
        .filter(({ address }) => address !== ''),
    );
  };
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextArea
          label={words.addresses}
          rows={8}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <FormActs error={error} disabled={isPending} onCancel={onClose}>
          {title}
        </FormActs>
      </form>
    </Sheet>
  );
}
