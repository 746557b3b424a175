import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../../api/attempt.ts';
import { ApiError, write } from '../../api/client.ts';
import { queries } from '../../api/queries.ts';
import type { Severance, SeverancePlan, SeveranceTarget } from '../../api/sever-types.ts';
import { TextField } from '../../design/field.tsx';
import { FormActs, ReasonField } from '../../design/form.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { Bones, Trouble } from '../../design/state.tsx';
import { severWords as words } from '../../messages/pages/incident-parts.ts';
import { incidents } from '../../messages/pages/incidents.ts';
import { useDraft } from '../../shell/draft.ts';
import { deviceZone, toIso } from '../moment.ts';
import { SeveranceLists } from './sever.tsx';

/** Says what cutting a link does, and to whom, then does it with a factor. */
export function SeverDialog({
  target,
  name,
  incident,
  onClose,
  onSevered,
}: {
  target: SeveranceTarget;
  name: string;
  incident: string;
  onClose: () => void;
  onSevered: () => void;
}) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const plan = useQuery(queries.severancePlan(target));
  const [draft, edit, forget] = useDraft(`sever.${incident}.${target.kind}.${target.id}`, {
    until: '',
    destroy: false,
    reason: '',
  });
  const sever = useMutation({
    mutationFn: () => {
      const until = toIso(draft.until);
      return write<Severance>('POST', '/severances', {
        body: {
          target,
          incident,
          ...(until === undefined ? {} : { until }),
          ...(draft.destroy ? { destroyPseudonyms: true } : {}),
        },
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
      });
    },
    onError: (error) => attempt.answered(error),
    onSuccess: async () => {
      attempt.answered();
      forget();
      await client.invalidateQueries();
      onSevered();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    sever.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.title(name)}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {plan.data === undefined ? null : <Stops apps={plan.data.consequences.apps} />}
        <ReasonField
          value={draft.reason}
          onChange={(reason) => edit({ reason })}
          error={sever.error instanceof ApiError ? sever.error.field('reason') : undefined}
        />
        <p className="text-soft">{words.reversible}</p>
        <FormActs error={sever.error} weight="danger" disabled={sever.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
        {plan.data === undefined ? (
          plan.error === null ? (
            <Bones lines={6} />
          ) : (
            <Trouble error={plan.error} onRetry={() => void plan.refetch()} />
          )
        ) : (
          <Consequences plan={plan.data} destroy={draft.destroy} onDestroy={(destroy) => edit({ destroy })} />
        )}
        <TextField
          type="datetime-local"
          label={words.until}
          hint={incidents.zone(deviceZone())}
          value={draft.until}
          onChange={(event) => edit({ until: event.target.value })}
          error={sever.error instanceof ApiError ? sever.error.field('until') : undefined}
        />
      </form>
    </Sheet>
  );
}

/** What stops, before the button that stops it. */
function Stops({ apps }: { apps: SeverancePlan['consequences']['apps'] }) {
  return (
    <p>
      {words.stops}: {apps.length === 0 ? words.noStops : apps.map(({ name }) => name).join(', ')}
    </p>
  );
}

function Consequences({
  plan,
  destroy,
  onDestroy,
}: {
  plan: SeverancePlan;
  destroy: boolean;
  onDestroy: (destroy: boolean) => void;
}) {
  const { pseudonyms } = plan.consequences;
  return (
    <section aria-label={words.plan} className="flex flex-col gap-3">
      <h3 className="font-strong">{words.plan}</h3>
      <SeveranceLists of={plan} />
      {pseudonyms === null ? null : (
        <label className="flex gap-2">
          <input
            type="checkbox"
            className="mt-1 shrink-0 self-start"
            checked={destroy}
            onChange={(event) => onDestroy(event.target.checked)}
          />
          <span>
            {words.destroy}
            <span className="block text-small text-soft">
              {words.destroyMeans(pseudonyms.epochs, pseudonyms.people)}
            </span>
          </span>
        </label>
      )}
    </section>
  );
}
