import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Exercise } from '../api/exercise-types.ts';
import { queries } from '../api/queries.ts';
import { Button, TextLink } from '../design/button.tsx';
import { PageFrame } from '../design/page.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { exercises as words } from '../messages/pages/exercises.ts';
import { DrillsOf } from '../routes/drill-table.tsx';
import { Permitted } from '../shell/permitted.tsx';
import { BeginSheet } from './begin.tsx';

/** Incidents of others that can be played. */
export function ExercisesPage() {
  const { act } = useSearch({ from: '/signed-in/exercises' });
  const navigate = useNavigate({ from: '/exercises' });
  const list = useQuery(queries.exercises());
  const items = list.data?.items;
  const chosen = items?.find(({ id }) => id === act);
  const show = (id: string | undefined): void =>
    void navigate({ search: (previous) => ({ ...previous, act: id }), replace: true, resetScroll: false });
  return (
    <PageFrame
      tab={words.tab}
      title={
        items === undefined
          ? words.tab
          : words.title(items.length, items.filter(({ lastRun }) => lastRun === null).length)
      }
      lead={words.lead}
    >
      {list.error ? <Trouble error={list.error} onRetry={() => void list.refetch()} /> : null}
      {items === undefined && !list.error ? <Bones lines={8} /> : null}
      {items === undefined ? null : (
        <ul className="grid gap-4 lg:grid-cols-2">
          {items.map((one) => (
            <li key={one.id} className="flex flex-col gap-3 border border-line p-4">
              <One exercise={one} onBegin={() => show(one.id)} />
            </li>
          ))}
        </ul>
      )}
      <DrillsOf />
      {chosen === undefined ? null : <BeginSheet exercise={chosen} onClose={() => show(undefined)} />}
    </PageFrame>
  );
}

function One({ exercise, onBegin }: { exercise: Exercise; onBegin: () => void }) {
  const { lastRun } = exercise;
  return (
    <>
      <div>
        <h2 className="font-strong">{exercise.title}</h2>
        <p className="text-small text-soft">{words.seats[exercise.seat]}</p>
      </div>
      <p>{exercise.summary}</p>
      <p className="text-small text-soft">
        {words.facts(exercise.lastsMinutes, exercise.messages, exercise.goals.length)}
        <br />
        {words.asOf(exercise.asOf)}
      </p>
      <details className="text-small">
        <summary className="cursor-pointer">{words.goals}</summary>
        <ul className="mt-2 list-disc pl-5">
          {exercise.goals.map((goal) => (
            <li key={goal.id}>{words.goal(goal.text, goal.withinMinutes)}</li>
          ))}
        </ul>
      </details>
      <div className="mt-auto flex flex-wrap items-center justify-between gap-3">
        {lastRun === null ? (
          <span className="text-small text-soft">{words.neverRun}</span>
        ) : (
          <TextLink to="/exercises/$run" params={{ run: lastRun.id }}>
            {lastRun.endedAt === null ? words.running : words.lastRun(lastRun.met, lastRun.goals)}
          </TextLink>
        )}
        <Permitted action="incident.work">
          <Button onClick={onBegin} aria-label={`${words.begin}: ${exercise.title}`}>
            {words.begin}
          </Button>
        </Permitted>
      </div>
    </>
  );
}
