import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { Leak } from '../api/leak-types.ts';
import { ChoiceField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { endOfDay } from '../design/format.ts';
import { Sheet } from '../design/sheet.tsx';
import { leaks } from '../messages/pages/leaks.ts';
import { useDraft } from '../shell/draft.ts';

const words = leaks.decide;
const decisions = ['rotated', 'revoked', 'false_alarm', 'accepted', 'open'] as const;

/** What became of a leak, says a person, and why. */
export function Decide({ leak, onClose }: { leak: Leak; onClose: () => void }) {
  const client = useQueryClient();
  // Of a key of ours that works nobody can say that it was taken back: that it is shows by itself. Of a registered secret only people know.
  const works =
    leak.state === 'open' && leak.of !== null && leak.kind !== 'canary' && leak.kind !== 'registered_secret';
  const possible = decisions.filter(
    (state) => state !== leak.state && !(works && (state === 'rotated' || state === 'revoked')),
  );
  const [draft, change, forget] = useDraft<{ state: string; until: string; reason: string }>(
    `leak.${leak.id}`,
    { state: possible[0] ?? 'open', until: '', reason: '' },
  );
  const until = draft.state === 'accepted' && draft.until !== '' ? endOfDay(draft.until) : undefined;
  const save = useMutation({
    mutationFn: () =>
      write<Leak>('POST', `/leaks/${encodeURIComponent(leak.id)}/decision`, {
        body: {
          state: draft.state,
          reason: draft.reason.trim(),
          ...(until === undefined ? {} : { until }),
        },
        reason: draft.reason.trim(),
      }),
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

  return (
    <Sheet open onClose={onClose} title={words.title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <ChoiceField
          label={words.field}
          name="decision"
          value={draft.state}
          choices={possible.map((value) => ({ value, ...words.choices[value] }))}
          onChoose={(state) => change({ state })}
        />
        {draft.state === 'accepted' ? (
          <TextField
            type="date"
            label={words.until}
            hint={words.untilHint}
            value={draft.until}
            onChange={(event) => change({ until: event.target.value })}
            error={save.error instanceof ApiError ? save.error.field('until') : undefined}
          />
        ) : null}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
