import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Incident } from '../api/room-types.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { incidents } from '../messages/pages/incidents.ts';
import { useDraft } from '../shell/draft.ts';
import { type EntryField, Field } from './entry.tsx';
import { toIso } from './moment.ts';

const words = incidents.open;
const USUAL = 'vendor-data-breach';

/** Opens an incident; who opens it leads it. `party`, `from`, `to` come from where it was begun. */
export function OpenSheet({
  party = '',
  from,
  to,
  onClose,
}: {
  party?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  onClose: () => void;
}) {
  const playbooks = useQuery(queries.playbooks());
  const names = useQuery({ ...queries.weakestLinks(), enabled: party !== '' });
  // The form begins with the vendor's name: what people find written there they leave as it is.
  const isNamed = party === '' || !names.isPending;
  return (
    <Sheet open onClose={onClose} title={words.title}>
      {playbooks.data === undefined || !isNamed ? (
        playbooks.error === null ? (
          <Bones lines={5} />
        ) : (
          <Trouble error={playbooks.error} onRetry={() => void playbooks.refetch()} />
        )
      ) : (
        <Form
          playbooks={playbooks.data.items}
          party={party}
          title={party === '' ? '' : words.nameOf(names.data?.find(({ id }) => id === party)?.name ?? party)}
          from={from === undefined ? '' : `${from}T00:00`}
          to={to === undefined ? '' : `${to}T23:59`}
          onClose={onClose}
        />
      )}
    </Sheet>
  );
}

const more: readonly EntryField[] = [
  { name: 'severity', label: words.severity, options: Object.entries(incidents.severities) },
  { name: 'from', label: words.from, kind: 'moment', error: 'occurredFrom' },
  { name: 'to', label: words.to, kind: 'moment', error: 'occurredTo' },
  { name: 'learnedAt', label: words.learnedAt, kind: 'moment', error: 'learned.at' },
  { name: 'learnedFrom', label: words.learnedFrom, error: 'learned.source' },
  { name: 'learnedText', label: words.learnedText, kind: 'long', error: 'learned.text' },
];

function Form({
  playbooks,
  onClose,
  ...given
}: {
  playbooks: readonly { id: string; name: string; when: string; tasks: number; questions: number }[];
  party: string;
  title: string;
  from: string;
  to: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const attempt = useAttempt();
  const [half, setHalf] = useState(false);
  const playbook = playbooks.find(({ id }) => id === USUAL)?.id ?? playbooks[0]?.id ?? '';
  const [draft, edit, forget] = useDraft<Record<string, string>>(`incident.open.${given.party}`, {
    ...given,
    playbook,
    severity: 'unknown',
    reason: '',
  });
  // Open where something stands in it already, and from then on as people leave it.
  const [isMoreOpen] = useState(() =>
    more.some(({ name, options }) => options === undefined && (draft[name] ?? '') !== ''),
  );
  const value = (name: string): string => (draft[name] ?? '').trim();
  const chosen = playbooks.find(({ id }) => id === value('playbook'));
  const save = useMutation({
    mutationFn: () => {
      const learnedAt = toIso(value('learnedAt'));
      const learned =
        learnedAt === undefined
          ? {}
          : { learned: { at: learnedAt, source: value('learnedFrom'), text: value('learnedText') } };
      const optional = {
        party: value('party') || undefined,
        occurredFrom: toIso(value('from')),
        occurredTo: toIso(value('to')),
      };
      return write<Incident>('POST', '/incidents', {
        body: {
          title: value('title'),
          playbook: value('playbook'),
          severity: value('severity'),
          drill: value('drill') === 'yes',
          restricted: value('restricted') === 'yes',
          ...optional,
          ...learned,
        },
        reason: value('reason'),
        idempotencyKey: attempt.key(),
      });
    },
    onError: (error) => attempt.answered(error),
    onSuccess: async (incident) => {
      attempt.answered();
      forget();
      await client.invalidateQueries();
      await navigate({ to: '/incidents/$incident', params: { incident: incident.id } });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const told = ['learnedAt', 'learnedFrom', 'learnedText'].filter((name) => value(name) !== '').length;
    setHalf(told !== 0 && told !== 3);
    if (told === 0 || told === 3) save.mutate();
  };
  const first: readonly EntryField[] = [
    { name: 'title', label: words.name, required: true },
    { name: 'party', label: words.party, hint: words.partyHint },
    {
      name: 'playbook',
      label: words.playbook,
      options: playbooks.map(({ id, name }) => [id, name]),
      ...(chosen === undefined
        ? {}
        : { hint: `${chosen.when} ${words.playbookHint(chosen.tasks, chosen.questions)}` }),
    },
    { name: 'drill', label: words.drill, kind: 'check' },
    { name: 'restricted', label: words.restricted, kind: 'check' },
  ];
  const wrong = (name: string) => (save.error instanceof ApiError ? save.error.field(name) : undefined);
  const show = (field: EntryField) => (
    <Field
      key={field.name}
      field={field}
      value={draft[field.name] ?? ''}
      error={field.name === 'learnedAt' && half ? words.learnedWhole : wrong(field.error ?? field.name)}
      onChange={(text) => edit({ [field.name]: text })}
    />
  );
  return (
    <form onSubmit={submit} className="flex flex-col gap-4">
      {first.map(show)}
      {/* At night little is known, and all of it can be entered later. */}
      <details open={isMoreOpen}>
        <summary>{words.more}</summary>
        <div className="mt-4 flex flex-col gap-4">{more.map(show)}</div>
      </details>
      <ReasonField
        value={draft.reason ?? ''}
        onChange={(reason) => edit({ reason })}
        error={wrong('reason')}
      />
      <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
        {words.submit}
      </FormActs>
    </form>
  );
}
