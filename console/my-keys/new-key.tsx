import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { KeyLifetime } from '../api/trust-types.ts';
import type { App, NewVirtualKey } from '../api/types.ts';
import { ConnectionChoice } from '../apps/connection-choice.tsx';
import { ShownKey } from '../apps/shown-key.tsx';
import { CodeBlock } from '../design/copy.tsx';
import { SelectField } from '../design/field.tsx';
import { FormActs } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';

const words = m.myKeys.form;
const dayMs = 86_400_000;
/** What is sent is a moment later than what was chosen: within what is permitted by so many ms. */
const slackMs = 60_000;
const choices = [1, 7, 30, 90] as const;

/** Makes a key for whoever is signed in, shows it once, and says where it works. */
export function NewOwnKey({
  person,
  apps,
  lifetime,
  onClose,
}: {
  person: string;
  apps: readonly App[];
  lifetime: KeyLifetime['person'] | undefined;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const [missing, setMissing] = useState(false);
  const [draft, change, forget] = useDraft('own-key', { app: '', connections: [] as string[], days: '' });
  const app = apps.find(({ id }) => id === draft.app) ?? apps[0];
  const make = useMutation({
    mutationFn: (to: App) =>
      write<NewVirtualKey>('POST', `/apps/${encodeURIComponent(to.id)}/keys`, {
        reason: words.reason(to.name),
        idempotencyKey: attempt.key(),
        body: {
          kind: 'secret',
          connections: draft.connections,
          person,
          ...(draft.days === ''
            ? {}
            : { expiresAt: new Date(Date.now() + Number(draft.days) * dayMs - slackMs).toISOString() }),
        },
      }),
    onError: attempt.answered,
    onSuccess: () => {
      attempt.answered();
      forget();
      return client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setMissing(draft.connections.length === 0);
    if (draft.connections.length > 0 && app !== undefined) make.mutate(app);
  }

  if (make.data !== undefined) return <Made made={make.data} onClose={onClose} />;
  const wrong = (field: string): string | undefined =>
    make.error instanceof ApiError ? make.error.field(field) : undefined;
  const usual = lifetime?.defaultDays ?? lifetime?.mostDays ?? null;
  const most = lifetime?.mostDays ?? Number.POSITIVE_INFINITY;
  return (
    <Sheet open onClose={onClose} title={m.myKeys.make}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <SelectField
          label={words.app}
          value={app?.id}
          onChange={(event) => change({ app: event.target.value })}
        >
          {apps.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <ConnectionChoice
          chosen={draft.connections}
          onChoose={(connections) => change({ connections })}
          error={wrong('connections') ?? (missing ? m.apps.mayUseMissing : undefined)}
        />
        <SelectField
          label={words.days}
          value={draft.days}
          onChange={(event) => change({ days: event.target.value })}
          error={wrong('expiresAt')}
        >
          <option value="">{usual === null ? m.apps.expiresHint(null) : words.daysUsual(usual)}</option>
          {choices
            .filter((days) => days <= most && days !== usual)
            .map((days) => (
              <option key={days} value={days}>
                {words.dayChoice(days)}
              </option>
            ))}
        </SelectField>
        <FormActs error={make.error} disabled={make.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}

function Made({ made, onClose }: { made: NewVirtualKey; onClose: () => void }) {
  const connections = useQuery(queries.connections());
  return (
    <Sheet open onClose={onClose} title={m.apps.keyTitle}>
      <ShownKey text={made.key} onDone={onClose} />
      <div className="flex flex-col gap-2">
        <h3 className="font-strong">{words.where}</h3>
        <p className="text-soft">{words.whereLead}</p>
        {connections.data
          ?.filter(({ id }) => made.connections.includes(id))
          .map(({ id, name, gatewayUrl }) => (
            <CodeBlock key={id} label={name} code={gatewayUrl} />
          ))}
      </div>
    </Sheet>
  );
}
