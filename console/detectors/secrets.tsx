import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { Button, TextButton } from '../design/button.tsx';
import { classLabel } from '../design/classes.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { detectors } from '../messages/pages/detectors.ts';
import { ReasonSheet } from '../policies/reason-sheet.tsx';
import type { DetectorsPatch } from './page.tsx';

const words = detectors.secrets;
const classes = ['secret.password', 'secret.token', 'secret.api_key', 'secret.private_key'] as const;

/** Secrets that people registered: what they are called and whose they are. Never a value. */
export function Secrets({
  act,
  of,
  onSet,
}: {
  act: string | undefined;
  of: string | undefined;
  onSet: (patch: DetectorsPatch) => void;
}) {
  const secrets = useQuery(queries.registeredSecrets());
  const may = useMay('detector.change');
  const rows = secrets.data?.items;
  const chosen = rows?.find(({ id }) => id === of);
  const close = () => onSet({ act: undefined, of: undefined });
  const add = may ? (
    <Button weight="main" onClick={() => onSet({ act: 'register' })}>
      {words.add}
    </Button>
  ) : null;
  return (
    <Section title={detectors.tabNames.secrets} lead={words.lead} acts={rows?.length === 0 ? null : add}>
      {secrets.error ? <Trouble error={secrets.error} onRetry={() => void secrets.refetch()} /> : null}
      {rows === undefined && !secrets.error ? <Bones lines={3} /> : null}
      {rows?.length === 0 ? (
        <Empty title={words.none} example={<p>{words.example}</p>} act={add}>
          {words.noneWhy}
        </Empty>
      ) : null}
      {rows === undefined || rows.length === 0 ? null : (
        <PlainTable
          label={words.table}
          heads={[words.label, words.owner, detectors.fieldClass, words.inScans, detectors.acts]}
          numeric={[words.at]}
        >
          {rows.map((one) => (
            <tr key={one.id} className="h-9 border-b border-line">
              <th scope="row" className="px-3 font-strong">
                {one.label}
              </th>
              <td className="px-3">{one.owner}</td>
              <td className="px-3">{classLabel(one.class)}</td>
              <td className="px-3">{one.inScans ? words.isInScans : words.notInScans}</td>
              <td className="px-3">
                {may ? (
                  <TextButton onClick={() => onSet({ act: 'forget', of: one.id })}>{words.remove}</TextButton>
                ) : null}
              </td>
              <td className="px-3 text-right whitespace-nowrap">
                <Ago at={one.registeredAt} />
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {act === 'register' ? <RegisterSheet onClose={close} /> : null}
      {act === 'forget' && chosen !== undefined ? (
        <ReasonSheet
          title={words.removeTitle(chosen.label)}
          submit={words.remove}
          weight="danger"
          act={(reason) =>
            write('DELETE', `/registered-secrets/${encodeURIComponent(chosen.id)}`, { reason })
          }
          onClose={close}
        >
          <p>{words.removeLead}</p>
        </ReasonSheet>
      ) : null}
    </Section>
  );
}

/** The value is in no draft: it stays in the field until it is sent. */
function RegisterSheet({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [label, setLabel] = useState('');
  const [owner, setOwner] = useState('');
  const [secretClass, setSecretClass] = useState<string>(classes[0]);
  const [value, setValue] = useState('');
  const [reason, setReason] = useState('');
  const register = useMutation({
    mutationFn: () =>
      write('POST', '/registered-secrets', {
        reason: reason.trim(),
        body: { label: label.trim(), owner: owner.trim(), class: secretClass, value },
      }),
    onSuccess: async () => {
      await client.invalidateQueries();
      onClose();
    },
  });
  const wrong = (field: string) =>
    register.error instanceof ApiError ? register.error.field(field) : undefined;
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    register.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.add}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.label}
          hint={words.labelHint}
          required
          maxLength={38}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
          error={wrong('label')}
        />
        <TextField
          label={words.owner}
          hint={words.ownerHint}
          required
          maxLength={200}
          value={owner}
          onChange={(event) => setOwner(event.target.value)}
          error={wrong('owner')}
        />
        <SelectField
          label={detectors.fieldClass}
          hint={words.classHint}
          value={secretClass}
          onChange={(event) => setSecretClass(event.target.value)}
        >
          {classes.map((name) => (
            <option key={name} value={name}>
              {classLabel(name)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={words.value}
          hint={words.valueHint}
          type="password"
          autoComplete="off"
          required
          minLength={8}
          maxLength={1024}
          value={value}
          onChange={(event) => setValue(event.target.value)}
          error={wrong('value')}
        />
        <ReasonField value={reason} onChange={setReason} error={wrong('reason')} />
        <FormActs error={register.error} disabled={register.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
