import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { write } from '../api/client.ts';
import type { EgressMode, EgressRules } from '../api/egress-types.ts';
import { queries } from '../api/queries.ts';
import { ChoiceField, SelectField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { egress as words } from '../messages/pages/egress.ts';
import { useDraft } from '../shell/draft.ts';

const modes = (['observe', 'warn', 'enforce'] as const).map((value) => ({
  value,
  ...words.modeSheet.choices[value],
}));

interface Draft {
  value: string;
  reason: string;
}

/** One question about the rules, with its reason: what all the sheets are. */
function Asking({
  title,
  name,
  first,
  ask,
  body,
  method,
  path,
  onClose,
}: {
  title: string;
  name: string;
  first: string;
  ask: (value: string, change: (value: string) => void) => ReactNode;
  body: (value: string) => object;
  method: 'PATCH' | 'POST';
  path: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft<Draft>(name, { value: first, reason: '' });
  const save = useMutation({
    mutationFn: () =>
      write<EgressRules>(method, path, {
        body: { ...body(draft.value), reason: draft.reason.trim() },
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

  return (
    <Sheet open onClose={onClose} title={title}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {ask(draft.value, (value) => change({ value }))}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.save}
        </FormActs>
      </form>
    </Sheet>
  );
}

/** Says what will happen, to how many, before it does. */
export function ModeSheet({ rules, onClose }: { rules: EgressRules; onClose: () => void }) {
  return (
    <Asking
      title={words.modeSheet.title}
      name={`egress.mode.${rules.version}`}
      first={rules.mode}
      method="PATCH"
      path="/egress"
      body={(mode) => ({ basedOn: rules.version, mode: mode as EgressMode })}
      onClose={onClose}
      ask={(mode, change) => (
        <>
          <ChoiceField
            label={words.modeSheet.field}
            name="mode"
            value={mode}
            choices={modes}
            onChoose={change}
          />
          <Note>{words.consequence(rules.mode, rules.consequence)}</Note>
        </>
      )}
    />
  );
}

export function ListSheet({
  host,
  list,
  onClose,
}: {
  host: string;
  list: 'allow' | 'deny';
  onClose: () => void;
}) {
  return (
    <Asking
      title={words.listSheet[list](host)}
      name={`egress.${list}.${host}`}
      first={host}
      method="POST"
      path="/egress/listed-hosts"
      body={() => ({ host, list })}
      onClose={onClose}
      ask={() => <p>{list === 'allow' ? words.listSheet.allowText : words.listSheet.denyText}</p>}
    />
  );
}

export function AppSheet({ rules, onClose }: { rules: EgressRules; onClose: () => void }) {
  const inside = new Set(rules.apps.map(({ id }) => id));
  const others = (useQuery(queries.apps()).data ?? []).filter(({ id }) => !inside.has(id));
  const [first] = others;
  if (first === undefined) {
    return (
      <Sheet open onClose={onClose} title={words.appSheet.title}>
        <p>{words.appSheet.noApps}</p>
      </Sheet>
    );
  }
  return (
    <Asking
      title={words.appSheet.title}
      name={`egress.app.${rules.version}`}
      first={first.id}
      method="PATCH"
      path="/egress"
      body={(app) => ({ basedOn: rules.version, apps: [...inside, app] })}
      onClose={onClose}
      ask={(app, change) => (
        <>
          <SelectField
            label={words.appSheet.field}
            value={app}
            onChange={(event) => change(event.target.value)}
          >
            {others.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
          <p>{words.appSheet.text}</p>
        </>
      )}
    />
  );
}
