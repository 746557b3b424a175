import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { SelectField, TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Sheet } from '../design/sheet.tsx';
import { intake as words } from '../messages/pages/verify-intake.ts';
import { Tick } from './intake-form.tsx';
import { messageQueries } from './queries.ts';
import type { Mailbox } from './shapes.ts';

/**
 * Adds a mailbox, or changes `mailbox`. The password is never read back: left empty it stays as it was, which the control plane takes
 * only where host, port and user stay too.
 */
export function MailboxSheet({ mailbox, onClose }: { mailbox?: Mailbox; onClose: () => void }) {
  const client = useQueryClient();
  // In this page's memory alone, as there is a password among it.
  const [draft, setDraft] = useState({
    host: mailbox?.host ?? '',
    port: String(mailbox?.port ?? 993),
    tls: mailbox?.tls ?? 'implicit',
    private: mailbox?.private ?? false,
    username: mailbox?.username ?? '',
    password: '',
    folder: mailbox?.folder ?? 'INBOX',
    after: mailbox?.after ?? 'keep',
    moveTo: mailbox?.moveTo ?? '',
    reason: '',
  });
  const change = (patch: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...patch }));
  const save = useMutation({
    mutationFn: () => {
      const { reason, port, moveTo, password, ...rest } = draft;
      const said = { ...rest, port: Number(port), moveTo: rest.after === 'move' ? moveTo.trim() : null };
      return mailbox === undefined
        ? write<Mailbox>('POST', '/message-mailboxes', {
            body: { ...said, password, isOn: true },
            reason: reason.trim(),
            idempotencyKey: crypto.randomUUID(),
          })
        : write<Mailbox>('PATCH', `/message-mailboxes/${encodeURIComponent(mailbox.id)}`, {
            body: { ...said, ...(password === '' ? {} : { password }) },
            reason: reason.trim(),
          });
    },
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: messageQueries.mailboxes().queryKey });
    },
  });
  const wrong = (field: string) => (save.error instanceof ApiError ? save.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const isElsewhere =
    mailbox !== undefined &&
    (draft.host.trim().toLowerCase() !== mailbox.host ||
      Number(draft.port) !== mailbox.port ||
      draft.username !== mailbox.username);
  const isAnew = isElsewhere || (mailbox !== undefined && draft.folder !== mailbox.folder);
  const text = (name: 'host' | 'port' | 'username' | 'folder' | 'moveTo', label: string) => (
    <TextField
      label={label}
      required
      autoComplete="off"
      inputMode={name === 'port' ? 'numeric' : 'text'}
      value={draft[name]}
      onChange={(event) => change({ [name]: event.target.value })}
      error={wrong(name)}
    />
  );
  return (
    <Sheet
      open
      onClose={onClose}
      title={mailbox === undefined ? words.mailboxAdd : words.editOf(mailbox.username)}
    >
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {text('host', words.mailboxHost)}
        {text('port', words.port)}
        <SelectField
          label={words.tls}
          value={draft.tls}
          onChange={(event) => change({ tls: event.target.value as Mailbox['tls'] })}
          error={wrong('tls')}
        >
          {Object.entries(words.tlsKinds).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
        <Tick label={words.private} value={draft.private} onChange={(value) => change({ private: value })} />
        {text('username', words.user)}
        <TextField
          label={words.password}
          hint={
            mailbox === undefined
              ? words.passwordHint
              : isElsewhere
                ? words.passwordAgain
                : words.passwordStays
          }
          type="password"
          required={mailbox === undefined || isElsewhere}
          autoComplete="new-password"
          value={draft.password}
          onChange={(event) => change({ password: event.target.value })}
          error={wrong('password')}
        />
        {text('folder', words.folder)}
        <p role="status" className="text-soft">
          {isAnew ? words.mailboxAnew : null}
        </p>
        <SelectField
          label={words.after}
          value={draft.after}
          onChange={(event) => change({ after: event.target.value as Mailbox['after'] })}
        >
          {Object.entries(words.afters).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
        {draft.after === 'move' ? text('moveTo', words.moveTo) : null}
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} error={wrong('reason')} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {mailbox === undefined ? words.mailboxAdd : words.mailboxKeep}
        </FormActs>
      </form>
    </Sheet>
  );
}
