import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { LeakPolicy } from '../api/leak-types.ts';
import { queries } from '../api/queries.ts';
import { ChoiceField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { leaks } from '../messages/pages/leaks.ts';

const words = leaks.policy;
const choices = (['revoke', 'tell'] as const).map((value) => ({ value, ...words.choices[value] }));

/** What becomes of a virtual key or an API token that was found. */
export function PolicySheet({ onClose }: { onClose: () => void }) {
  const policy = useQuery(queries.leakPolicy());
  return (
    <Sheet open onClose={onClose} title={words.title}>
      {policy.error ? <Trouble error={policy.error} onRetry={() => void policy.refetch()} /> : null}
      {policy.data === undefined && !policy.error ? <Bones lines={4} /> : null}
      {policy.data === undefined ? null : <Form policy={policy.data} onClose={onClose} />}
    </Sheet>
  );
}

function Form({ policy, onClose }: { policy: LeakPolicy; onClose: () => void }) {
  const client = useQueryClient();
  const [virtualKeys, choose] = useState<string>(policy.virtualKeys);
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: () =>
      write<LeakPolicy>('PUT', '/leak-policy', { body: { virtualKeys }, reason: reason.trim() }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <p>{words.lead}</p>
      <ChoiceField
        label={words.field}
        name="virtual-keys"
        value={virtualKeys}
        choices={choices}
        onChoose={choose}
      />
      <ReasonField value={reason} onChange={setReason} />
      <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
        {words.submit}
      </FormActs>
    </form>
  );
}
