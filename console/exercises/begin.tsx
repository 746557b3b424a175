import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { Exercise, ExerciseRun } from '../api/exercise-types.ts';
import { ChoiceField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { exercises } from '../messages/pages/exercises.ts';

const words = exercises.sheet;
const paces = (['1', '4', '20'] as const).map((value) => ({ value, ...words.paces[value] }));

/** Begins an exercise and goes to it. */
export function BeginSheet({ exercise, onClose }: { exercise: Exercise; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [pace, choose] = useState<string>('1');
  const [reason, setReason] = useState('');
  const begin = useMutation({
    mutationFn: () =>
      write<ExerciseRun>('POST', `/exercises/${encodeURIComponent(exercise.id)}/runs`, {
        body: { pace: Number(pace), reason: reason.trim() },
        reason: reason.trim(),
      }),
    onSuccess: async (run) => {
      await client.invalidateQueries();
      await navigate({ to: '/exercises/$run', params: { run: run.id } });
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    begin.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title(exercise.title)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <ChoiceField label={words.pace} name="pace" value={pace} choices={paces} onChoose={choose} />
        <p className="text-small text-soft">{words.paceHint}</p>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={begin.error} disabled={begin.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
