import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { write } from '../api/client.ts';
import type { ExerciseRun } from '../api/exercise-types.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { FormActs, ReasonField } from '../design/form.tsx';
import { useNow } from '../design/now.ts';
import { PageFrame, Section } from '../design/page.tsx';
import { PlainTable } from '../design/plain-table.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { Ago } from '../design/time.tsx';
import { exercises } from '../messages/pages/exercises.ts';
import { Permitted } from '../shell/permitted.tsx';

const words = exercises.run;
const cell = 'border-b border-line px-3 py-2 align-top';
const MINUTE_MS = 60_000;

/** An exercise that was begun: its clock, what came in, what is reached, and at its end what really happened. */
export function ExerciseRunPage() {
  const { run } = useParams({ from: '/signed-in/exercises/$run' });
  const { act } = useSearch({ from: '/signed-in/exercises/$run' });
  const navigate = useNavigate({ from: '/exercises/$run' });
  const asked = useQuery(queries.exerciseRun(run));
  const show = (value: 'end' | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act: value }), replace: true, resetScroll: false });
  const data = asked.data;
  if (data === undefined) {
    return (
      <PageFrame tab={exercises.tab} title={exercises.tab}>
        {asked.error === null ? (
          <Bones lines={10} />
        ) : (
          <Trouble error={asked.error} onRetry={() => void asked.refetch()} />
        )}
      </PageFrame>
    );
  }
  return (
    <PageFrame
      tab={data.exercise.title}
      title={<Title run={data} />}
      lead={
        <>
          <span className="mr-2 border border-line px-1.5 font-strong text-ink">{words.drill}</span>
          {data.summary} {words.lead(data.begunBy)} <Ago at={data.begunAt} />.
        </>
      }
      acts={
        <>
          <ButtonLink to="/incidents/$incident" params={{ incident: data.incident.id }} weight="main">
            {words.room(data.incident.number)}
          </ButtonLink>
          {data.endedAt === null ? (
            <Permitted action="incident.work">
              <Button onClick={() => show('end')}>{words.end}</Button>
            </Permitted>
          ) : null}
        </>
      }
    >
      <Score run={data} />
      <Messages run={data} />
      {data.debrief.length === 0 ? null : (
        <Section title={words.debrief}>
          <ul className="flex max-w-[72ch] flex-col gap-3">
            {data.debrief.map(({ text, readIn }) => (
              <li key={text}>
                {text}
                <span className="block text-small text-soft">{words.readIn(readIn)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {act === 'end' ? <EndSheet run={data} onClose={() => show(undefined)} /> : null}
    </PageFrame>
  );
}

/** The clock: whole minutes, moving with the page's. */
function Title({ run }: { run: ExerciseRun }) {
  const now = useNow();
  if (run.endedAt !== null) return words.titleEnded(run.met, run.goals);
  const over = Date.parse(run.begunAt) + (run.lastsMinutes * MINUTE_MS) / run.pace;
  const left = Math.ceil((over - now) / MINUTE_MS);
  return left > 0 ? words.title(run.exercise.title, left) : words.titleOver(run.exercise.title);
}

function Score({ run }: { run: ExerciseRun }) {
  const { heads, states } = words;
  return (
    <Section title={words.score} lead={words.scoreLead}>
      <PlainTable label={words.goals} heads={[heads.goal, heads.state]} numeric={[heads.within, heads.after]}>
        {run.score.map((goal) => (
          <tr key={goal.id}>
            <td className={cell}>{goal.text}</td>
            <td className={`${cell} whitespace-nowrap`}>{states[goal.state]}</td>
            <td className={`${cell} text-right whitespace-nowrap`}>{words.minutes(goal.withinMinutes)}</td>
            <td className={`${cell} text-right whitespace-nowrap`}>
              {goal.afterMinutes === null ? '–' : words.minutes(goal.afterMinutes)}
            </td>
          </tr>
        ))}
      </PlainTable>
    </Section>
  );
}

function Messages({ run }: { run: ExerciseRun }) {
  return (
    <Section
      title={words.messages}
      lead={run.messagesToCome === 0 ? words.noMore : words.toCome(run.messagesToCome)}
    >
      {run.messages.length === 0 ? <p className="text-soft">{words.none}</p> : null}
      <ol className="flex max-w-[72ch] flex-col gap-4" aria-live="polite">
        {run.messages.map((message) => (
          <li key={message.id} className="border-l-3 border-line pl-4">
            <p className="text-small text-soft">
              {words.at(message.atMinute)} · {message.from}
            </p>
            <p className="font-strong">{message.text}</p>
            {message.note === null ? null : <p>{message.note}</p>}
            {message.readIn === null ? null : (
              <p className="text-small text-soft">{words.readIn(message.readIn)}</p>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

function EndSheet({ run, onClose }: { run: ExerciseRun; onClose: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const end = useMutation({
    mutationFn: () =>
      write<ExerciseRun>('POST', `/exercise-runs/${encodeURIComponent(run.id)}/end`, {
        body: { reason: reason.trim() },
        reason: reason.trim(),
      }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries();
    },
  });

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    end.mutate();
  }

  return (
    <Sheet open onClose={onClose} title={words.endTitle}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        <p>{words.endLead}</p>
        <ReasonField value={reason} onChange={setReason} />
        <FormActs error={end.error} disabled={end.isPending} onCancel={onClose}>
          {words.endSubmit}
        </FormActs>
      </form>
    </Sheet>
  );
}
