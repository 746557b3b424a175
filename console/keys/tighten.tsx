import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { BoundsPreview, KeyUse } from '../api/key-types.ts';
import { queries } from '../api/queries.ts';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';

const words = m.keysEverywhere.tightenSheet;
const members = ['connections', 'classes', 'models', 'networks'] as const;
type Member = (typeof members)[number];

/** Shows what tighter bounds would have refused, and applies those that stay chosen, in one act. */
export function Tighten({ use, days, onClose }: { use: KeyUse; days: '30' | '90'; onClose: () => void }) {
  const client = useQueryClient();
  const connections = useQuery(queries.connections());
  const offered = members.filter((member) => use.proposal?.[member] !== undefined);
  const [chosen, choose] = useState<readonly Member[]>(offered);
  const [reason, setReason] = useState<string>(words.reason);
  const bounds = Object.fromEntries(chosen.map((member) => [member, use.proposal?.[member]]));
  const preview = useQuery({
    queryKey: ['/keys/bounds/preview', use.id, days, bounds],
    queryFn: () =>
      write<BoundsPreview>('POST', `/keys/${encodeURIComponent(use.id)}/bounds/preview`, {
        body: { ...bounds, days: Number(days) },
      }),
    enabled: chosen.length > 0,
  });
  const apply = useMutation({
    mutationFn: () =>
      write('PATCH', `/keys/${encodeURIComponent(use.id)}/bounds`, { reason: reason.trim(), body: bounds }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    apply.mutate();
  }

  const nameOf = (id: string): string => connections.data?.find((row) => row.id === id)?.name ?? id;
  const said = (member: Member): string => {
    const values = use.proposal?.[member] ?? [];
    return words[member]((member === 'connections' ? values.map(nameOf) : values).join(', '));
  };
  return (
    <Sheet open onClose={onClose} title={words.title(use.app.name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.lead}</p>
        <div className="flex flex-col gap-2">
          {offered.map((member) => (
            <label key={member} className="flex items-start gap-2">
              <input
                type="checkbox"
                className="mt-1 shrink-0"
                checked={chosen.includes(member)}
                onChange={(event) =>
                  choose(
                    event.target.checked
                      ? members.filter((one) => one === member || chosen.includes(one))
                      : chosen.filter((one) => one !== member),
                  )
                }
              />
              <span className="min-w-0 break-words">{said(member)}</span>
            </label>
          ))}
        </div>
        <div role="status" className="min-h-5 font-strong">
          {chosen.length === 0 ? words.nothing : preview.data?.text}
        </div>
        {preview.error ? <Trouble error={preview.error} onRetry={() => void preview.refetch()} /> : null}
        <ReasonField value={reason} onChange={setReason} />
        <FormActs
          error={apply.error}
          disabled={apply.isPending || chosen.length === 0 || preview.data === undefined}
          onCancel={onClose}
        >
          {words.submit}
        </FormActs>
      </form>
    </Sheet>
  );
}
