import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { MailServer, MailServerTest, NoticeOrganisation } from '../api/notice-types.ts';
import { Button, TextLink } from '../design/button.tsx';
import { SelectField, TextField } from '../design/field.tsx';
import { ReasonField } from '../design/form.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { notices as words } from '../messages/pages/notices.ts';
import { noticeQueries } from './queries.ts';

/** By which server mails go out, and what every notice says of the organisation. */
export function MailPage() {
  const [server, organisation] = [
    useQuery(noticeQueries.mailServer()),
    useQuery(noticeQueries.organisation()),
  ];
  const error = server.error ?? organisation.error;
  if (server.data === undefined || organisation.data === undefined) {
    return (
      <PageFrame tab={words.mailTab} title={words.mailTab}>
        {error ? (
          <Trouble
            error={error}
            onRetry={() => void Promise.all([server.refetch(), organisation.refetch()])}
          />
        ) : (
          <Bones lines={6} />
        )}
      </PageFrame>
    );
  }
  const known = server.data.server;
  return (
    <PageFrame
      tab={words.mailTab}
      title={words.mailTitle(known?.host ?? null)}
      lead={words.mailLead}
      acts={<TextLink to="/settings">{m.settings.tab}</TextLink>}
    >
      <Server key={known?.changedAt ?? ''} known={known} />
      <Organisation key={JSON.stringify(organisation.data)} known={organisation.data} />
    </PageFrame>
  );
}

function Server({ known }: { known: MailServer | null }) {
  const client = useQueryClient();
  const may = useMay('mail.change');
  // In this page's memory alone, as there is a password among it.
  const [draft, setDraft] = useState({
    host: known?.host ?? '',
    port: String(known?.port ?? 587),
    tls: known?.tls ?? ('starttls' as MailServer['tls']),
    private: known?.private ?? false,
    allowUnencrypted: false,
    username: known?.username ?? '',
    password: '',
    fromName: known?.from.name ?? '',
    fromAddress: known?.from.address ?? '',
    reason: '',
  });
  const change = (patch: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...patch }));
  const keep = useMutation({
    mutationFn: () =>
      write<{ server: MailServer | null }>('PUT', '/organisation/mail-server', {
        body: {
          host: draft.host,
          port: Number(draft.port),
          tls: draft.tls,
          private: draft.private,
          allowUnencrypted: draft.allowUnencrypted,
          username: draft.username === '' ? null : draft.username,
          ...(draft.password === '' ? {} : { password: draft.password }),
          from: { name: draft.fromName, address: draft.fromAddress },
        },
        reason: draft.reason.trim(),
      }),
    onSuccess: async () => {
      change({ password: '', reason: '' });
      await client.invalidateQueries();
    },
  });
  const wrong = (field: string) => (keep.error instanceof ApiError ? keep.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <Section title={words.mailServer}>
      <form onSubmit={onSubmit} aria-label={words.mailServer}>
        <fieldset disabled={!may} className="flex flex-col gap-4">
          <legend className="sr-only">{words.mailServer}</legend>
          <div className="grid max-w-[760px] gap-4 sm:grid-cols-2">
            <TextField
              label={words.host}
              required
              maxLength={253}
              value={draft.host}
              onChange={(event) => change({ host: event.target.value })}
              error={wrong('host')}
            />
            <TextField
              label={words.port}
              required
              type="number"
              min={1}
              max={65_535}
              value={draft.port}
              onChange={(event) => change({ port: event.target.value })}
              error={wrong('port')}
            />
            <SelectField
              label={words.tls}
              value={draft.tls}
              onChange={(event) => change({ tls: event.target.value as MailServer['tls'] })}
              error={wrong('tls')}
            >
              {Object.entries(words.tlsChoices).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </SelectField>
            <TextField
              label={words.username}
              hint={words.usernameHint}
              maxLength={254}
              autoComplete="off"
              value={draft.username}
              onChange={(event) => change({ username: event.target.value })}
              error={wrong('username')}
            />
            <TextField
              label={words.password}
              hint={known?.hasPassword === true ? words.passwordKept : undefined}
              type="password"
              autoComplete="new-password"
              maxLength={1000}
              value={draft.password}
              onChange={(event) => change({ password: event.target.value })}
              error={wrong('password')}
            />
            <TextField
              label={words.fromName}
              required
              maxLength={100}
              value={draft.fromName}
              onChange={(event) => change({ fromName: event.target.value })}
              error={wrong('from.name')}
            />
            <TextField
              label={words.fromAddress}
              required
              type="email"
              maxLength={254}
              value={draft.fromAddress}
              onChange={(event) => change({ fromAddress: event.target.value })}
              error={wrong('from.address')}
            />
          </div>
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={draft.private}
              onChange={(event) => change({ private: event.target.checked })}
            />
            {words.private}
          </label>
          {draft.tls === 'none' ? (
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                checked={draft.allowUnencrypted}
                onChange={(event) => change({ allowUnencrypted: event.target.checked })}
              />
              {words.unencrypted}
            </label>
          ) : null}
          {may ? (
            <ReasonField
              value={draft.reason}
              onChange={(reason) => change({ reason })}
              error={wrong('reason')}
            />
          ) : null}
          {keep.error ? <Trouble error={keep.error} /> : null}
          {may ? (
            <div>
              <Button type="submit" weight="main" disabled={keep.isPending}>
                {words.saveServer}
              </Button>
            </div>
          ) : null}
        </fieldset>
      </form>
      {may && known !== null ? <Test /> : null}
    </Section>
  );
}

function Test() {
  const [to, setTo] = useState('');
  const send = useMutation({
    mutationFn: () => write<MailServerTest>('POST', '/organisation/mail-server/test', { body: { to } }),
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    send.mutate();
  };
  const found = send.data;
  return (
    <form onSubmit={onSubmit} aria-label={words.test} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <TextField
          label={words.testTo}
          required
          type="email"
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
        <Button type="submit" disabled={send.isPending}>
          {words.test}
        </Button>
      </div>
      {send.error ? <Trouble error={send.error} /> : null}
      {found === undefined ? null : (
        <div role="status">
          <Note urgent={!found.sent}>
            {found.sent ? words.testSent(found.response ?? '') : words.testFailed(found.problem?.text ?? '')}
          </Note>
        </div>
      )}
    </form>
  );
}

function Organisation({ known }: { known: NoticeOrganisation }) {
  const client = useQueryClient();
  const may = useMay('setting.change');
  const [draft, setDraft] = useState({ ...known, reason: '' });
  const change = (patch: Partial<typeof draft>): void => setDraft((before) => ({ ...before, ...patch }));
  const keep = useMutation({
    mutationFn: () => {
      const { reason, ...said } = draft;
      return write<NoticeOrganisation>('PUT', '/organisation/notices', { body: said, reason: reason.trim() });
    },
    onSuccess: () => client.invalidateQueries(),
  });
  const wrong = (field: string) => (keep.error instanceof ApiError ? keep.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <Section title={words.organisation} lead={words.organisationLead}>
      <form onSubmit={onSubmit} aria-label={words.organisation}>
        <fieldset disabled={!may} className="flex flex-col gap-4">
          <legend className="sr-only">{words.organisation}</legend>
          <TextField
            label={words.orgName}
            required
            maxLength={200}
            value={draft.name}
            onChange={(event) => change({ name: event.target.value })}
            error={wrong('name')}
          />
          <TextField
            label={words.contact}
            required
            maxLength={500}
            value={draft.contact}
            onChange={(event) => change({ contact: event.target.value })}
            error={wrong('contact')}
          />
          <TextField
            label={words.page}
            hint={words.pageHint}
            maxLength={300}
            value={draft.informationPage}
            onChange={(event) => change({ informationPage: event.target.value })}
            error={wrong('informationPage')}
          />
          {may ? (
            <ReasonField
              value={draft.reason}
              onChange={(reason) => change({ reason })}
              error={wrong('reason')}
            />
          ) : null}
          {keep.error ? <Trouble error={keep.error} /> : null}
          {may ? (
            <div>
              <Button type="submit" disabled={keep.isPending}>
                {words.saveOrganisation}
              </Button>
            </div>
          ) : null}
        </fieldset>
      </form>
    </Section>
  );
}
