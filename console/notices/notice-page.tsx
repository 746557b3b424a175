import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { ApiError, write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { factNames, type Notice } from '../api/notice-types.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { TextArea, TextField } from '../design/field.tsx';
import { Facts, PageFrame, Section } from '../design/page.tsx';
import { Bones, Note, Trouble } from '../design/state.tsx';
import { m } from '../messages/en.ts';
import { notices as words } from '../messages/pages/notices.ts';
import { useDraft } from '../shell/draft.ts';
import { Next } from './next.tsx';
import { noticeQueries } from './queries.ts';
import { ReaderView } from './reader.tsx';
import { Recipients } from './recipients.tsx';

/** One notice: what it says, the facts beside it, and how its reader gets it. */
export function NoticePage() {
  const { incident, notice: id } = useParams({ from: '/signed-in/incidents/$incident/notices/$notice' });
  const found = useQuery(noticeQueries.notice(incident, id));
  const notice = found.data;
  if (notice === undefined) {
    return (
      <PageFrame tab={words.section} title={words.section}>
        {found.error ? (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Bones lines={8} />
        )}
      </PageFrame>
    );
  }
  const blocking = notice.problems.filter((problem) => problem.blocking);
  const others = notice.problems.filter((problem) => !problem.blocking);
  return (
    <PageFrame
      tab={words.tab(notice.number)}
      title={words.title(notice.number, notice.name, words.states[notice.state])}
      lead={`${words.languages[notice.language]}${notice.reader === null ? '' : `, ${notice.reader}`}`}
      acts={
        <ButtonLink to="/incidents/$incident/notices" params={{ incident }}>
          {words.back}
        </ButtonLink>
      }
    >
      {notice.drill ? <Note>{words.drillMark}</Note> : null}
      {blocking.length === 0 ? null : (
        <Note urgent>
          <p className="font-strong">{words.blocking}</p>
          <ul>
            {blocking.map(({ text }) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Note>
      )}
      {others.length === 0 ? null : (
        <Note>
          {others.map(({ text }) => (
            <p key={text}>{text}</p>
          ))}
        </Note>
      )}
      <Next incident={incident} notice={notice} sound={blocking.length === 0} />
      <div className="grid items-start gap-8 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-8">
          <Text key={notice.version} incident={incident} notice={notice} />
          <FactsBeside incident={incident} notice={notice} />
        </div>
        <ReaderView notice={notice} />
      </div>
      <Recipients incident={incident} notice={notice} />
    </PageFrame>
  );
}

function Text({ incident, notice }: { incident: string; notice: Notice }) {
  const client = useQueryClient();
  const may = useMay('incident.work');
  const isOpen =
    may && (notice.state === 'draft' || notice.state === 'review' || notice.state === 'approved');
  const [draft, change, forget] = useDraft(`notice.${notice.id}.${notice.version}`, {
    subject: notice.subject,
    text: notice.text,
  });
  const keep = useMutation({
    mutationFn: (text: { subject: string; text: string } | null) =>
      write<Notice>('PATCH', `/incidents/${incident}/notices/${notice.id}`, {
        body: { basedOn: notice.version, text },
      }),
    onSuccess: async () => {
      forget();
      await client.invalidateQueries();
    },
  });
  if (!isOpen) return null;
  const wrong = (field: string) => (keep.error instanceof ApiError ? keep.error.field(field) : undefined);
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    keep.mutate(draft);
  };
  return (
    <Section title={words.write}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4 [&_.field]:max-w-none" lang={notice.language}>
        <TextField
          label={words.subject}
          required
          maxLength={300}
          value={draft.subject}
          onChange={(event) => change({ subject: event.target.value })}
          error={wrong('text.subject')}
        />
        <TextArea
          label={words.body}
          hint={words.bodyHint}
          required
          rows={20}
          maxLength={40_000}
          value={draft.text}
          onChange={(event) => change({ text: event.target.value })}
          error={wrong('text.text')}
        />
        {keep.error ? <Trouble error={keep.error} /> : null}
        <div className="flex flex-wrap items-center gap-2">
          <Button
            type="submit"
            disabled={keep.isPending || (draft.text === notice.text && draft.subject === notice.subject)}
          >
            {words.save}
          </Button>
          <Button disabled={keep.isPending} onClick={() => keep.mutate(null)}>
            {words.remake}
          </Button>
          {notice.latestSheet > notice.sheetVersion ? (
            <span className="text-soft">{words.remakeWhy(notice.latestSheet)}</span>
          ) : null}
        </div>
      </form>
    </Section>
  );
}

/** The facts as they are now, to write by. */
function FactsBeside({ incident, notice }: { incident: string; notice: Notice }) {
  const sheet = useQuery(noticeQueries.sheet(incident));
  const [isOpen, setOpen] = useState(true);
  if (sheet.data === undefined) return sheet.error ? <Trouble error={sheet.error} /> : <Bones lines={4} />;
  const { facts, notAffected } = sheet.data.sheet;
  return (
    <Section
      title={words.factsBeside}
      acts={
        <>
          <Button slim aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? m.common.close : words.factsBeside}
          </Button>
          <ButtonLink slim to="/incidents/$incident/facts" params={{ incident }}>
            {words.changeFacts}
          </ButtonLink>
        </>
      }
    >
      {isOpen ? (
        <Facts
          facts={[
            ...factNames.map(
              (name) =>
                [
                  words.factNames[name],
                  `${words.grades[facts[name].grade].split(':')[0]}. ${facts[name].text[notice.language]}${facts[name].source === '' ? '' : ` (${facts[name].source})`}`,
                ] as const,
            ),
            ...notAffected.map(
              (one, at) =>
                [
                  `${words.absent} ${at + 1}`,
                  `${words.bases[one.basis]}: ${one.label[notice.language]}`,
                ] as const,
            ),
          ]}
        />
      ) : null}
    </Section>
  );
}
