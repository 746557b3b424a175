import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { EgressRules } from '../api/egress-types.ts';
import { queries } from '../api/queries.ts';
import { ChoiceField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { egressRules as words } from '../messages/pages/egress-rules.ts';
import { useDraft } from '../shell/draft.ts';
import { useSaving } from './edit-sheet.tsx';
import { Preview, usePreview } from './preview.tsx';

/** A change of one thing about the rules that is chosen and not typed, with what would be different. */
function ChoiceSheet<Draft extends { reason: string }>({
  rules,
  title,
  draft,
  change,
  edit,
  forget,
  onClose,
  children,
}: {
  rules: EgressRules;
  title: string;
  draft: Draft;
  /** Null: nothing is different. */
  change: object | null;
  edit: (patch: { reason: string }) => void;
  forget: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const preview = usePreview(rules.version, change);
  const save = useSaving(rules, forget, onClose);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (change !== null) save.mutate({ change, reason: draft.reason });
  };
  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {children}
        {change === null ? (
          <p className="text-soft">{words.same}</p>
        ) : preview.data !== undefined ? (
          <Preview preview={preview.data} />
        ) : preview.error === null ? null : (
          <Trouble error={preview.error} onRetry={() => void preview.refetch()} />
        )}
        <ReasonField value={draft.reason} onChange={(reason) => edit({ reason })} />
        <FormActs error={save.error} disabled={save.isPending || change === null} onCancel={onClose}>
          {words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** Which apps may use the proxy. */
export function AppsSheet({ rules: given, onClose }: { rules: EgressRules; onClose: () => void }) {
  const [rules] = useState(given);
  const was = rules.apps.map(({ id }) => id).toSorted();
  const [draft, edit, forget] = useDraft(`egress.apps.${rules.version}`, { apps: was, reason: '' });
  const all = useQuery(queries.apps()).data ?? rules.apps;
  const toggle = (id: string, isIn: boolean): void =>
    edit({ apps: isIn ? [...draft.apps, id].toSorted() : draft.apps.filter((one) => one !== id) });
  return (
    <ChoiceSheet
      rules={rules}
      title={words.choose}
      draft={draft}
      change={draft.apps.join(' ') === was.join(' ') ? null : { apps: draft.apps }}
      edit={edit}
      forget={forget}
      onClose={onClose}
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-2 text-soft">{words.appsDo}</legend>
        {all.map(({ id, name }) => (
          <label key={id} className="flex gap-3">
            <input
              type="checkbox"
              checked={draft.apps.includes(id)}
              onChange={({ target }) => toggle(id, target.checked)}
            />
            {name}
          </label>
        ))}
      </fieldset>
    </ChoiceSheet>
  );
}

/** Whether the name in the TLS greeting has to be the host that was asked for. */
export function SniSheet({ rules: given, onClose }: { rules: EgressRules; onClose: () => void }) {
  const [rules] = useState(given);
  const [draft, edit, forget] = useDraft(`egress.sni.${rules.version}`, {
    sni: String(rules.sni),
    reason: '',
  });
  return (
    <ChoiceSheet
      rules={rules}
      title={words.sniTitle}
      draft={draft}
      change={draft.sni === String(rules.sni) ? null : { sni: draft.sni === 'true' }}
      edit={edit}
      forget={forget}
      onClose={onClose}
    >
      <ChoiceField
        label={words.sniTitle}
        name="sni"
        value={draft.sni}
        choices={(['true', 'false'] as const).map((value) => ({ value, ...words.sniChoices[value] }))}
        onChoose={(sni) => edit({ sni })}
      />
    </ChoiceSheet>
  );
}
