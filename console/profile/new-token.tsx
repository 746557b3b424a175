import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { useActions, useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { NewApiToken } from '../api/token-types.ts';
import { Button } from '../design/button.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { ChoiceField, SelectField, TextField } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.tokens;
const empty = { name: '', days: '30', what: 'read', acts: [] as string[] };

/** Asks what a program needs, and shows its token once. */
export function NewToken({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const mine = [...useActions()];
  const [draft, change, forget] = useDraft('token', empty);
  const [noAct, setNoAct] = useState(false);
  const attempt = useAttempt();
  const acts = draft.what === 'read' ? mine.filter((act) => act.endsWith('.read')) : draft.acts;
  const make = useMutation({
    mutationFn: () =>
      write<NewApiToken>('POST', '/tokens', {
        reason: words.reason(draft.name.trim()),
        idempotencyKey: attempt.key(),
        body: { name: draft.name.trim(), actions: acts, days: Number(draft.days) },
      }),
    onError: attempt.answered,
    onSuccess: async () => {
      attempt.answered();
      forget();
      await client.invalidateQueries({ queryKey: queries.myTokens().queryKey });
    },
  });

  if (make.data !== undefined) {
    return (
      <Sheet open onClose={onClose} title={words.shownTitle}>
        <p>{words.shownLead}</p>
        <p>{words.shownUse}</p>
        <CodeBlock label={words.header} code={`Authorization: Bearer ${make.data.token}`} />
        <div>
          <Button onClick={onClose}>{words.done}</Button>
        </div>
      </Sheet>
    );
  }

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setNoAct(acts.length === 0);
    if (acts.length > 0) make.mutate();
  }

  const refused = make.error instanceof ApiError ? make.error : null;
  return (
    <Sheet open onClose={onClose} title={words.make}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.name}
          hint={words.nameHint}
          required
          maxLength={100}
          autoComplete="off"
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
          error={refused?.field('name')}
        />
        <SelectField
          label={words.days}
          hint={words.daysHint}
          value={draft.days}
          onChange={(event) => change({ days: event.target.value })}
          error={refused?.field('days')}
        >
          {Object.entries(words.dayChoices).map(([days, text]) => (
            <option key={days} value={days}>
              {text}
            </option>
          ))}
        </SelectField>
        <ChoiceField
          label={words.what}
          name="what"
          value={draft.what}
          choices={[
            { value: 'read', label: words.whats.read, hint: words.readHint },
            { value: 'chosen', label: words.whats.chosen, hint: words.chosenHint },
          ]}
          onChoose={(what) => change({ what })}
        />
        {draft.what === 'chosen' ? (
          <Acts mine={mine} chosen={draft.acts} onChange={(next) => change({ acts: next })} />
        ) : null}
        {noAct && acts.length === 0 ? (
          <p role="alert" className="text-alert">
            {words.chooseAct}
          </p>
        ) : null}
        <FormActs error={make.error} disabled={make.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** One's own acts in words, where these may be read; by their names elsewhere. What asks for a factor no token may do. */
function Acts({
  mine,
  chosen,
  onChange,
}: {
  mine: readonly string[];
  chosen: readonly string[];
  onChange: (acts: string[]) => void;
}) {
  const id = useId();
  const mayRead = useMay('person.read');
  const roles = useQuery({ ...queries.roles(), enabled: mayRead });
  const known = new Map(roles.data?.items.flatMap((role) => role.actions.map((act) => [act.id, act])));
  return (
    <fieldset aria-labelledby={id}>
      <legend id={id} className="mb-2 font-strong">
        {words.chooseActs}
      </legend>
      <div className="flex flex-col">
        {mine
          .filter((act) => known.get(act)?.sensitive !== true)
          .map((act) => (
            <label key={act} className="flex gap-3 border-b border-line py-1.5">
              <input
                type="checkbox"
                className="mt-0.5 shrink-0"
                checked={chosen.includes(act)}
                onChange={(event) =>
                  onChange(event.target.checked ? [...chosen, act] : chosen.filter((one) => one !== act))
                }
              />
              <span>{known.get(act)?.text ?? act}</span>
            </label>
          ))}
      </div>
    </fieldset>
  );
}
