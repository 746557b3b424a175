import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, write } from '../../api/client.ts';
import { SelectField, TextArea, TextField } from '../../design/field.tsx';
import { FormActs, ReasonField } from '../../design/form.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useDraft } from '../../shell/draft.ts';

/** One question of a sheet. `error`: what the API calls its field, where that is another name. */
export interface Question {
  name: string;
  label: string;
  hint?: ReactNode;
  kind?: 'text' | 'date' | 'number' | 'long' | 'file';
  options?: readonly (readonly [value: string, label: string])[];
  required?: boolean;
  error?: string;
}
export type Answers = Readonly<Record<string, string>>;
interface StoredFile {
  hash: string;
  name: string;
}

/** A sheet of questions with a reason, whose answers are kept through a reload. A file is stored before the answers are sent. */
export function QuestionSheet({
  title,
  draftName,
  questions,
  initial,
  send,
  onClose,
  onAnswer,
}: {
  title: string;
  draftName: string;
  questions: readonly Question[];
  initial: Answers;
  send: (answers: Answers, files: readonly StoredFile[], reason: string) => Promise<unknown>;
  onClose: () => void;
  onAnswer?: (answers: Answers) => void;
}) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [draft, edit, forget] = useDraft<Record<string, string>>(draftName, { ...initial, reason: '' });
  const done = useMutation({
    mutationFn: async () => {
      const reason = (draft.reason ?? '').trim();
      return send(draft, file === null ? [] : [await store(file, reason)], reason);
    },
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) => (done.error instanceof ApiError ? done.error.field(field) : undefined);
  const answer = (name: string, value: string): void => {
    edit({ [name]: value });
    onAnswer?.({ ...draft, [name]: value });
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    done.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {questions.map((question) => (
          <QuestionField
            key={question.name}
            question={question}
            value={draft[question.name] ?? ''}
            error={wrong(question.error ?? question.name)}
            onChange={(value) => answer(question.name, value)}
            onFile={setFile}
          />
        ))}
        <ReasonField
          value={draft.reason ?? ''}
          onChange={(reason) => edit({ reason })}
          error={wrong('reason')}
        />
        <FormActs error={done.error} disabled={done.isPending} onCancel={onClose}>
          {title}
        </FormActs>
      </form>
    </Sheet>
  );
}

function QuestionField({
  question: { label, hint, kind = 'text', options, required = false },
  value,
  error,
  onChange,
  onFile,
}: {
  question: Question;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
  onFile: (file: File | null) => void;
}) {
  const given = { label, hint, required, error };
  if (options !== undefined) {
    return (
      <SelectField {...given} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </SelectField>
    );
  }
  if (kind === 'file') {
    return <TextField {...given} type="file" onChange={(event) => onFile(event.target.files?.[0] ?? null)} />;
  }
  if (kind === 'long') {
    return <TextArea {...given} rows={4} value={value} onChange={(event) => onChange(event.target.value)} />;
  }
  return (
    <TextField {...given} type={kind} value={value} onChange={(event) => onChange(event.target.value)} />
  );
}

/** Stores a file at its hash, which is computed here. */
async function store(file: File, reason: string): Promise<StoredFile> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  const hash = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  await write('PUT', `/blobs/${hash}`, { file, reason });
  return { hash, name: file.name };
}

/** What was left empty is unknown. */
export const orNull = (text: string | undefined): string | null => {
  const trimmed = (text ?? '').trim();
  return trimmed === '' ? null : trimmed;
};
