import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { TransferLaw } from '../api/residency-types.ts';
import { SelectField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { placeName } from './names.ts';

const words = m.world.home;

/** In which country we are: where lines on the map begin. */
export function HomeSheet({
  home,
  law,
  onClose,
}: {
  home: string | null;
  law: TransferLaw;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [country, choose] = useState(home ?? '');
  const [reason, setReason] = useState('');
  const save = useMutation({
    mutationFn: () =>
      write('PUT', '/residency/home', {
        body: { country: country === '' ? null : country },
        reason: reason.trim(),
      }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const countries = [...law.eu, ...law.eea.filter((one) => !law.eu.includes(one))]
    .concat(law.adequacy.map((one) => one.country))
    .filter((one, index, all) => all.indexOf(one) === index)
    .map((code) => ({ code, name: placeName(code) }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.set}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <SelectField label={words.country} value={country} onChange={(event) => choose(event.target.value)}>
          <option value="">{words.none}</option>
          {countries.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </SelectField>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.set}
        </FormActs>
      </form>
    </Sheet>
  );
}
