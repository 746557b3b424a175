import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { Button, TextLink } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Note } from '../design/state.tsx';
import { desk } from '../messages/pages/verify-desk.ts';
import { useDraft } from '../shell/draft.ts';
import { CloseSheet, ClosingOutcome, useClosing } from './closing.tsx';
import { Rejudging } from './rejudging.tsx';
import { SenderSheet } from './sender-sheet.tsx';
import type { MessageDetail } from './shapes.ts';

const words = desk.one;

/** What an analyst can do about one message. */
export function DeskActs({ message }: { message: MessageDetail }) {
  const { act } = useSearch({ from: '/signed-in/messages/$message' });
  const navigate = useNavigate({ from: '/messages/$message' });
  const mayDecide = useMay('message.decide');
  const mayOpen = useMay('incident.work');
  const closing = useClosing();
  const set = (next: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act: next }), replace: true, resetScroll: false });
  const close = (): void => set(undefined);
  return (
    <Section title={words.acts}>
      <div className="flex flex-wrap items-center gap-2">
        {mayDecide ? (
          <>
            {message.state === 'open' ? (
              <Button weight="main" onClick={() => set('close')}>
                {words.close}
              </Button>
            ) : (
              <Button onClick={() => set('reopen')}>{words.reopen}</Button>
            )}
            {mayOpen && message.incident === null ? (
              <Button onClick={() => set('incident')}>{words.incident}</Button>
            ) : null}
            <Button onClick={() => set('correct')}>{words.correct}</Button>
          </>
        ) : null}
        {message.kept.raw ? (
          <a
            className="number-link px-2"
            href={`/api/v1/messages/${encodeURIComponent(message.id)}/raw`}
            download
          >
            {words.raw}
          </a>
        ) : null}
      </div>
      <ClosingOutcome closing={closing} />
      {message.incident !== null ? (
        <p>
          <TextLink to="/incidents/$incident" params={{ incident: message.incident }}>
            {words.incidentLink}
          </TextLink>
        </p>
      ) : message.suggestsIncident ? (
        <Note urgent>{words.incidentSuggested}</Note>
      ) : null}
      <Rejudging />
      {!mayDecide ? null : act === 'close' ? (
        <CloseSheet messages={[message.id]} closing={closing} onClose={close} onDone={close} />
      ) : act === 'reopen' ? (
        <ReopenSheet message={message} onClose={close} />
      ) : act === 'incident' && mayOpen ? (
        <IncidentSheet message={message} onClose={close} />
      ) : act === 'correct' ? (
        <SenderSheet
          vendor={message.vendor?.id ?? ''}
          is={message.review?.domain ?? domainOf(message)}
          title={words.correctTitle}
          onClose={close}
        />
      ) : null}
    </Section>
  );
}

const domainOf = ({ from }: MessageDetail): string => from?.address.split('@').at(-1) ?? '';

function ReopenSheet({ message, onClose }: { message: MessageDetail; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, change, forget] = useDraft(`verify.reopen.${message.id}`, { reason: '' });
  const save = useMutation({
    mutationFn: () =>
      write('POST', `/messages/${encodeURIComponent(message.id)}/reopening`, {
        body: {},
        reason: draft.reason.trim(),
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: async () => {
      forget();
      onClose();
      await client.invalidateQueries();
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.reopenTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.reopen}
        </FormActs>
      </form>
    </Sheet>
  );
}

function IncidentSheet({ message, onClose }: { message: MessageDetail; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [draft, change, forget] = useDraft(`verify.incident.${message.id}`, {
    title: words.incidentNameOf(message.vendor?.name ?? null),
    reason: '',
  });
  const save = useMutation({
    mutationFn: () =>
      write<{ incident: string }>('POST', `/messages/${encodeURIComponent(message.id)}/incident`, {
        body: { title: draft.title.trim() },
        reason: draft.reason.trim(),
        idempotencyKey: crypto.randomUUID(),
      }),
    onSuccess: async ({ incident }) => {
      forget();
      await client.invalidateQueries();
      await navigate({ to: '/incidents/$incident', params: { incident } });
    },
  });
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Sheet open onClose={onClose} title={words.incidentTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p className="text-soft">{words.incidentDo}</p>
        <TextField
          label={words.incidentName}
          required
          maxLength={200}
          value={draft.title}
          onChange={(event) => change({ title: event.target.value })}
          error={save.error instanceof ApiError ? save.error.field('title') : undefined}
        />
        <ReasonField value={draft.reason} onChange={(reason) => change({ reason })} />
        <FormActs error={save.error} disabled={save.isPending} onCancel={onClose}>
          {words.incident}
        </FormActs>
      </form>
    </Sheet>
  );
}
