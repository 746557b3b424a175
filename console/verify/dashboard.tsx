import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Trouble } from '../design/state.tsx';
import { desk } from '../messages/pages/verify-desk.ts';
import { useDraft } from '../shell/draft.ts';
import { messageQueries } from './queries.ts';

const words = desk.senders;

/** Where whoever asks about a message of this vendor is sent to look: on the vendor's own page of the console. */
export function OwnDashboard({ vendor }: { vendor: string }) {
  const mayRead = useMay('message.read');
  const mayDecide = useMay('message.decide');
  const known = useQuery({ ...messageQueries.dashboard(vendor), enabled: mayRead });
  const [isChanging, setChanging] = useState(false);
  if (!mayRead || (known.data === undefined && !known.error)) return null;
  const url = known.data?.url ?? null;
  return (
    <Section
      title={words.dashboard}
      lead={words.dashboardLead}
      acts={
        mayDecide && known.data !== undefined ? (
          <Button onClick={() => setChanging(true)}>{words.dashboardChange}</Button>
        ) : null
      }
    >
      {known.error ? <Trouble error={known.error} onRetry={() => void known.refetch()} /> : null}
      {known.data === undefined ? null : url === null ? (
        <p className="text-soft">{words.dashboardNone}</p>
      ) : (
        <p>
          <span className="font-mono text-small break-all">{url}</span>{' '}
          <span className="text-soft">{words.dashboardSources[known.data.source]}</span>
        </p>
      )}
      {isChanging ? (
        <DashboardSheet
          vendor={vendor}
          url={known.data?.source === 'organisation' ? url : null}
          onClose={() => setChanging(false)}
        />
      ) : null}
    </Section>
  );
}

function DashboardSheet({
  vendor,
  url,
  onClose,
}: {
  vendor: string;
  url: string | null;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`verify.dashboard.${vendor}`, { url: url ?? '', reason: '' });
  const [isWrong, setWrong] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      write('PUT', `/vendor-dashboards/${encodeURIComponent(vendor)}`, {
        body: { url: draft.url.trim() === '' ? null : draft.url.trim() },
        reason: draft.reason.trim(),
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries({ queryKey: messageQueries.dashboard(vendor).queryKey });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const typed = draft.url.trim();
    const isHttps = typed === '' || (URL.canParse(typed) && new URL(typed).protocol === 'https:');
    setWrong(!isHttps);
    if (isHttps) save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.dashboard}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.dashboardUrl}
          hint={`${words.dashboardHint} ${words.dashboardEmpty}`}
          inputMode="url"
          maxLength={500}
          spellCheck={false}
          value={draft.url}
          onChange={(event) => change({ url: event.target.value })}
          error={
            isWrong
              ? words.dashboardHttps
              : save.error instanceof ApiError
                ? save.error.field('url')
                : undefined
          }
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.dashboardChange}
        </FormActs>
      </form>
    </Sheet>
  );
}
