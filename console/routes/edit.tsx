import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { AppRoute } from '../api/route-types.ts';
import type { App } from '../api/types.ts';
import { ChoiceField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { routes } from '../messages/pages/routes.ts';
import { useDraft } from '../shell/draft.ts';
import { draftOf, emptyDraft, modelsOf, type RouteDraft, rulesOf } from './draft.ts';
import { Members } from './members.tsx';

const words = routes.form;
const choicesOf = (all: readonly (readonly [string, string])[]) =>
  all.map(([value, label]) => ({ value, label }));

/** Makes a route, or changes one: based on what was looked at, so that nobody's change is lost. */
export function RouteSheet({
  app,
  route,
  onClose,
}: {
  app: App;
  route: AppRoute | null;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const attempt = useAttempt();
  const connections = useQuery(queries.connections());
  const [draft, change, forget] = useDraft<RouteDraft>(
    route === null ? `route.new.${app.id}` : `route.${route.id}.${route.revision}`,
    route === null ? emptyDraft : draftOf(route),
  );
  const save = useMutation({
    mutationFn: () => {
      const path = `/apps/${encodeURIComponent(app.id)}/routes`;
      const options = { reason: draft.reason.trim(), idempotencyKey: attempt.key() };
      return route === null
        ? write<AppRoute>('POST', path, { ...options, body: { slug: draft.slug.trim(), ...rulesOf(draft) } })
        : write<AppRoute>('PUT', `${path}/${encodeURIComponent(route.id)}`, {
            ...options,
            body: { ...rulesOf(draft), basedOn: route.revision },
          });
    },
    onError: (error) => attempt.answered(error),
    onSuccess: async () => {
      attempt.answered();
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  const isReady =
    draft.members.length > 0 && draft.members.every(({ models }) => !('wrong' in modelsOf(models)));

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={route === null ? words.make(app.name) : routes.change(route.slug)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {route === null ? (
          <TextField
            label={words.slug}
            hint={words.slugHint}
            required
            pattern="[a-z][a-z0-9\-]{0,40}"
            value={draft.slug}
            onChange={(event) => change({ slug: event.target.value })}
            error={wrong('slug')}
          />
        ) : null}
        <Members
          members={draft.members}
          connections={connections.data ?? []}
          onChange={(members) => change({ members })}
          wrong={wrong}
        />
        <label className="flex gap-2">
          <input
            type="checkbox"
            checked={draft.payTwice}
            onChange={() => change({ payTwice: !draft.payTwice })}
          />
          <span>{words.payTwice}</span>
        </label>
        <TextField
          label={words.firstByte}
          type="number"
          min={50}
          max={600_000}
          value={draft.firstByteMs}
          onChange={(event) => change({ firstByteMs: event.target.value })}
          error={wrong('firstByteMs')}
        />
        <TextField
          label={words.failures}
          type="number"
          required
          min={1}
          max={100}
          value={draft.failures}
          onChange={(event) => change({ failures: event.target.value })}
        />
        <TextField
          label={words.open}
          type="number"
          required
          min={0.1}
          max={600}
          step="any"
          value={draft.openSeconds}
          onChange={(event) => change({ openSeconds: event.target.value })}
        />
        <ChoiceField
          label={words.oneWay}
          name="oneWay"
          value={draft.oneWay}
          choices={choicesOf(words.ways)}
          onChoose={(oneWay) => change({ oneWay: oneWay as RouteDraft['oneWay'] })}
        />
        {draft.oneWay === 'hold' ? (
          <>
            <TextField
              label={words.megabytes}
              type="number"
              required
              min={1}
              max={1_000_000}
              step="any"
              value={draft.megabytes}
              onChange={(event) => change({ megabytes: event.target.value })}
            />
            <TextField
              label={words.days}
              type="number"
              required
              min={1}
              max={365}
              value={draft.days}
              onChange={(event) => change({ days: event.target.value })}
            />
            <ChoiceField
              label={words.inDoubt}
              name="inDoubt"
              value={draft.inDoubt}
              choices={choicesOf(words.doubts)}
              onChoose={(inDoubt) => change({ inDoubt: inDoubt as RouteDraft['inDoubt'] })}
            />
          </>
        ) : null}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={save.error} disabled={save.isPending || !isReady} onCancel={onClose}>
          {words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}
