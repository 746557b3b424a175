import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAttempt } from '../api/attempt.ts';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import type { Severance, SeverancePlan } from '../api/sever-types.ts';
import { classLabel } from '../design/classes.ts';
import { ChoiceField, SelectField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { sever as words } from '../messages/pages/sever.ts';
import { useDraft } from '../shell/draft.ts';
import type { Severable } from './dialog.tsx';
import { Lists } from './lists.tsx';

/** Asks what, until when and why, beside what would stop; and cuts it off. */
export function SeverSheet({
  target,
  incident,
  onClose,
}: {
  target: Severable;
  incident: { id: string; drill: boolean } | null;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const attempt = useAttempt();
  const mayDestroy = useMay('epoch.begin');
  const [draft, change, forget] = useDraft(`sever.${target.kind}.${target.id}`, {
    fieldClass: target.fieldClass ?? '',
    treatment: 'refuse',
    seconds: '',
    reason: '',
  });
  const [left, setLeft] = useState<readonly string[]>([]);
  const [destroys, setDestroys] = useState(false);
  const kind = target.kind === 'vendor' && draft.fieldClass !== '' ? 'field_class' : target.kind;
  const plan = useQuery(queries.severancePlan({ kind, id: target.id, fieldClass: draft.fieldClass }));
  const isDrill = incident?.drill === true;
  const chosen = (plan.data?.dependents ?? [])
    .map(({ vendor }) => vendor.id)
    .filter((id) => !left.includes(id));
  const isWhole = kind === 'vendor' || kind === 'party';
  const canDestroy =
    mayDestroy && isWhole && !isDrill && (plan.data?.consequences.pseudonyms.epochs.length ?? 0) > 0;
  const cut = useMutation({
    mutationFn: () =>
      write<Severance>('POST', '/severances', {
        body: {
          target: {
            kind,
            id: target.id,
            ...(kind === 'field_class' ? { fieldClass: draft.fieldClass, treatment: draft.treatment } : {}),
            ...(kind === 'party' ? { vendors: chosen } : {}),
          },
          ...(draft.seconds === ''
            ? {}
            : { until: new Date(Date.now() + Number(draft.seconds) * 1000).toISOString() }),
          ...(canDestroy && destroys ? { destroyPseudonyms: true } : {}),
          ...(incident === null ? {} : { incident: incident.id }),
        },
        reason: draft.reason.trim(),
        idempotencyKey: attempt.key(),
      }),
    onError: (error) => attempt.answered(error),
    onSuccess: async (made) => {
      attempt.answered();
      forget();
      onClose();
      await navigate({ to: '/severances/$severance', params: { severance: made.id } });
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    cut.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.title(target.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{isDrill ? words.drillLead : words.lead}</p>
        {plan.data === undefined ? null : <Consequences plan={plan.data} />}
        {target.kind === 'vendor' && (target.classes ?? []).length > 0 ? (
          <SelectField
            label={words.what}
            value={draft.fieldClass}
            onChange={(event) => change({ fieldClass: event.target.value })}
          >
            <option value="">{words.whole}</option>
            {(target.classes ?? []).map((one) => (
              <option key={one} value={one}>
                {words.oneClass(classLabel(one))}
              </option>
            ))}
          </SelectField>
        ) : null}
        {kind === 'field_class' ? (
          <ChoiceField
            label={words.how}
            name="treatment"
            value={draft.treatment}
            choices={[
              { value: 'refuse', label: words.refuse },
              { value: 'drop', label: words.drop },
            ]}
            onChoose={(treatment) => change({ treatment })}
          />
        ) : null}
        {kind === 'party' && plan.data !== undefined ? (
          <Dependents plan={plan.data} left={left} onLeave={setLeft} />
        ) : null}
        <SelectField
          label={words.until}
          value={draft.seconds}
          onChange={(event) => change({ seconds: event.target.value })}
        >
          {words.untils.map(([seconds, name]) => (
            <option key={seconds} value={seconds}>
              {name}
            </option>
          ))}
        </SelectField>
        {canDestroy && plan.data !== undefined ? (
          <div className="flex flex-col gap-1">
            <label className="flex gap-2">
              <input type="checkbox" checked={destroys} onChange={() => setDestroys(!destroys)} />
              <span>{words.destroy}</span>
            </label>
            <p className="text-small text-soft">{plan.data.consequences.pseudonyms.text}</p>
          </div>
        ) : null}
        <ReasonField
          value={draft.reason}
          onChange={(reason) => change({ reason })}
          error={cut.error instanceof ApiError ? cut.error.field('reason') : undefined}
        />
        <FormActs
          error={cut.error}
          weight="danger"
          disabled={cut.isPending || (kind === 'party' && chosen.length === 0)}
          onCancel={onClose}
        >
          {isDrill ? words.rehearse(target.name) : words.confirm(target.name)}
        </FormActs>
      </form>
      {plan.data === undefined ? (
        plan.error === null ? (
          <Bones lines={6} />
        ) : (
          <Trouble error={plan.error} onRetry={() => void plan.refetch()} />
        )
      ) : (
        <Lists lists={plan.data} />
      )}
    </Sheet>
  );
}

function Consequences({ plan }: { plan: SeverancePlan }) {
  const { apps, days, substitutes } = plan.consequences;
  const crossings = apps.reduce((sum, app) => sum + app.crossings, 0);
  const [first] = plan.alreadyHeldBy;
  return (
    <Note>
      {words.stops(new Set(apps.map(({ id }) => id)).size, crossings, days)}{' '}
      {apps.length === 0 ? '' : `${[...new Set(apps.map(({ name }) => name))].slice(0, 5).join(', ')}. `}
      {words.substitutes(substitutes.map(({ name }) => name))}
      {first === undefined ? '' : ` ${words.already(first.by)}`}
    </Note>
  );
}

/** One by one, so that nobody cuts off a vendor by the click that was meant for another. */
function Dependents({
  plan,
  left,
  onLeave,
}: {
  plan: SeverancePlan;
  left: readonly string[];
  onLeave: (ids: readonly string[]) => void;
}) {
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-2 font-strong">{words.which}</legend>
      {plan.dependents.map(({ vendor, through, layer, grade }) => (
        <label key={vendor.id} className="flex gap-2">
          <input
            type="checkbox"
            checked={!left.includes(vendor.id)}
            onChange={() =>
              onLeave(left.includes(vendor.id) ? left.filter((id) => id !== vendor.id) : [...left, vendor.id])
            }
          />
          <span className="flex flex-col">
            <span>{vendor.name}</span>
            <span className="text-small text-soft">
              {words.way(
                through.map(({ name }) => name),
                layer,
                grade,
              )}
            </span>
          </span>
        </label>
      ))}
      {left.length === plan.dependents.length ? (
        <p className="text-small text-soft">{words.chooseOne}</p>
      ) : null}
    </fieldset>
  );
}
