import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.accounts;

export function RuleSheet({ open, onClose, vendor }: { open: boolean; onClose: () => void; vendor: string }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`sign-in-rule.${vendor}`, { provider: '', source: '', reason: '' });
  const state = useMutation({
    mutationFn: () =>
      write('PUT', `/accounts/${encodeURIComponent(vendor)}/sign-in-rule`, {
        reason: draft.reason.trim(),
        body: { provider: draft.provider.trim(), source: draft.source.trim() },
      }),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) => (state.error instanceof ApiError ? state.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    state.mutate();
  };
  return (
    <Sheet open={open} onClose={onClose} title={words.ruleSet}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.provider}
          hint={words.providerHint}
          required
          maxLength={60}
          value={draft.provider}
          onChange={(event) => edit({ provider: event.target.value })}
          error={wrong('provider')}
        />
        <TextField
          label={words.ruleSource}
          hint={words.ruleSourceHint}
          required
          minLength={3}
          maxLength={500}
          value={draft.source}
          onChange={(event) => edit({ source: event.target.value })}
          error={wrong('source')}
        />
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} error={wrong('reason')} />
        <FormActs error={state.error} disabled={state.isPending} onCancel={onClose}>
          {words.ruleSet}
        </FormActs>
      </form>
    </Sheet>
  );
}
