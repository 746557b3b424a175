import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { signInLevels } from '../api/account-types.ts';
import { ApiError, write } from '../api/client.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.accounts;

/** SHA-256 of a file in hexadecimal, computed here: the file stays where it is. */
async function hashOf(file: File): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A day of a date field, as the moment it begins. */
const dayOf = (date: string): string => new Date(`${date}T00:00:00Z`).toISOString();

export function AttestSheet({
  open,
  onClose,
  vendor,
}: {
  open: boolean;
  onClose: () => void;
  vendor: string;
}) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [draft, edit, forget] = useDraft(`attestation.${vendor}`, {
    level: 'enforced',
    statement: '',
    seen: '',
    until: '',
    reason: '',
  });
  const attest = useMutation({
    mutationFn: async () => {
      const evidence = file === null ? '' : await hashOf(file);
      return write('POST', `/accounts/${encodeURIComponent(vendor)}/attestations`, {
        reason: draft.reason.trim(),
        body: {
          level: draft.level,
          statement: draft.statement.trim(),
          evidence,
          seenAt: dayOf(draft.seen),
          expiresAt: dayOf(draft.until),
        },
      });
    },
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) => (attest.error instanceof ApiError ? attest.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    attest.mutate();
  };
  return (
    <Sheet open={open} onClose={onClose} title={words.attest}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <SelectField
          label={words.levelField}
          value={draft.level}
          onChange={(event) => edit({ level: event.target.value })}
          error={wrong('level')}
        >
          {signInLevels.map((level) =>
            level === 'unknown' ? null : (
              <option key={level} value={level}>
                {words.levels[level]}
              </option>
            ),
          )}
        </SelectField>
        <TextField
          label={words.statement}
          required
          minLength={10}
          maxLength={1000}
          value={draft.statement}
          onChange={(event) => edit({ statement: event.target.value })}
          error={wrong('statement')}
        />
        <TextField
          label={words.evidenceFile}
          hint={words.evidenceHint}
          type="file"
          required
          onChange={(event) => setFile(event.target.files?.[0] ?? null)}
          error={wrong('evidence')}
        />
        <TextField
          label={words.seenOn}
          type="date"
          required
          value={draft.seen}
          onChange={(event) => edit({ seen: event.target.value })}
          error={wrong('seenAt')}
        />
        <TextField
          label={words.holdsUntil}
          type="date"
          required
          value={draft.until}
          onChange={(event) => edit({ until: event.target.value })}
          error={wrong('expiresAt')}
        />
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} error={wrong('reason')} />
        <FormActs error={attest.error} disabled={attest.isPending} onCancel={onClose}>
          {words.attest}
        </FormActs>
      </form>
    </Sheet>
  );
}
