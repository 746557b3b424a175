import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { write } from '../api/client.ts';
import type { Canary, NewCanary } from '../api/key-types.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { ChoiceField, SelectField, TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.keysEverywhere;

/** Makes a canary key and shows it once. */
export function Plant({ onClose }: { onClose: () => void }) {
  const [made, setMade] = useState<NewCanary | null>(null);
  const { plantSheet } = words;
  return (
    <Sheet open onClose={onClose} title={made === null ? plantSheet.title : plantSheet.shownTitle}>
      {made === null ? (
        <PlantForm onMade={setMade} onClose={onClose} />
      ) : (
        <div className="flex flex-col gap-4">
          <p>{plantSheet.shownLead}</p>
          <code className="break-all rounded-md border border-line-strong bg-sunken px-3 py-2 font-mono text-small">
            {made.key}
          </code>
          <div className="flex gap-2">
            <CopyButton text={made.key} />
            <Button slim onClick={onClose}>
              {plantSheet.done}
            </Button>
          </div>
        </div>
      )}
    </Sheet>
  );
}

function PlantForm({ onMade, onClose }: { onMade: (canary: NewCanary) => void; onClose: () => void }) {
  const client = useQueryClient();
  const forms = useQuery(queries.canaryForms());
  const attempt = useAttempt();
  const [draft, change, forget] = useDraft('canary', { form: '', place: '', owner: '' });
  const { plantSheet } = words;
  const items = forms.data?.items ?? [];
  const chosen = items.find((form) => `${form.vendor}/${form.id}` === draft.form) ?? items[0];
  const plant = useMutation({
    mutationFn: () =>
      write<NewCanary>('POST', '/canaries', {
        reason: plantSheet.reason(draft.place.trim()).slice(0, 500),
        idempotencyKey: attempt.key(),
        body: {
          vendor: chosen?.vendor,
          form: chosen?.id,
          place: draft.place.trim(),
          owner: draft.owner.trim(),
        },
      }),
    onError: attempt.answered,
    onSuccess: (canary) => {
      attempt.answered();
      forget();
      onMade(canary);
      return client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    plant.mutate();
  }

  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <p>{plantSheet.lead}</p>
      <SelectField
        label={plantSheet.form}
        value={chosen === undefined ? '' : `${chosen.vendor}/${chosen.id}`}
        onChange={(event) => change({ form: event.target.value })}
      >
        {items.map((form) => (
          <option key={`${form.vendor}/${form.id}`} value={`${form.vendor}/${form.id}`}>
            {words.looks(form.vendorName, form.name)}
          </option>
        ))}
      </SelectField>
      <TextField
        label={plantSheet.place}
        hint={plantSheet.placeHint}
        required
        maxLength={200}
        value={draft.place}
        onChange={(event) => change({ place: event.target.value })}
      />
      <TextField
        label={plantSheet.owner}
        required
        maxLength={200}
        value={draft.owner}
        onChange={(event) => change({ owner: event.target.value })}
      />
      <FormActs
        error={plant.error ?? forms.error}
        disabled={plant.isPending || chosen === undefined}
        onCancel={onClose}
      >
        {plantSheet.submit}
      </FormActs>
    </form>
  );
}

interface CanarySheet {
  canary: Canary;
  onClose: () => void;
}

/** Tells of a use that no gateway saw. */
export function Report({ canary, onClose }: CanarySheet) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`canary-report.${canary.id}`, {
    by: 'vendor',
    text: '',
    reason: '',
  });
  const { reportSheet } = words;
  const report = useMutation({
    mutationFn: () =>
      write('POST', `/canaries/${encodeURIComponent(canary.id)}/reports`, {
        reason: draft.reason.trim(),
        body: { by: draft.by, text: draft.text.trim() },
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    report.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={reportSheet.title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{reportSheet.lead}</p>
        <ChoiceField
          label={reportSheet.by}
          name="canary-report-by"
          value={draft.by}
          choices={[
            { value: 'vendor', label: reportSheet.byVendor },
            { value: 'person', label: reportSheet.byPerson },
          ]}
          onChoose={(by) => change({ by })}
        />
        <TextArea
          label={reportSheet.text}
          rows={2}
          required
          maxLength={200}
          value={draft.text}
          onChange={(event) => change({ text: event.target.value })}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={report.error} disabled={report.isPending} onCancel={onClose}>
          {reportSheet.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** Has gateways forget a canary key. */
export function Retire({ canary, onClose }: CanarySheet) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const { retireSheet } = words;
  const retire = useMutation({
    mutationFn: () =>
      write('POST', `/canaries/${encodeURIComponent(canary.id)}/retire`, { reason: reason.trim(), body: {} }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    retire.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={retireSheet.title(canary.place)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{retireSheet.lead}</p>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={retire.error} weight="danger" disabled={retire.isPending} onCancel={onClose}>
          {retireSheet.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** Who used it, from where: each opens its record in the journal. */
export function CanaryUses({ canary, onClose }: CanarySheet) {
  const detail = useQuery(queries.canary(canary.id));
  const { usesSheet } = words;
  return (
    <Sheet open onClose={onClose} title={usesSheet.title(canary.place)}>
      {detail.error ? <Trouble error={detail.error} onRetry={() => void detail.refetch()} /> : null}
      {detail.data === undefined && !detail.error ? <Bones lines={3} /> : null}
      {detail.data?.latestUses.length === 0 ? <p>{usesSheet.none}</p> : null}
      {detail.data === undefined || detail.data.latestUses.length === 0 ? null : (
        <PlainTable
          label={usesSheet.title(canary.place)}
          heads={[usesSheet.at, usesSheet.from, usesSheet.program, usesSheet.endpoint]}
        >
          {detail.data.latestUses.map((use) => (
            <tr key={use.crossing} className="border-b border-line">
              <td className="px-3 py-1.5 whitespace-nowrap">
                <Link to="/crossings/$crossing" params={{ crossing: use.crossing }}>
                  <Ago at={use.at} />
                </Link>
              </td>
              <td className="px-3 py-1.5">
                {use.address ?? <span className="text-soft">{usesSheet.forgotten}</span>}
              </td>
              <td className="px-3 py-1.5">{use.client ?? m.common.unknown}</td>
              <td className="px-3 py-1.5 font-mono text-small">{use.endpoint}</td>
            </tr>
          ))}
        </PlainTable>
      )}
    </Sheet>
  );
}
