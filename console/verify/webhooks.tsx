import { type UseQueryResult, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import type { Page } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { CopyButton } from '../design/copy.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Empty, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { verify } from '../messages/pages/verify.ts';
import { intake as words } from '../messages/pages/verify-intake.ts';
import { messageQueries } from './queries.ts';
import { ReasonSheet } from './reason-sheet.tsx';
import type { Channel, MessageWebhook } from './shapes.ts';

const cell = 'border-b border-line px-3 py-2';
/** Channels that another system hands in. */
const handed = ['sms', 'chat'] as const satisfies readonly Channel[];

/** Addresses at which other systems hand in messages. */
export function Webhooks({ list }: { list: UseQueryResult<Page<MessageWebhook>> }) {
  const [isAdding, add] = useState(false);
  const [removing, remove] = useState<MessageWebhook | null>(null);
  const heads = words.webhookHeads;
  const rows = list.data?.items;
  return (
    <Section
      title={words.webhooks}
      lead={words.webhooksLead}
      acts={<Button onClick={() => add(true)}>{words.webhookAdd}</Button>}
    >
      {list.error ? <Trouble error={list.error} onRetry={() => void list.refetch()} /> : null}
      {rows === undefined ? (
        list.error ? null : (
          <Bones lines={3} />
        )
      ) : rows.length === 0 ? (
        <Empty
          title={words.webhooksEmpty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.webhooksExample}</p>}
        >
          {words.webhooksTeach}
        </Empty>
      ) : (
        <PlainTable label={words.webhooksTable} heads={[heads.name, heads.channel, heads.used, heads.act]}>
          {rows.map((one) => (
            <tr key={one.id}>
              <td className={cell}>{one.name}</td>
              <td className={cell}>{verify.channels[one.channel]}</td>
              <td className={cell}>
                <Ago at={one.lastUsed} />
              </td>
              <td className={cell}>
                <Button slim aria-label={words.removeOf(one.name)} onClick={() => remove(one)}>
                  {words.remove}
                </Button>
              </td>
            </tr>
          ))}
        </PlainTable>
      )}
      {isAdding ? <WebhookSheet onClose={() => add(false)} /> : null}
      {removing === null ? null : (
        <ReasonSheet
          title={words.removeOf(removing.name)}
          act={words.remove}
          path={`/message-webhooks/${encodeURIComponent(removing.id)}`}
          onClose={() => remove(null)}
        >
          <p className="text-soft">{words.webhookRemoveDo}</p>
        </ReasonSheet>
      )}
    </Section>
  );
}

/** Makes one; its secret is shown in this sheet and nowhere again. */
function WebhookSheet({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState({ name: '', channel: 'sms' as Channel, reason: '' });
  const change = (patch: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...patch }));
  const make = useMutation({
    mutationFn: () =>
      write<{ url: string; secret: string }>('POST', '/message-webhooks', {
        body: { name: draft.name.trim(), channel: draft.channel },
        reason: draft.reason.trim(),
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: messageQueries.webhooks().queryKey }),
    // The secret is in no cache longer than this sheet.
    gcTime: 0,
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  if (make.data !== undefined) {
    return (
      <Sheet open onClose={onClose} title={words.webhookMade}>
        <p>{words.webhookMadeLead}</p>
        <Shown label={words.webhookUrl} text={make.data.url} />
        <Shown label={words.webhookSecret} text={make.data.secret} />
        <Button weight="main" onClick={onClose}>
          {words.webhookHave}
        </Button>
      </Sheet>
    );
  }
  return (
    <Sheet open onClose={onClose} title={words.webhookAdd}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <TextField
          label={words.webhookName}
          required
          maxLength={120}
          value={draft.name}
          onChange={(event) => change({ name: event.target.value })}
          error={make.error instanceof ApiError ? make.error.field('name') : undefined}
        />
        <SelectField
          label={words.webhookChannel}
          value={draft.channel}
          onChange={(event) => change({ channel: event.target.value === 'chat' ? 'chat' : 'sms' })}
        >
          {handed.map((one) => (
            <option key={one} value={one}>
              {verify.channels[one]}
            </option>
          ))}
        </SelectField>
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={make.error} disabled={make.isPending} onCancel={onClose}>
          {words.webhookAdd}
        </FormActs>
      </form>
    </Sheet>
  );
}

function Shown({ label, text }: { label: string; text: string }) {
  return (
    <div className="flex flex-col items-start gap-1">
      <p className="font-strong">{label}</p>
      <code className="w-full rounded-md border border-line-strong bg-sunken px-3 py-2 font-mono text-small break-all">
        {text}
      </code>
      <CopyButton text={text} />
    </div>
  );
}
