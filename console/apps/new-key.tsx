import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { NewVirtualKey } from '../api/types.ts';
import { listOf } from '../contract/rules.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { ChoiceField, SelectField, TextArea, TextField } from '../design/field.tsx';
import { endOfDay, exact } from '../design/format.ts';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { useZone } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { boundsOf, noBounds } from './bounds-draft.ts';
import { BoundsFields } from './bounds-fields.tsx';
import { type CapsDraft, noCaps, perDayOf, perMinuteOf } from './caps-draft.ts';
import { CapsFields } from './caps-fields.tsx';
import { ConnectionChoice } from './connection-choice.tsx';
import { ShownKey } from './shown-key.tsx';

const words = m.apps;

/** Makes a key and shows it once. */
export function NewKey({
  open,
  app,
  onClose,
}: {
  open: boolean;
  app: string | undefined;
  onClose: () => void;
}) {
  const [made, setMade] = useState<NewVirtualKey | null>(null);

  function close(): void {
    setMade(null);
    onClose();
  }

  return (
    <Sheet open={open} onClose={close} title={made === null ? words.newKey : words.keyTitle}>
      {made === null ? <KeyForm app={app} onMade={setMade} /> : <ShownKey text={made.key} onDone={close} />}
    </Sheet>
  );
}

function KeyForm({ app, onMade }: { app: string | undefined; onMade: (key: NewVirtualKey) => void }) {
  const client = useQueryClient();
  const apps = useQuery(queries.apps());
  const connections = useQuery(queries.connections());
  const lifetime = useQuery(queries.keyLifetime()).data?.workload;
  const zone = useZone();
  const attempt = useAttempt();
  const [missing, setMissing] = useState(false);
  const [draft, change, forget] = useDraft('key', {
    app: '',
    kind: 'secret',
    connections: [] as string[],
    origins: '',
    /** What is left out was not typed: what is usual for the kind holds. */
    caps: {} as Partial<CapsDraft>,
    ...noBounds,
    expires: '',
  });
  const chosenApp = app ?? (draft.app || apps.data?.[0]?.id || '');
  const publishable = draft.kind === 'publishable';
  const caps = { ...noCaps, ...(publishable ? { perMinute: '600' } : {}), ...draft.caps };
  const perMinute = perMinuteOf(caps);
  const perDay = perDayOf(caps);

  const make = useMutation({
    mutationFn: () =>
      write<NewVirtualKey>('POST', `/apps/${encodeURIComponent(chosenApp)}/keys`, {
        reason: words.reasonKey(apps.data?.find((row) => row.id === chosenApp)?.name ?? chosenApp),
        idempotencyKey: attempt.key(),
        body: {
          kind: draft.kind,
          connections: draft.connections,
          ...(publishable ? { classes: ['ingest'], origins: listOf(draft.origins) } : {}),
          ...(publishable ? {} : boundsOf(draft)),
          ...(perMinute === null ? {} : { perMinute }),
          ...(perDay === null ? {} : { perDay }),
          ...(draft.expires === '' ? {} : { expiresAt: endOfDay(draft.expires) }),
        },
      }),
    onError: attempt.answered,
    onSuccess: (key) => {
      attempt.answered();
      forget();
      onMade(key);
      return client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setMissing(draft.connections.length === 0);
    if (draft.connections.length > 0) make.mutate();
  }

  const wrong = (field: string): string | undefined =>
    make.error instanceof ApiError ? make.error.field(field) : undefined;

  if (connections.data?.length === 0) return <ConnectFirst />;
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4">
      <SelectField
        label={words.which}
        value={chosenApp}
        disabled={app !== undefined}
        onChange={(event) => change({ app: event.target.value })}
      >
        {(apps.data ?? []).map((row) => (
          <option key={row.id} value={row.id}>
            {row.name}
          </option>
        ))}
      </SelectField>
      <ConnectionChoice
        chosen={draft.connections}
        onChoose={(chosen) => change({ connections: chosen })}
        error={wrong('connections') ?? (missing ? words.mayUseMissing : undefined)}
      />
      <ChoiceField
        label={words.whichKind}
        name="key-kind"
        value={draft.kind}
        choices={[
          { value: 'secret', label: words.secretHint },
          { value: 'publishable', label: words.publishableHint },
        ]}
        onChoose={(kind) => change({ kind })}
      />
      {publishable ? (
        <TextArea
          label={words.origins}
          hint={words.originsHint}
          rows={2}
          required
          value={draft.origins}
          onChange={(event) => change({ origins: event.target.value })}
          error={wrong('origins')}
        />
      ) : null}
      <BoundsFields bounds={draft} publishable={publishable} onChange={change} error={make.error} />
      <CapsFields
        caps={caps}
        publishable={publishable}
        onChange={(patch) => change({ caps: { ...draft.caps, ...patch } })}
        error={make.error}
      />
      <TextField
        label={words.expires}
        hint={
          draft.expires === ''
            ? words.expiresHint(lifetime?.defaultDays ?? lifetime?.mostDays ?? null)
            : words.expiresAt(exact(endOfDay(draft.expires), zone))
        }
        type="date"
        value={draft.expires}
        onChange={(event) => change({ expires: event.target.value })}
        error={wrong('expiresAt')}
      />
      {make.error ? <Trouble error={make.error} /> : null}
      <div>
        <Button type="submit" weight="main" disabled={make.isPending}>
          {words.make}
        </Button>
      </div>
    </form>
  );
}

/** A key is for connections: without one there is nothing to make. */
function ConnectFirst() {
  return (
    <div className="flex flex-col items-start gap-3">
      <p>{words.noConnections}</p>
      <ButtonLink to="/connect" weight="main">
        {m.rail.connect}
      </ButtonLink>
    </div>
  );
}
