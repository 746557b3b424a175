import { type FormEvent, useState } from 'react';
import type { Example } from '../api/policy-types.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { type ExampleDraft, emptyDraft, exampleOf } from './example-words.ts';

const words = m.policies.examples;
const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const hours = Array.from({ length: 24 }, (_, hour) => String(hour));

/** An example, put together from what policies can speak of. What is left open is harmless. */
export function ExampleSheet({
  policy,
  onClose,
  onAdd,
}: {
  policy: string;
  onClose: () => void;
  onAdd: (example: Example) => void;
}) {
  const [draft, setDraft] = useState<ExampleDraft>(emptyDraft);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    onAdd(exampleOf(draft, policy));
    onClose();
  }

  const text = (name: keyof ExampleDraft, label: string, hint?: string) => (
    <TextField
      label={label}
      hint={hint}
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
    />
  );
  const choice = (
    name: keyof ExampleDraft,
    label: string,
    choices: readonly (readonly [string, string])[],
  ) => (
    <SelectField
      label={label}
      value={draft[name]}
      onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
    >
      {choices.map(([value, shown]) => (
        <option key={value} value={value}>
          {shown}
        </option>
      ))}
    </SelectField>
  );
  const open = (choices: readonly (readonly [string, string])[]) => [['', words.usual] as const, ...choices];
  const yesNo = open([
    ['yes', words.yes],
    ['no', words.no],
  ]);
  const isAct = draft.kind === 'act';
  return (
    <Sheet open onClose={onClose} title={words.addTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="text-soft">{words.addLead}</p>
        <TextField
          label={words.says}
          hint={words.saysHint}
          required
          maxLength={200}
          value={draft.says}
          onChange={(event) => setDraft({ ...draft, says: event.target.value })}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          {choice('must', words.must, Object.entries(words.musts).reverse())}
          {choice('kind', words.kind, Object.entries(words.kinds))}
          {isAct ? (
            <>
              <TextField
                label={words.action}
                hint={words.actionHint}
                required
                value={draft.action}
                onChange={(event) => setDraft({ ...draft, action: event.target.value })}
              />
              {text('roles', words.roles, words.rolesHint)}
            </>
          ) : (
            <>
              {choice('approved', words.approved, yesNo)}
              {choice('agreement', words.agreement, yesNo)}
              {text('tags', words.tags, words.tagsHint)}
              {text('team', words.team)}
              {choice('holder', words.holder, open(Object.entries(words.holders)))}
              {text('jurisdiction', words.jurisdiction)}
              {text('model', words.model)}
              {text('passed', words.passed, words.passedHint)}
              {choice('excepted', words.excepted, yesNo)}
            </>
          )}
          {choice('weekday', words.weekday, open(days.map((day) => [day, day] as const)))}
          {choice('hour', words.hour, open(hours.map((hour) => [hour, hour] as const)))}
        </div>
        <FormActs error={null} disabled={false} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
