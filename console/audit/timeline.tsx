import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import type { Change } from '../api/audit-types.ts';
import { useChangedAt } from '../api/live.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { Section } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { changeColumns } from './columns.tsx';
import { kindText, useActorText, useSubjectName } from './subject.tsx';

const words = m.audit;
const from = '/signed-in/audit';
/** Above this many pixels a reader is still at the top: newer rows may come in under their eyes. */
const atTop = 80;

const acts = Object.entries(words.acts)
  .map(([value, label]) => ({ value, label }))
  .sort((one, other) => one.label.localeCompare(other.label, 'en'));
const kinds = Object.entries(words.kinds).map(([value, label]) => ({ value, label }));

/** A day of the address as the time at which it begins, in UTC. */
function startOf(day: string | undefined): string | undefined {
  return day !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(day) ? `${day}T00:00:00Z` : day;
}

/** The changes, newest first. Fresh while they are at its top; a long list is left alone while it is read. */
export function Timeline() {
  const { act, actor, subject, from: first, to } = useSearch({ from });
  const changes = useInfiniteQuery(
    queries.changes({ act, actor, subject, since: startOf(first), until: startOf(to) }),
  );
  const rows = useMemo(() => changes.data?.pages.flatMap((page) => page.items), [changes.data]);
  const nameOf = useSubjectName();
  const actorText = useActorText();
  const changedAt = useChangedAt('changes');
  const newer = changedAt > changes.dataUpdatedAt && changes.dataUpdatedAt > 0;
  const pagesRead = changes.data?.pages.length ?? 0;
  const { refetch } = changes;

  useEffect(() => {
    if (newer && pagesRead <= 1 && window.scrollY < atTop) void refetch();
  }, [newer, pagesRead, refetch]);

  const filtered = [act, actor, subject, first, to].some((value) => value !== undefined);
  return (
    <Section title={words.changes}>
      <DataTable
        label={words.changes}
        csvName="changes"
        columns={changeColumns(nameOf, actorText)}
        rows={rows}
        rowId={(row) => row.id}
        error={changes.error}
        onRetry={() => void refetch()}
        more={moreOf(changes)}
        tools={
          <>
            <Filters rows={rows ?? []} filtered={filtered} />
            {newer && (pagesRead > 1 || window.scrollY >= atTop) ? (
              <Button
                slim
                onClick={() => {
                  window.scrollTo({ top: 0 });
                  void refetch();
                }}
              >
                {words.newer}
              </Button>
            ) : null}
          </>
        }
        empty={
          filtered ? (
            <Empty title={words.none} act={<ButtonLink to="/audit">{words.clear}</ButtonLink>}>
              {words.noneLead}
            </Empty>
          ) : (
            <Empty
              title={words.noneAll}
              example={<p className="border-l-3 border-line pl-4">{words.example}</p>}
              act={
                <ButtonLink to="/connect" weight="main">
                  {m.rail.connect}
                </ButtonLink>
              }
            >
              {words.noneAllLead}
            </Empty>
          )
        }
      />
    </Section>
  );
}

function Filters({ rows, filtered }: { rows: readonly Change[]; filtered: boolean }) {
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/audit' });
  const nameOf = useSubjectName();
  const actorText = useActorText();
  const actors = [...new Set(rows.map((row) => row.actor))].sort();
  const [kind, ...id] = search.subject?.split(':') ?? [];

  function choose(patch: Partial<Record<keyof typeof search, string | undefined>>): void {
    void navigate({
      search: (previous) => ({ ...previous, ...patch }),
      replace: true,
      resetScroll: false,
    });
  }

  return (
    <>
      <Filter label={words.what} value={search.act} options={acts} onChoose={(act) => choose({ act })} />
      <Filter label={words.kind} value={kind} options={kinds} onChoose={(one) => choose({ subject: one })} />
      <Filter
        label={words.who}
        value={search.actor}
        options={actors.map((value) => ({ value, label: actorText(value) }))}
        onChoose={(actor) => choose({ actor })}
      />
      <DayFilter label={words.from} value={search.from} onChoose={(day) => choose({ from: day })} />
      <DayFilter label={words.to} value={search.to} onChoose={(day) => choose({ to: day })} />
      {kind !== undefined && id.length > 0 ? (
        <Button slim onClick={() => choose({ subject: kind })}>
          {nameOf({ kind, id: id.join(':') }) || kindText(kind)} ×
        </Button>
      ) : null}
      {filtered ? (
        <ButtonLink to="/audit" weight="quiet" slim resetScroll={false}>
          {words.clear}
        </ButtonLink>
      ) : null}
    </>
  );
}

function DayFilter({
  label,
  value,
  onChoose,
}: {
  label: string;
  value: string | undefined;
  onChoose: (day: string | undefined) => void;
}) {
  return (
    <label className="flex shrink-0 flex-col gap-0.5 text-small text-soft">
      {label}
      <input
        type="date"
        className={`control control-slim max-w-36 text-ink ${value ? 'border-act bg-act-wash' : ''}`}
        value={value?.slice(0, 10) ?? ''}
        onChange={(event) => onChoose(event.target.value || undefined)}
      />
    </label>
  );
}
