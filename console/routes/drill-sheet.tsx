import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { AppRoute, RecoveryDrill } from '../api/route-types.ts';
import type { App, Connection } from '../api/types.ts';
import { ChoiceField, SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { routes } from '../messages/pages/routes.ts';
import { useDraft } from '../shell/draft.ts';

const words = routes.drills;

/** Says what is going to happen before it asks for a reason and a factor. */
export function DrillSheet({
  app,
  routes: mine,
  onClose,
}: {
  app: App;
  routes: readonly AppRoute[];
  onClose: () => void;
}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const attempt = useAttempt();
  const connections = useQuery(queries.connections()).data ?? [];
  const vendors = [...new Set(connections.map(({ vendor }) => vendor))].sort();
  const [draft, change, forget] = useDraft(`drill.${app.id}`, {
    vendor: '',
    whose: 'app',
    share: '100',
    minutes: '10',
    when: 'now',
    startsAt: '',
    everyDays: '',
    inTrouble: false,
    reason: '',
  });
  const isLater = draft.when === 'later';
  const begin = useMutation({
    mutationFn: () =>
      write<RecoveryDrill>('POST', '/recovery-drills', {
        body: {
          vendor: draft.vendor,
          app: draft.whose === 'app' ? app.id : null,
          share: Number(draft.share),
          minutes: Number(draft.minutes),
          ...(isLater ? { startsAt: new Date(draft.startsAt).toISOString() } : {}),
          ...(draft.everyDays.trim() === '' ? {} : { everyDays: Number(draft.everyDays) }),
          ...(draft.inTrouble ? { inTrouble: true } : {}),
        },
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
      }),
    onError: (error) => attempt.answered(error),
    onSuccess: async () => {
      attempt.answered();
      forget();
      onClose();
      await client.invalidateQueries();
      await navigate({ to: '/apps/$app/routes', params: { app: app.id } });
    },
  });
  const wrong = (field: string) => (begin.error instanceof ApiError ? begin.error.field(field) : undefined);

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    begin.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.sheet(app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <SelectField
          label={words.vendor}
          required
          value={draft.vendor}
          onChange={(event) => change({ vendor: event.target.value })}
          error={wrong('vendor')}
        >
          <option value="">{words.chooseVendor}</option>
          {vendors.map((vendor) => (
            <option key={vendor} value={vendor}>
              {vendor}
            </option>
          ))}
        </SelectField>
        {draft.vendor === '' ? null : <Falls vendor={draft.vendor} routes={mine} connections={connections} />}
        <ChoiceField
          label={words.whose}
          name="whose"
          value={draft.whose}
          choices={[
            { value: 'app', label: words.thisApp(app.name) },
            { value: 'all', label: words.everyApp },
          ]}
          onChoose={(whose) => change({ whose })}
        />
        <TextField
          label={words.share}
          type="number"
          required
          min={0.01}
          max={100}
          step="any"
          value={draft.share}
          onChange={(event) => change({ share: event.target.value })}
          error={wrong('share')}
        />
        <TextField
          label={words.minutes}
          type="number"
          required
          min={1}
          max={240}
          value={draft.minutes}
          onChange={(event) => change({ minutes: event.target.value })}
          error={wrong('minutes')}
        />
        <ChoiceField
          label={words.when}
          name="when"
          value={draft.when}
          choices={[
            { value: 'now', label: words.now },
            { value: 'later', label: words.later },
          ]}
          onChoose={(when) => change({ when })}
        />
        {isLater ? (
          <TextField
            label={words.startsAt}
            type="datetime-local"
            required
            value={draft.startsAt}
            onChange={(event) => change({ startsAt: event.target.value })}
            error={wrong('startsAt')}
          />
        ) : null}
        <TextField
          label={words.every}
          type="number"
          min={1}
          max={366}
          value={draft.everyDays}
          onChange={(event) => change({ everyDays: event.target.value })}
          error={wrong('everyDays')}
        />
        <label className="flex gap-2">
          <input
            type="checkbox"
            checked={draft.inTrouble}
            onChange={() => change({ inTrouble: !draft.inTrouble })}
          />
          <span>{words.inTrouble}</span>
        </label>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={begin.error} weight="danger" disabled={begin.isPending} onCancel={onClose}>
          {isLater
            ? words.plan(draft.vendor === '' ? words.vendor : draft.vendor)
            : words.confirm(draft.vendor === '' ? words.vendor : draft.vendor, Number(draft.minutes) || 0)}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** What each route does without the vendor, and where there is none. */
function Falls({
  vendor,
  routes: mine,
  connections,
}: {
  vendor: string;
  routes: readonly AppRoute[];
  connections: readonly Connection[];
}) {
  const touched = mine.filter(({ members }) => members.some((member) => member.vendor === vendor));
  const direct = connections.filter((one) => one.vendor === vendor);
  return (
    <Note>
      <p className="font-strong">{words.real}</p>
      <ul className="list-disc pl-5">
        {touched.map((route) => (
          <li key={route.id}>{fallOf(route, vendor)}</li>
        ))}
        {direct.map(({ id, name }) => (
          <li key={id}>{words.falls.alone(words.direct(name))}</li>
        ))}
      </ul>
    </Note>
  );
}

function fallOf({ slug, members, oneWay }: AppRoute, vendor: string): string {
  const where = `/${slug}`;
  const next = members.find((member) => member.vendor !== vendor && member.state === 'open');
  if (next !== undefined) return words.falls.next(where, next.name);
  if (oneWay.do === 'hold') return words.falls.hold(where);
  return oneWay.do === 'drop' ? words.falls.drop(where) : words.falls.alone(where);
}
