import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { Permitted } from '../shell/permitted.tsx';

const words = m.world.demands;

/** A connection by id and name. */
export interface Held {
  id: string;
  name: string;
}

/** Where this vendor's connections have to be, and whether they are. */
export function DemandList({ connections }: { connections: readonly Held[] }) {
  const demands = useQuery(queries.demands()).data;
  const [opened, open] = useState<Held | null>(null);
  if (demands === undefined || connections.length === 0) return null;
  return (
    <div>
      <h3 className="font-strong">{words.title}</h3>
      <p className="text-soft">{words.lead}</p>
      <ul className="mt-2 flex flex-col">
        {connections.map((connection) => {
          const demand = demands.find((one) => one.connection.id === connection.id);
          return (
            <li
              key={connection.id}
              className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-t border-line py-2"
            >
              <span className="min-w-0">
                <span className="font-strong">{connection.name}</span>{' '}
                {demand === undefined ? (
                  <span className="text-soft">{words.none}</span>
                ) : (
                  <span className={demand.met ? '' : 'text-alert'}>{demand.says}</span>
                )}
              </span>
              <Permitted action="residency.change">
                <Button slim onClick={() => open(connection)} aria-label={words.changeOf(connection.name)}>
                  {words.change}
                </Button>
              </Permitted>
            </li>
          );
        })}
      </ul>
      {opened === null ? null : (
        <DemandSheet
          connection={opened}
          place={demands.find((one) => one.connection.id === opened.id)?.place ?? ''}
          onClose={() => open(null)}
        />
      )}
    </div>
  );
}

function DemandSheet({
  connection,
  place,
  onClose,
}: {
  connection: Held;
  place: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const groups = ['', 'EU', 'EEA'];
  const [chosen, choose] = useState(groups.includes(place) ? place : 'other');
  const [other, setOther] = useState(place);
  const [reason, setReason] = useState('');
  const wanted = chosen === 'other' ? other.trim() : chosen;
  const save = useMutation({
    mutationFn: () => {
      const path = `/residency/demands/${encodeURIComponent(connection.id)}`;
      return wanted === ''
        ? write('DELETE', path, { reason: reason.trim() })
        : write('PUT', path, { reason: reason.trim(), body: { place: wanted } });
    },
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.changeOf(connection.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.does}</p>
        <SelectField label={words.place} value={chosen} onChange={(event) => choose(event.target.value)}>
          <option value="">{words.nothing}</option>
          <option value="EU">{m.world.groups.EU}</option>
          <option value="EEA">{m.world.groups.EEA}</option>
          <option value="other">{words.other}</option>
        </SelectField>
        {chosen === 'other' ? (
          <TextField
            label={words.otherPlace}
            hint={words.otherHint}
            required
            maxLength={46}
            value={other}
            onChange={(event) => setOther(event.target.value)}
            error={save.error instanceof ApiError ? save.error.field('place') : undefined}
          />
        ) : null}
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
