import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import { ChoiceField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { useDraft } from '../shell/draft.ts';
import { messageQueries } from './queries.ts';
import { type SenderClass, senderClasses } from './shapes.ts';
import { useVendorId, VendorField } from './vendor-field.tsx';

const words = desk.one;

/** Says what comes from a domain or an address of a vendor; the past is judged again with it. */
export function SenderSheet({
  vendor,
  is,
  title,
  onClose,
}: {
  vendor: string;
  is: string;
  title: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft<{
    vendor: string;
    is: string;
    class: SenderClass;
    reason: string;
  }>(`verify.sender.${vendor}.${is}`, { vendor, is, class: 'vendor', reason: '' });
  const vendorId = useVendorId(draft.vendor);
  const save = useMutation({
    mutationFn: () =>
      write('POST', '/senders', {
        body: { vendor: vendorId, is: draft.is.trim(), class: draft.class },
        reason: draft.reason.trim(),
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries({ queryKey: messageQueries.rejudging().queryKey });
      await client.invalidateQueries({
        predicate: ({ queryKey }) => /^\/(?:senders|messages)/.test(String(queryKey[0])),
      });
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="text-soft">{words.correctDo}</p>
        <VendorField
          value={draft.vendor}
          onChange={(value) => change({ vendor: value })}
          error={wrong('vendor')}
        />
        <TextField
          label={words.correctIs}
          hint={words.correctIsHint}
          required
          maxLength={254}
          spellCheck={false}
          value={draft.is}
          onChange={(event) => change({ is: event.target.value })}
          error={wrong('is')}
        />
        <ChoiceField
          label={words.correctClass}
          name="class"
          value={draft.class}
          choices={senderClasses.map((value) => ({ value, label: verify.classes[value] }))}
          onChoose={(value) => change({ class: senderClasses.find((one) => one === value) ?? 'relayed' })}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.correct}
        </FormActs>
      </form>
    </Sheet>
  );
}
