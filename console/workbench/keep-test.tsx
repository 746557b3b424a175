import type { ContractDocument } from '@drawbridge/protocol/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type {
  ContractTest,
  ContractTestExpects,
  PreparedContractTest,
  WorkbenchSample,
} from '../api/workbench-types.ts';
import { classLabel } from '../design/classes.ts';
import { TextArea, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { Treatment } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';

const words = m.workbench.tests;

/** Shows what would be kept of a sample, and keeps it once somebody says that it is nobody's data. */
export function KeepTest({
  connection,
  sample,
  rules,
  onDone,
}: {
  connection: string;
  sample: WorkbenchSample;
  rules: ContractDocument | null;
  onDone: () => void;
}) {
  const prepared = useQuery({
    queryKey: ['workbench', 'prepare', connection, sample, rules],
    queryFn: ({ signal }) =>
      write<PreparedContractTest>(
        'POST',
        `/connections/${encodeURIComponent(connection)}/contract-tests/prepare`,
        { body: { sample, ...(rules === null ? {} : { rules }) }, signal },
      ),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (prepared.data === undefined) {
    return prepared.error ? <Trouble error={prepared.error} /> : <Bones lines={6} label={words.preparing} />;
  }
  return <Prepared connection={connection} prepared={prepared.data} onDone={onDone} />;
}

function Prepared({
  connection,
  prepared,
  onDone,
}: {
  connection: string;
  prepared: PreparedContractTest;
  onDone: () => void;
}) {
  const client = useQueryClient();
  const { sample, expects, replaced, lost, left } = prepared;
  const [name, setName] = useState('');
  const [reason, setReason] = useState('');
  const [never, setNever] = useState(expects.never.join('\n'));
  const [isSure, setSure] = useState(false);
  const keep = useMutation({
    mutationFn: () =>
      write<ContractTest>('POST', `/connections/${encodeURIComponent(connection)}/contract-tests`, {
        reason: reason.trim(),
        body: {
          name: name.trim(),
          sample,
          expects: { ...expects, never: never.split('\n').filter((line) => line !== '') },
          ...(left.length > 0 ? { despite: true } : {}),
        },
      }),
    onSuccess: () => {
      onDone();
      return client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'workbench' });
    },
  });
  const wrong = (field: string) => (keep.error instanceof ApiError ? keep.error.field(field) : undefined);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    keep.mutate();
  }

  return (
    <form className="flex flex-col gap-4" onSubmit={onSubmit}>
      <p>
        {words.replaced(replaced)} {lost === 0 ? '' : words.lost(lost)}
      </p>
      {left.length === 0 ? null : (
        <Note urgent>{words.left([...new Set(left.map((one) => classLabel(one.class)))])}</Note>
      )}
      <TextArea label={words.stored} rows={8} readOnly value={'text' in sample ? sample.text : sample.body} />
      <Expected expects={expects} />
      <TextArea
        label={words.never}
        hint={words.neverHint}
        rows={3}
        spellCheck={false}
        value={never}
        onChange={(event) => setNever(event.target.value)}
        error={wrong('expects.never')}
      />
      <TextField
        label={words.name}
        hint={words.nameHint}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
        error={wrong('name')}
      />
      <ReasonField value={reason} onChange={setReason} error={wrong('reason')} />
      <label className="flex items-start gap-3">
        <input
          type="checkbox"
          className="mt-0.5 shrink-0"
          required
          checked={isSure}
          onChange={(event) => setSure(event.target.checked)}
        />
        <span>{words.confirm}</span>
      </label>
      <FormActs error={keep.error} disabled={keep.isPending || !isSure} onCancel={onDone}>
        {words.keepIt}
      </FormActs>
    </form>
  );
}

function Expected({ expects }: { expects: ContractTestExpects }) {
  return (
    <div>
      <p className="font-strong">{words.expected}</p>
      <p>{expects.refused === null ? words.crosses : words.isRefused(expects.refused)}</p>
      <ul>
        {expects.treatments.map((one) => (
          <li key={one.class} className="flex justify-between gap-4">
            <span>{classLabel(one.class)}</span>
            <Treatment treatment={one.treatment} />
          </li>
        ))}
      </ul>
    </div>
  );
}
