import { foundClasses } from '@drawbridge/protocol/vocabulary';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import { confidences, type Pattern } from '../api/detector-types.ts';
import { classLabel } from '../design/classes.ts';
import { SelectField, TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { detectors } from '../messages/pages/detectors.ts';
import { useDraft } from '../shell/draft.ts';

const words = detectors.patterns;
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Of an examples field: what was wrong with which line. */
function wrongIn(error: Error | null, member: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const whole = error.field(member);
  if (whole !== undefined) return whole;
  for (let line = 0; line < 20; line++) {
    const found = error.field(`${member}.${line}`);
    if (found !== undefined) return `${line + 1}: ${found}`;
  }
  return undefined;
}

/** Adds a pattern, or makes a new version of one: it is tried with its own examples before it is taken. */
export function PatternSheet({ pattern, onClose }: { pattern: Pattern | null; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, edit, forget] = useDraft(`pattern.${pattern?.id ?? ''}`, {
    id: pattern?.id ?? '',
    name: pattern?.name ?? '',
    class: pattern?.class ?? 'custom.match',
    pattern: pattern?.pattern ?? '',
    flags: pattern?.flags ?? '',
    confidence: (pattern?.confidence ?? 'likely') as string,
    finds: pattern?.finds.join('\n') ?? '',
    passes: pattern?.passes.join('\n') ?? '',
    reason: '',
  });
  const save = useMutation({
    mutationFn: () =>
      write(pattern === null ? 'POST' : 'PUT', `/patterns/${encodeURIComponent(draft.id.trim())}`, {
        reason: draft.reason.trim(),
        body: {
          name: draft.name.trim(),
          class: draft.class,
          pattern: draft.pattern,
          ...(draft.flags === 'i' ? { flags: 'i' } : {}),
          confidence: draft.confidence,
          finds: linesOf(draft.finds),
          passes: linesOf(draft.passes),
        },
      }),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={pattern === null ? words.addTitle : words.changeTitle(pattern.id)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {pattern === null ? (
          <TextField
            label={words.idField}
            hint={words.idHint}
            required
            maxLength={40}
            pattern="[a-z0-9][a-z0-9_\-]*"
            value={draft.id}
            onChange={(event) => edit({ id: event.target.value })}
            error={wrong('pattern_id')}
          />
        ) : null}
        <TextField
          label={words.nameField}
          required
          maxLength={100}
          value={draft.name}
          onChange={(event) => edit({ name: event.target.value })}
          error={wrong('name')}
        />
        <TextField
          label={words.patternField}
          hint={words.patternHint}
          required
          maxLength={500}
          spellCheck={false}
          value={draft.pattern}
          onChange={(event) => edit({ pattern: event.target.value })}
          error={wrong('pattern')}
        />
        <SelectField
          label={words.anyCase}
          value={draft.flags}
          onChange={(event) => edit({ flags: event.target.value })}
        >
          <option value="">{words.exactCase}</option>
          <option value="i">{words.inAnyCase}</option>
        </SelectField>
        <SelectField
          label={detectors.fieldClass}
          value={draft.class}
          onChange={(event) => edit({ class: event.target.value })}
          error={wrong('class')}
        >
          {foundClasses.map((name) => (
            <option key={name} value={name}>
              {classLabel(name)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={detectors.confidence}
          value={draft.confidence}
          onChange={(event) => edit({ confidence: event.target.value })}
        >
          {confidences.map((name) => (
            <option key={name} value={name}>
              {detectors.confidences[name]}
            </option>
          ))}
        </SelectField>
        <TextArea
          label={words.finds}
          hint={words.examplesHint}
          required
          rows={3}
          value={draft.finds}
          onChange={(event) => edit({ finds: event.target.value })}
          error={wrongIn(save.error, 'finds')}
        />
        <TextArea
          label={words.passes}
          rows={3}
          value={draft.passes}
          onChange={(event) => edit({ passes: event.target.value })}
          error={wrongIn(save.error, 'passes')}
        />
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} error={wrong('reason')} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}
