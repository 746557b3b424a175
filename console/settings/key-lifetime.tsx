import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { KeyLifetime } from '../api/trust-types.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Facts, Section } from '../design/page.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { Permitted } from '../shell/permitted.tsx';

const words = m.keyLifetime;
const kinds = ['workload', 'person'] as const;

/** How long virtual keys live: by default and at most, of apps and of people. */
export function KeyLifetimes() {
  const lifetime = useQuery(queries.keyLifetime());
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title={words.title}
      lead={words.lead}
      acts={
        lifetime.data === undefined ? null : (
          <Permitted action="setting.change">
            <Button slim onClick={() => setOpen(true)}>
              {words.change}
            </Button>
          </Permitted>
        )
      }
    >
      {lifetime.error ? <Trouble error={lifetime.error} onRetry={() => void lifetime.refetch()} /> : null}
      {lifetime.data === undefined && !lifetime.error ? <Bones lines={2} /> : null}
      {lifetime.data === undefined ? null : (
        <Facts
          facts={kinds.map((kind) => {
            const { defaultDays, mostDays } = lifetime.data[kind];
            return [words[kind], words.is(defaultDays ?? mostDays, mostDays)] as const;
          })}
        />
      )}
      {isOpen && lifetime.data !== undefined ? (
        <Change lifetime={lifetime.data} onClose={() => setOpen(false)} />
      ) : null}
    </Section>
  );
}

const text = (days: number | null): string => (days === null ? '' : String(days));
const days = (typed: string): number | null => (typed.trim() === '' ? null : Number(typed));

function Change({ lifetime, onClose }: { lifetime: KeyLifetime; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft('key-lifetime', {
    workloadDefault: text(lifetime.workload.defaultDays),
    workloadMost: text(lifetime.workload.mostDays),
    personDefault: text(lifetime.person.defaultDays),
    personMost: text(lifetime.person.mostDays),
    reason: '',
  });
  const save = useMutation({
    mutationFn: () =>
      write<KeyLifetime>('PUT', '/key-lifetime', {
        body: {
          workload: { defaultDays: days(draft.workloadDefault), mostDays: days(draft.workloadMost) },
          person: { defaultDays: days(draft.personDefault), mostDays: days(draft.personMost) },
        },
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
    save.mutate();
  }

  const wrong = (field: string): string | undefined =>
    save.error instanceof ApiError ? save.error.field(field) : undefined;
  const field = (kind: 'workload' | 'person', which: 'Default' | 'Most') => (
    <TextField
      label={which === 'Default' ? words.usual(words[kind]) : words.most(words[kind])}
      hint={which === 'Default' ? words.hint : words.hintMost}
      type="number"
      min={1}
      max={3650}
      value={draft[`${kind}${which}`]}
      onChange={(event) => change({ [`${kind}${which}`]: event.target.value })}
      error={wrong(`${kind}.${which === 'Default' ? 'defaultDays' : 'mostDays'}`)}
    />
  );
  return (
    <Sheet open onClose={onClose} title={words.sheet}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.sheetLead}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          {field('workload', 'Default')}
          {field('workload', 'Most')}
          {field('person', 'Default')}
          {field('person', 'Most')}
        </div>
        {draft.workloadDefault === '' && draft.workloadMost === '' ? null : <p>{words.warning}</p>}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
