import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { VirtualKey } from '../api/types.ts';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { endOfDay, exact } from '../design/format.ts';
import { Sheet } from '../design/sheet.tsx';
import { useZone } from '../design/time.tsx';
import { m } from '../messages/en.ts';
import { useDraft } from '../shell/draft.ts';
import { boundsOf, draftOfBounds } from './bounds-draft.ts';
import { BoundsFields } from './bounds-fields.tsx';

const words = m.apps.bounds;
const allClasses = ['ingest', 'inference', 'embedding', 'catalogue', 'files', 'admin'] as const;

/** Binds a key to kinds of endpoints, models, networks and an end. */
export function Bounds({ virtualKey, onClose }: { virtualKey: VirtualKey; onClose: () => void }) {
  const client = useQueryClient();
  const use = useQuery(queries.keyUse('30'));
  const zone = useZone();
  const [missing, setMissing] = useState(false);
  const [draft, change, forget] = useDraft(`bounds.${virtualKey.id}`, {
    ...draftOfBounds(virtualKey),
    classes: virtualKey.classes,
    expires: '',
    reason: '',
  });
  const publishable = virtualKey.kind === 'publishable';
  const save = useMutation({
    mutationFn: () =>
      write<VirtualKey>('PATCH', `/keys/${encodeURIComponent(virtualKey.id)}/bounds`, {
        reason: draft.reason.trim(),
        body: {
          ...(publishable ? {} : { ...boundsOf(draft), classes: draft.classes }),
          ...(draft.expires === '' ? {} : { expiresAt: endOfDay(draft.expires) }),
        },
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    setMissing(draft.classes.length === 0);
    if (draft.classes.length > 0) save.mutate();
  }

  const crossed = use.data?.items.find((key) => key.id === virtualKey.id);
  const wrong = (field: string): string | undefined =>
    save.error instanceof ApiError ? save.error.field(field) : undefined;
  return (
    <Sheet open onClose={onClose} title={words.title(virtualKey.app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        {crossed === undefined ? null : <p className="font-strong">{words.crossed(crossed.crossings)}</p>}
        {publishable ? null : (
          <fieldset>
            <legend className="mb-2 font-strong">{words.classes}</legend>
            <div className="grid max-w-[480px] gap-1 sm:grid-cols-2">
              {allClasses.map((name) => (
                <label key={name} className="flex items-center gap-2">
                  <input
                    type="checkbox"
                    checked={draft.classes.includes(name)}
                    onChange={(event) =>
                      change({
                        classes: allClasses.filter((one) =>
                          one === name ? event.target.checked : draft.classes.includes(one),
                        ),
                      })
                    }
                  />
                  {words.className[name]}
                </label>
              ))}
            </div>
            {missing ? (
              <p role="alert" className="mt-1 text-alert">
                {words.classesMissing}
              </p>
            ) : null}
          </fieldset>
        )}
        <BoundsFields bounds={draft} publishable={publishable} onChange={change} error={save.error} />
        <TextField
          label={m.apps.expires}
          hint={
            draft.expires === ''
              ? words.expiresHint(virtualKey.expiresAt === null ? null : exact(virtualKey.expiresAt, zone))
              : m.apps.expiresAt(exact(endOfDay(draft.expires), zone))
          }
          type="date"
          value={draft.expires}
          onChange={(event) => change({ expires: event.target.value })}
          error={wrong('expiresAt')}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
