import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import type { Notice, NoticeFile, RecipientState } from '../api/notice-types.ts';
import { Button } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { Section } from '../design/page.tsx';
import { saveAs } from '../design/save.ts';
import { Sheet } from '../design/sheet.tsx';
import { Note, Trouble } from '../design/state.tsx';
import { Exact } from '../design/time.tsx';
import { notices as words } from '../messages/pages/notices.ts';

type Act = 'review' | 'approve' | 'return' | 'withdrawal' | 'sending';
const titles: Readonly<Record<Act, string>> = {
  review: words.review,
  approve: words.approve,
  return: words.giveBack,
  withdrawal: words.withdraw,
  sending: words.next,
};

export const recipientsOf = (notice: Notice): number =>
  Object.values(notice.recipients).reduce((sum, one) => sum + one, 0);

/** What can be done with the notice now, by whoever looks at it. */
export function Next({ incident, notice, sound }: { incident: string; notice: Notice; sound: boolean }) {
  const [act, setAct] = useState<Act | null>(null);
  const [mayWork, mayApprove, maySend] = [
    useMay('incident.work'),
    useMay('notice.approve'),
    useMay('notice.send'),
  ];
  const { state, approved, edited } = notice;
  const people = recipientsOf(notice);
  const isOpen = state === 'draft' || state === 'review' || state === 'approved';
  return (
    <Section title={words.next}>
      {state === 'draft' && sound ? <p className="text-soft">{words.sound}</p> : null}
      {state === 'review' && edited.self ? <Note>{words.ownEdit}</Note> : null}
      {approved === null ? null : (
        <p>
          {words.approvedBy(approved.by)}, <Exact at={approved.at} />.{' '}
          <span className="text-soft">{words.hash}:</span>{' '}
          <span className="font-mono text-small break-all">{approved.sha256}</span>
        </p>
      )}
      <Progress notice={notice} />
      <div className="flex flex-wrap gap-2">
        {state === 'draft' && mayWork ? (
          <Button weight="main" disabled={!sound} onClick={() => setAct('review')}>
            {words.review}
          </Button>
        ) : null}
        {state === 'review' && mayApprove ? (
          <>
            <Button weight="main" disabled={edited.self} onClick={() => setAct('approve')}>
              {words.approve}
            </Button>
            <Button onClick={() => setAct('return')}>{words.giveBack}</Button>
          </>
        ) : null}
        {state === 'approved' && maySend && people > 0 ? (
          <Button weight="main" onClick={() => setAct('sending')}>
            {words.send(people)}
          </Button>
        ) : null}
        {isOpen && mayWork ? <Button onClick={() => setAct('withdrawal')}>{words.withdraw}</Button> : null}
      </div>
      {approved !== null && maySend && state !== 'withdrawn' ? (
        <Exports incident={incident} notice={notice} />
      ) : null}
      {act === null ? null : (
        <ActSheet key={act} act={act} incident={incident} notice={notice} onClose={() => setAct(null)} />
      )}
    </Section>
  );
}

const DONE: readonly RecipientState[] = ['sent', 'refused', 'gave_up', 'left_out'];

function Progress({ notice }: { notice: Notice }) {
  const { sending, recipients } = notice;
  if (sending === null) return null;
  const all = recipientsOf(notice);
  const done = DONE.reduce((sum, state) => sum + recipients[state], 0);
  return (
    <div className="flex flex-col gap-2" role="status">
      <p className="font-strong">{words.progress(done, all)}</p>
      <progress
        className="w-full max-w-[480px] accent-act"
        max={all}
        value={done}
        aria-label={words.progress(done, all)}
      />
      <p>
        {(Object.keys(words.counts) as RecipientState[])
          .filter((state) => recipients[state] > 0)
          .map((state) => `${recipients[state].toLocaleString('en-GB')} ${words.counts[state]}`)
          .join(', ')}
      </p>
      {recipients.in_doubt > 0 ? <Note urgent>{words.doubt(recipients.in_doubt)}</Note> : null}
      {sending.trouble === null ? null : <Note urgent>{words.trouble(sending.trouble)}</Note>}
    </div>
  );
}

function ActSheet({
  act,
  incident,
  notice,
  onClose,
}: {
  act: Act;
  incident: string;
  notice: Notice;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const send = useMutation({
    mutationFn: () => {
      const path = `/incidents/${incident}/notices/${notice.id}`;
      return act === 'approve' || act === 'return'
        ? write<Notice>('POST', `${path}/approval`, {
            body: { version: notice.version, decision: act },
            reason: reason.trim(),
          })
        : write<Notice>('POST', `${path}/${act}`, { body: {}, reason: reason.trim() });
    },
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });
  const lead =
    act === 'approve'
      ? words.approveLead(notice.version)
      : act === 'sending'
        ? words.sendLead(recipientsOf(notice))
        : act === 'review'
          ? words.reviewLead
          : null;
  const title = act === 'sending' ? words.send(recipientsOf(notice)) : titles[act];
  return (
    <Sheet open onClose={onClose} title={title}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        {lead === null ? null : <p>{lead}</p>}
        <ReasonField value={reason} onChange={setReason} />
        <FormActs
          error={send.error}
          disabled={send.isPending}
          weight={act === 'withdrawal' ? 'danger' : 'main'}
          onCancel={onClose}
        >
          {title}
        </FormActs>
      </form>
    </Sheet>
  );
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

function Exports({ incident, notice }: { incident: string; notice: Notice }) {
  const client = useQueryClient();
  const get = useMutation({
    mutationFn: (format: keyof typeof words.formats) =>
      write<NoticeFile>('POST', `/incidents/${incident}/notices/${notice.id}/export`, { body: { format } }),
    onSuccess: async ({ name, type, base64 }) => {
      saveAs(name, [bytesOf(base64)], type);
      await client.invalidateQueries();
    },
  });
  const formats = (Object.keys(words.formats) as (keyof typeof words.formats)[]).filter(
    (format) => format !== 'json' || notice.template === 'authority-dora',
  );
  return (
    <div className="flex flex-col gap-2">
      <fieldset className="flex flex-wrap items-center gap-2">
        <legend className="mb-1 text-soft">{words.exports}</legend>
        {formats.map((format) => (
          <Button key={format} slim disabled={get.isPending} onClick={() => get.mutate(format)}>
            {words.formats[format]}
          </Button>
        ))}
      </fieldset>
      {get.error ? <Trouble error={get.error} /> : null}
    </div>
  );
}
