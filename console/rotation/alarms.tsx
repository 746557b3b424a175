import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { KeyAlarm } from '../api/rotation-types.ts';
import { Button } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.rotation.alarms;

/** Uses of keys of ours by somebody else that nobody has acknowledged. Nothing where there are none. */
export function Alarms() {
  const alarms = useQuery(queries.keyAlarms()).data ?? [];
  const [open, setOpen] = useState<KeyAlarm | null>(null);
  if (alarms.length === 0) return null;
  return (
    <Section title={words.title}>
      {alarms.map((alarm) => (
        <div key={alarm.id} className="flex flex-col items-start gap-2">
          <Note urgent>{alarm.text}</Note>
          <p className="text-small text-soft">
            {words.times(alarm.times)}, <Ago at={alarm.lastAt} />
          </p>
          <Button onClick={() => setOpen(alarm)}>{words.acknowledge}</Button>
        </div>
      ))}
      {open === null ? null : <Acknowledge alarm={open} onClose={() => setOpen(null)} />}
    </Section>
  );
}

function Acknowledge({ alarm, onClose }: { alarm: KeyAlarm; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`alarm.${alarm.id}`, { reason: '' });
  const acknowledge = useMutation({
    mutationFn: () =>
      write<KeyAlarm>('POST', `/key-alarms/${encodeURIComponent(alarm.id)}/acknowledge`, {
        body: {},
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    acknowledge.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.sheet}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={acknowledge.error} disabled={acknowledge.isPending} onCancel={onClose}>
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}
