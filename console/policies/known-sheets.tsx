import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { AppFacts, Said, VendorFacts } from '../api/policy-types.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';

const words = m.policies.known;

interface SaidDraft {
  is: boolean;
  on: string;
  source: string;
}
const draftOf = (said: Said | undefined): SaidDraft => ({
  is: said != null,
  on: said?.on ?? '',
  source: said?.source ?? '',
});
const saidOf = ({ is, on, source }: SaidDraft): Said => (is ? { on, source: source.trim() } : null);

/** Whether a vendor is approved and signed an agreement: each with its day, and where one can see it. */
export function VendorSheet({
  vendor,
  onClose,
}: {
  vendor: { id: string; name: string; known: VendorFacts | undefined };
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [approved, setApproved] = useState(draftOf(vendor.known?.approved));
  const [agreement, setAgreement] = useState(draftOf(vendor.known?.agreement));
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: () =>
      write('PUT', `/vendors/${encodeURIComponent(vendor.id)}/facts`, {
        body: { approved: saidOf(approved), agreement: saidOf(agreement) },
        reason: reason.trim(),
      }),
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
    <Sheet open onClose={onClose} title={words.changeVendor(vendor.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <SaidFields
          name="approved"
          label={words.isApproved}
          said={approved}
          onChange={setApproved}
          error={save.error}
        />
        <SaidFields
          name="agreement"
          label={words.isSigned}
          said={agreement}
          onChange={setAgreement}
          error={save.error}
        />
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {m.common.save}
        </FormActs>
      </form>
    </Sheet>
  );
}

function SaidFields({
  name,
  label,
  said,
  onChange,
  error,
}: {
  name: string;
  label: string;
  said: SaidDraft;
  onChange: (said: SaidDraft) => void;
  error: Error | null;
}) {
  const wrong = (field: string) => (error instanceof ApiError ? error.field(`${name}.${field}`) : undefined);
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="sr-only">{label}</legend>
      <label className="flex gap-2">
        <input
          type="checkbox"
          checked={said.is}
          onChange={(event) => onChange({ ...said, is: event.target.checked })}
        />
        {label}
      </label>
      {said.is ? (
        <>
          <TextField
            label={words.on}
            type="date"
            required
            value={said.on}
            onChange={(event) => onChange({ ...said, on: event.target.value })}
            error={wrong('on')}
          />
          <TextField
            label={words.source}
            required
            minLength={3}
            maxLength={300}
            value={said.source}
            onChange={(event) => onChange({ ...said, source: event.target.value })}
            error={wrong('source')}
          />
        </>
      ) : null}
    </fieldset>
  );
}

/** Tags and team of an app, and whose its keys are. */
export function AppSheet({ facts, onClose }: { facts: AppFacts; onClose: () => void }) {
  const client = useQueryClient();
  const [tags, setTags] = useState(facts.tags.join(' '));
  const [team, setTeam] = useState(facts.team);
  const [holder, setHolder] = useState<string>(facts.holder);
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: () =>
      write('PUT', `/apps/${encodeURIComponent(facts.app.id)}/facts`, {
        body: { tags: tags.split(/[\s,]+/).filter((tag) => tag !== ''), team: team.trim(), holder },
        reason: reason.trim(),
      }),
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
    <Sheet open onClose={onClose} title={words.changeApp(facts.app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.tags}
          hint={words.tagsHint}
          value={tags}
          onChange={(event) => setTags(event.target.value)}
          error={save.error instanceof ApiError ? save.error.field('tags') : undefined}
        />
        <TextField
          label={words.team}
          maxLength={100}
          value={team}
          onChange={(event) => setTeam(event.target.value)}
        />
        <SelectField label={words.holder} value={holder} onChange={(event) => setHolder(event.target.value)}>
          {Object.entries(m.policies.examples.holders).map(([value, shown]) => (
            <option key={value} value={value}>
              {shown}
            </option>
          ))}
        </SelectField>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {m.common.save}
        </FormActs>
      </form>
    </Sheet>
  );
}
