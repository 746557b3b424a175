import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { Button } from '../design/button.tsx';
import { TextArea, TextField } from '../design/field.tsx';
import { ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { Trouble } from '../design/state.tsx';
import { intake as words } from '../messages/pages/verify-intake.ts';
import { useDraft } from '../shell/draft.ts';
import { messageQueries } from './queries.ts';
import type { Intake } from './shapes.ts';

const LONGEST_DAYS = 3650;
const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** How long messages are kept, and the listener that takes mail in: kept together, with one reason. */
export function IntakeForm({ known }: { known: Intake }) {
  const client = useQueryClient();
  const { smtp } = known;
  const [draft, change, forget] = useDraft('verify.intake', {
    days: String(known.retentionDays),
    domains: known.domains.join('\n'),
    outside: smtp.outside,
    enabled: smtp.enabled,
    host: smtp.host,
    port: String(smtp.port),
    lmtp: smtp.lmtp,
    starttls: smtp.starttls,
    tlsRequired: smtp.tlsRequired,
    address: smtp.address.join('\n'),
    allow: smtp.allow.join('\n'),
    reason: '',
  });
  const [own, setOwn] = useState<{ days?: string; allow?: string }>({});
  const save = useMutation({
    mutationFn: () =>
      write<Intake>('PUT', '/message-intake', {
        // What is set and nothing else: the answer also says how the listener is.
        body: {
          retentionDays: Number(draft.days),
          domains: lines(draft.domains),
          smtp: {
            ...smtp,
            outside: draft.outside,
            enabled: draft.enabled,
            host: draft.host.trim(),
            port: Number(draft.port),
            lmtp: draft.lmtp,
            starttls: draft.starttls,
            tlsRequired: draft.starttls && draft.tlsRequired,
            address: lines(draft.address),
            allow: lines(draft.allow),
          },
        },
        reason: draft.reason.trim(),
      }),
    onSuccess: async (now) => {
      forget();
      client.setQueryData(messageQueries.intake().queryKey, now);
      await client.invalidateQueries({ queryKey: messageQueries.intake().queryKey });
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const days = Number(draft.days);
    const isDays = Number.isInteger(days) && days >= 1 && days <= LONGEST_DAYS;
    const isOpenToAll = draft.enabled && lines(draft.allow).length === 0;
    setOwn({
      ...(isDays ? {} : { days: words.daysWrong }),
      ...(isOpenToAll ? { allow: words.allowNone } : {}),
    });
    if (isDays && !isOpenToAll) save.mutate();
  };
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-8">
      <Section title={words.keeping}>
        <TextField
          label={words.days}
          hint={words.daysHint}
          inputMode="numeric"
          required
          value={draft.days}
          onChange={(event) => change({ days: event.target.value })}
          error={own.days ?? wrong('retentionDays')}
        />
        <TextArea
          label={words.domains}
          hint={words.domainsHint}
          rows={3}
          value={draft.domains}
          onChange={(event) => change({ domains: event.target.value })}
          error={wrong('domains')}
        />
      </Section>
      <Section title={words.listener} lead={words.listenerLead}>
        <Tick label={words.enabled} value={draft.enabled} onChange={(enabled) => change({ enabled })} />
        {draft.enabled ? (
          <>
            <TextField
              label={words.host}
              required
              value={draft.host}
              onChange={(event) => change({ host: event.target.value })}
              error={wrong('smtp.host')}
            />
            <TextField
              label={words.port}
              inputMode="numeric"
              pattern="[0-9]{1,5}"
              required
              value={draft.port}
              onChange={(event) => change({ port: event.target.value })}
              error={wrong('smtp.port')}
            />
            <Tick label={words.lmtp} value={draft.lmtp} onChange={(lmtp) => change({ lmtp })} />
            <Tick
              label={words.starttls}
              value={draft.starttls}
              onChange={(starttls) => change({ starttls })}
            />
            {draft.starttls ? (
              <Tick
                label={words.tlsRequired}
                value={draft.tlsRequired}
                onChange={(tlsRequired) => change({ tlsRequired })}
              />
            ) : null}
            <Tick label={words.outside} value={draft.outside} onChange={(outside) => change({ outside })} />
            <TextArea
              label={words.addresses}
              hint={words.addressesHint}
              rows={3}
              required
              value={draft.address}
              onChange={(event) => change({ address: event.target.value })}
              error={wrong('smtp.address')}
            />
            <TextArea
              label={words.allow}
              hint={words.allowHint}
              rows={3}
              value={draft.allow}
              onChange={(event) => change({ allow: event.target.value })}
              error={own.allow ?? wrong('smtp.allow')}
            />
          </>
        ) : null}
      </Section>
      <div className="flex flex-col items-start gap-4">
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        {save.error ? <Trouble error={save.error} /> : null}
        <Button type="submit" weight="main" disabled={save.isPending}>
          {words.save}
        </Button>
      </div>
    </form>
  );
}

export function Tick({
  label,
  value,
  onChange,
}: {
  label: string;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  return (
    <label className="flex items-center gap-3">
      <input type="checkbox" checked={value} onChange={(event) => onChange(event.target.checked)} />
      {label}
    </label>
  );
}
