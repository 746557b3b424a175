import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Clock, IncidentClocks } from '../../api/clock-types.ts';
import { queries } from '../../api/queries.ts';
import { Button, TextButton, TextLink } from '../../design/button.tsx';
import { Facts, Section } from '../../design/page.tsx';
import { Bones, Note, Trouble } from '../../design/state.tsx';
import { Ago, Exact } from '../../design/time.tsx';
import { clockWords as words } from '../../messages/pages/incident-parts.ts';
import { incidents } from '../../messages/pages/incidents.ts';
import { Permitted } from '../../shell/permitted.tsx';
import { ClockSheet, type ClockSheetKind } from './clock-sheet.tsx';
import { Review } from './review.tsx';
import { Wall } from './wall.tsx';

/** What all open incidents make due. */
export function ClockWall() {
  const wall = useInfiniteQuery(queries.clockWall());
  const rows = wall.data?.pages.flatMap(({ items }) => items);
  return (
    <Section title={words.wall} lead={words.wallLead}>
      {rows === undefined ? (
        wall.error === null ? (
          <Bones lines={3} />
        ) : (
          <Trouble error={wall.error} onRetry={() => void wall.refetch()} />
        )
      ) : rows.length === 0 ? (
        <p className="text-soft">
          {words.none} {words.noneWhy}
        </p>
      ) : (
        <>
          <Wall rows={rows} />
          {wall.hasNextPage ? (
            <TextButton disabled={wall.isFetchingNextPage} onClick={() => void wall.fetchNextPage()}>
              {incidents.more}
            </TextButton>
          ) : null}
        </>
      )}
    </Section>
  );
}

/** The clocks of one incident: what starts and ends each, when it is due, and how that is counted. */
export function ClocksOfIncident({ incident }: { incident: string }) {
  const clocks = useQuery(queries.incidentClocks(incident));
  const [sheet, setSheet] = useState<{ kind: ClockSheetKind; clock?: Clock } | null>(null);
  if (clocks.data === undefined) {
    return clocks.error === null ? (
      <Bones lines={8} />
    ) : (
      <Trouble error={clocks.error} onRetry={() => void clocks.refetch()} />
    );
  }
  const { result, profileComplete } = clocks.data;
  return (
    <Section
      title={incidents.one.tabNames.clocks}
      lead={words.lead}
      acts={
        <Permitted action="incident.work">
          <Button onClick={() => setSheet({ kind: 'time' })}>{words.enterTime}</Button>
          {result.questions.length === 0 ? null : (
            <Button onClick={() => setSheet({ kind: 'answer' })}>{words.answer}</Button>
          )}
        </Permitted>
      }
    >
      {profileComplete ? null : <Note>{words.profile}</Note>}
      {result.questions.length === 0 ? null : <Questions questions={result.questions} />}
      {result.clocks.length === 0 ? (
        <p className="text-soft">
          {words.none} {words.noneWhy}
        </p>
      ) : (
        result.clocks.map((clock) => (
          <OneClock key={clock.rule} clock={clock} onAct={(kind) => setSheet({ kind, clock })} />
        ))
      )}
      {sheet === null ? null : (
        <ClockSheet incident={incident} clocks={clocks.data} {...sheet} onClose={() => setSheet(null)} />
      )}
    </Section>
  );
}

function Questions({ questions }: { questions: IncidentClocks['result']['questions'] }) {
  return (
    <div>
      <p>{words.openQuestions(questions.length)}</p>
      <ul className="list-disc pl-5">
        {questions.map((one) => (
          <li key={one.id}>{one.text}</li>
        ))}
      </ul>
    </div>
  );
}

function OneClock({ clock, onAct }: { clock: Clock; onAct: (kind: ClockSheetKind) => void }) {
  const isOver = clock.state === 'submitted' || clock.state === 'not_required';
  return (
    <article aria-label={clock.title} className="flex flex-col gap-2 border-t border-line-strong pt-3">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6">
        <h3 className="font-strong">
          {clock.title} <span className="font-normal text-soft">{clock.article}</span>
        </h3>
        <span className={clock.state === 'late' || clock.state === 'due' ? 'font-strong text-alert' : ''}>
          {words.states[clock.state]}
        </span>
      </div>
      <Review clock={clock} />
      <Facts facts={factsOf(clock)} />
      {clock.steps.length === 0 ? null : (
        <details>
          <summary>{words.steps}</summary>
          <ol className="list-decimal pl-6">
            {clock.steps.map((step) => (
              <li key={step.text}>{step.text}</li>
            ))}
          </ol>
        </details>
      )}
      <Permitted action="incident.work">
        <div className="flex flex-wrap gap-2">
          <Button slim onClick={() => onAct('submission')}>
            {words.submit}
          </Button>
          {isOver ? null : (
            <Button slim weight="quiet" onClick={() => onAct('not_required')}>
              {words.notRequired}
            </Button>
          )}
          {clock.state === 'late' && clock.end?.late == null ? (
            <Button slim weight="quiet" onClick={() => onAct('late')}>
              {words.late}
            </Button>
          ) : null}
        </div>
      </Permitted>
    </article>
  );
}

function factsOf(clock: Clock) {
  const { start, due, latest, end, source } = clock;
  const starts =
    start !== null ? (
      start.text
    ) : (
      <span key="start" className="text-soft">
        {words.notStarted}
        {clock.waits_for === null ? '' : `: ${clock.waits_for.text}`}
      </span>
    );
  const ended = [
    ...(end?.submissions ?? []).map((one) => ({
      at: one.at,
      text: words.submittedAt(one.what, one.receipt),
    })),
    ...(end?.not_required == null
      ? []
      : [{ at: end.not_required.at, text: `${words.states.not_required}: ${end.not_required.reason}` }]),
  ];
  return [
    [words.starts, starts],
    [words.ends, words.endsText(clock.recipient)],
    [
      words.due,
      due === null ? (
        (clock.no_number ?? words.noDue)
      ) : (
        <span key="due">
          <strong>{due.text}</strong> (<Ago at={due.at} />)
        </span>
      ),
    ],
    ...(latest === null
      ? []
      : [
          [
            words.latest,
            <span key="latest">
              {latest.text}
              {latest.disputed ? `, ${words.latestDisputed}` : ''}:{' '}
              {latest.readings.map(({ reason }) => reason).join(' ')}{' '}
              <span className="text-soft">{words.latestHint}</span>
            </span>,
          ] as const,
        ]),
    ...(ended.length === 0 && end?.late == null
      ? []
      : [
          [
            words.ended,
            <span key="ended">
              {ended.map((one) => (
                <span key={one.at + one.text} className="block">
                  <Exact at={one.at} />: {one.text}
                </span>
              ))}
              {end?.late == null ? null : <span className="block">{`${words.late} ${end.late}`}</span>}
            </span>,
          ] as const,
        ]),
    [words.source, `${source.citation} (${words.grades[source.grade] ?? source.grade}, ${source.as_of})`],
  ] as const;
}

/** A line of what is due next, which opens its clock. */
export function DueClock({ clock, incident }: { clock: Clock; incident: string }) {
  return (
    <>
      <TextLink to="/incidents/$incident" params={{ incident }} search={{ tab: 'clocks' }}>
        {clock.title}
      </TextLink>{' '}
      <span className="text-soft">{clock.article}.</span> <Review clock={clock} />
    </>
  );
}
