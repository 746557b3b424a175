import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import type { ChainWatch } from '../api/chain-types.ts';
import { ApiError, write } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import { Button } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { Ago, Exact } from '../design/time.tsx';
import { map } from '../messages/pages/map.ts';
import { useDraft } from '../shell/draft.ts';
import { Permitted } from '../shell/permitted.tsx';
import { useChainActs } from './acts.ts';

const words = map.watch;

/** Whether a published list is read again by itself, when it was, and what went wrong. */
export function Watch({ vendor, name }: { vendor: string; name: string }) {
  const found = useQuery(queries.chainWatch(vendor));
  const { act, show, close } = useChainActs();
  if (found.error) return <Trouble error={found.error} onRetry={() => void found.refetch()} />;
  if (found.data === undefined) return null;
  const watch = found.data;
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <p className="max-w-[72ch] text-soft">{watch === null ? words.none : <When watch={watch} />}</p>
      <Permitted action="chain.change">
        <Button slim onClick={() => show('chain-watch')}>
          {watch === null ? words.button : words.change}
        </Button>
      </Permitted>
      {act === 'chain-watch' ? (
        <WatchSheet vendor={vendor} name={name} watch={watch} onClose={close} />
      ) : null}
    </div>
  );
}

function When({ watch }: { watch: ChainWatch }) {
  return (
    <>
      {words.on(watch.everyDays)} {words.last}{' '}
      {watch.readAt === null ? words.never : <Ago at={watch.readAt} />}, {words.next}{' '}
      <Exact at={watch.nextAt} />.
      {watch.error === null ? null : <span className="block">{words.wrong(watch.error.text)}</span>}
    </>
  );
}

function WatchSheet({
  vendor,
  name,
  watch,
  onClose,
}: {
  vendor: string;
  name: string;
  watch: ChainWatch | null;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`chain.watch.${vendor}`, {
    days: String(watch?.everyDays ?? words.days[0]),
    url: watch?.url ?? '',
    reason: '',
  });
  const path = `/chain/lists/${encodeURIComponent(vendor)}/watch`;
  const save = useMutation({
    mutationFn: () => {
      const reason = draft.reason.trim();
      if (draft.days === '0') return write<unknown>('DELETE', path, { body: {}, reason });
      const url = draft.url.trim();
      const body = { everyDays: Number(draft.days), ...(url === '' ? {} : { url }) };
      return write<unknown>('PUT', path, { body, reason });
    },
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }
  const choices = [...new Set([...(watch === null ? [] : [0, watch.everyDays]), ...words.days])];
  return (
    <Sheet open onClose={onClose} title={words.title(name)}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="text-soft">{words.lead}</p>
        <SelectField
          label={words.often}
          value={draft.days}
          onChange={({ target }) => change({ days: target.value })}
        >
          {choices.map((days) => (
            <option key={days} value={days}>
              {words.every(days)}
            </option>
          ))}
        </SelectField>
        {draft.days === '0' ? null : (
          <TextField
            label={words.url}
            hint={words.urlHint}
            type="url"
            value={draft.url}
            onChange={({ target }) => change({ url: target.value })}
            error={wrong('url')}
          />
        )}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.act}
        </FormActs>
      </form>
    </Sheet>
  );
}
