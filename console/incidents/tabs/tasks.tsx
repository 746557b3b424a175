import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { write } from '../../api/client.ts';
import type { Incident, IncidentPhase, IncidentTask } from '../../api/room-types.ts';
import { Button } from '../../design/button.tsx';
import { Section } from '../../design/page.tsx';
import { Trouble } from '../../design/state.tsx';
import { Ago } from '../../design/time.tsx';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { EntrySheet } from '../entry.tsx';
import { toIso, toLocal } from '../moment.ts';
import { usePeople } from './people.tsx';

const words = incidents.task;
const phases = Object.keys(incidents.phases) as IncidentPhase[];

/** What is to do, by phase. */
export function Tasks({ incident }: { incident: Incident }) {
  return (
    <TaskSection
      incident={incident}
      title={incidents.one.tabNames.tasks}
      phases={phases.filter((phase) => phase !== 'review')}
    />
  );
}

/** What is to be better next time. */
export function Review({ incident }: { incident: Incident }) {
  return (
    <TaskSection
      incident={incident}
      title={incidents.one.tabNames.review}
      lead={incidents.review.lead}
      phases={['review']}
    />
  );
}

type Act = { act: 'add' } | { act: 'drop' | 'give'; task: IncidentTask };

function TaskSection({
  incident,
  title,
  lead,
  phases: shown,
}: {
  incident: Incident;
  title: string;
  lead?: string;
  phases: readonly IncidentPhase[];
}) {
  const [sheet, setSheet] = useState<Act | null>(null);
  const isReview = shown.includes('review');
  const add = isReview ? incidents.review.add : words.add;
  return (
    <Section
      title={title}
      lead={lead}
      acts={
        <Permitted action="incident.work">
          <Button weight="main" onClick={() => setSheet({ act: 'add' })}>
            {add}
          </Button>
        </Permitted>
      }
    >
      {shown.map((phase) => {
        const tasks = incident.tasks.filter((task) => task.phase === phase);
        return tasks.length === 0 && !isReview ? null : (
          <section key={phase} {...(isReview ? {} : { 'aria-label': incidents.phases[phase] })}>
            {isReview ? null : <h3 className="font-strong">{incidents.phases[phase]}</h3>}
            {tasks.length === 0 ? (
              <p className="text-soft">{incidents.review.none}</p>
            ) : (
              <ul>
                {tasks.map((task) => (
                  <Task
                    key={task.id}
                    incident={incident}
                    task={task}
                    onAct={(act) => setSheet({ act, task })}
                  />
                ))}
              </ul>
            )}
          </section>
        );
      })}
      {sheet === null ? null : (
        <TaskSheet
          incident={incident}
          sheet={sheet}
          add={add}
          phases={shown}
          onClose={() => setSheet(null)}
        />
      )}
    </Section>
  );
}

function Task({
  incident,
  task,
  onAct,
}: {
  incident: Incident;
  task: IncidentTask;
  onAct: (act: 'drop' | 'give') => void;
}) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (state: 'open' | 'done') =>
      write<Incident>('PATCH', `/incidents/${incident.id}/tasks/${task.n}`, { body: { state } }),
    onSuccess: () => client.invalidateQueries(),
  });
  const isOpen = task.state === 'open';
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 border-t border-line py-2">
      <div className="min-w-0 flex-1 basis-[320px]">
        <p className={isOpen ? 'font-strong' : 'text-soft line-through'}>{task.title}</p>
        {task.why === null || !isOpen ? null : <p className="text-soft">{task.why}</p>}
        {task.note === null ? null : <p className="break-words">{task.note}</p>}
        <p className="text-small text-soft">
          {isOpen ? (
            <>
              {task.owner?.name ?? words.nobody}
              {task.owner === null && task.role !== null
                ? `, ${words.expects(incidents.roles[task.role])}`
                : ''}
              {task.dueAt === null ? null : (
                <span className={task.late ? 'text-alert' : ''}>
                  {', '}
                  {task.late ? words.late : words.due.toLowerCase()} <Ago at={task.dueAt} />
                </span>
              )}
            </>
          ) : (
            <>
              {words.states[task.state]}, {task.endedBy}, <Ago at={task.endedAt} />
            </>
          )}
        </p>
        {change.error ? <Trouble error={change.error} /> : null}
      </div>
      <Permitted action="incident.work">
        <div className="flex flex-wrap gap-2">
          <Button
            slim
            disabled={change.isPending}
            aria-label={`${isOpen ? words.done : words.reopen}: ${task.title}`}
            onClick={() => change.mutate(isOpen ? 'done' : 'open')}
          >
            {isOpen ? words.done : words.reopen}
          </Button>
          {isOpen ? (
            <>
              <Button
                slim
                weight="quiet"
                aria-label={`${words.give}: ${task.title}`}
                onClick={() => onAct('give')}
              >
                {words.give}
              </Button>
              <Button
                slim
                weight="quiet"
                aria-label={`${words.drop}: ${task.title}`}
                onClick={() => onAct('drop')}
              >
                {words.drop}
              </Button>
            </>
          ) : null}
        </div>
      </Permitted>
    </li>
  );
}

function TaskSheet({
  incident,
  sheet,
  add,
  phases: shown,
  onClose,
}: {
  incident: Incident;
  sheet: Act;
  add: string;
  phases: readonly IncidentPhase[];
  onClose: () => void;
}) {
  const people = usePeople(incident);
  const path = `/incidents/${incident.id}/tasks`;
  const isReview = shown.includes('review');
  const owners = isReview && sheet.act === 'add' ? people : ([['', words.nobody], ...people] as const);
  const owner = { name: 'owner', label: words.owner, options: owners };
  const due = { name: 'dueAt', label: words.due, kind: 'moment', required: isReview } as const;
  if (sheet.act === 'drop') {
    return (
      <EntrySheet
        title={words.dropTitle}
        submit={words.drop}
        draftName={`incident.${incident.id}.drop.${sheet.task.n}`}
        fields={[{ name: 'note', label: words.dropWhy, kind: 'long', required: true }]}
        call={({ note = '' }) => ({
          method: 'PATCH',
          path: `${path}/${sheet.task.n}`,
          body: { state: 'dropped', note: note.trim() },
        })}
        onClose={onClose}
      />
    );
  }
  if (sheet.act === 'give') {
    return (
      <EntrySheet
        title={words.give}
        draftName={`incident.${incident.id}.give.${sheet.task.n}`}
        initial={{ owner: sheet.task.owner?.id ?? '', dueAt: toLocal(sheet.task.dueAt) }}
        fields={[owner, due]}
        call={({ owner: given = '', dueAt = '' }) => ({
          method: 'PATCH',
          path: `${path}/${sheet.task.n}`,
          body: { owner: given === '' ? null : given, dueAt: toIso(dueAt) ?? null },
        })}
        onClose={onClose}
      />
    );
  }
  return (
    <EntrySheet
      title={add}
      draftName={`incident.${incident.id}.task.${isReview ? 'review' : ''}`}
      initial={{ phase: shown[0] ?? 'assess', owner: isReview ? (people[0]?.[0] ?? '') : '' }}
      fields={[
        { name: 'title', label: words.title, required: true },
        { name: 'why', label: words.why, kind: 'long' },
        ...(isReview
          ? []
          : [
              {
                name: 'phase',
                label: words.phase,
                options: shown.map((phase) => [phase, incidents.phases[phase]] as const),
              },
            ]),
        owner,
        due,
      ]}
      call={({ title = '', why = '', phase, owner: given = '', dueAt = '' }) => {
        const at = toIso(dueAt);
        return {
          path,
          body: {
            title: title.trim(),
            phase: isReview ? 'review' : phase,
            ...(why.trim() === '' ? {} : { why: why.trim() }),
            ...(given === '' ? {} : { owner: given }),
            ...(at === undefined ? {} : { dueAt: at }),
          },
        };
      }}
      onClose={onClose}
    />
  );
}
