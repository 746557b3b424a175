import { treatmentNames } from '@drawbridge/protocol/vocabulary';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import { useChangedAt } from '../api/live.ts';
import { queries } from '../api/queries.ts';
import { Button, ButtonLink } from '../design/button.tsx';
import { classLabel, classNames } from '../design/classes.ts';
import { Filter } from '../design/filter.tsx';
import { shortId } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { Empty } from '../design/state.tsx';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { LittleCrossing } from '../overview/first-steps.tsx';
import { crossingColumns } from './columns.tsx';
import { LiveCrossings } from './live.tsx';

const words = m.crossings;
const from = '/signed-in/crossings';
const decisions = Object.entries(words.decisions).map(([value, label]) => ({ value, label }));
const classes = classNames.map((value) => ({ value, label: classLabel(value) }));
const treatments = treatmentNames.map((value) => ({ value, label: m.treatment[value].got }));
/** Above this many pixels a reader is still at the top: newer rows may come in under their eyes. */
const atTop = 80;

/** A day of the address as the time at which it begins, in UTC like the days of the heat map. */
function startOf(day: string | undefined): string | undefined {
  return day !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(day) ? `${day}T00:00:00Z` : day;
}

/** Every request that went, or was refused. */
export function CrossingsPage() {
  return useSearch({ from }).live === undefined ? <PastCrossings /> : <FollowedCrossings />;
}

/** As they come. Times have no say in what comes from now on. */
function FollowedCrossings() {
  const {
    sort: _sort,
    hide: _hide,
    tz: _tz,
    live: _live,
    from: _from,
    to: _to,
    ...filters
  } = useSearch({ from });
  const query = new URLSearchParams(
    Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  ).toString();
  return (
    <PageFrame tab={words.tab} title={words.live.title} lead={words.live.lead} acts={<LiveSwitch on />}>
      <LiveCrossings query={query} tools={<Filters live />} />
    </PageFrame>
  );
}

/** Between what crossed before and what crosses now. */
function LiveSwitch({ on }: { on: boolean }) {
  const navigate = useNavigate({ from: '/crossings' });
  return (
    <Button
      role="switch"
      aria-checked={on}
      onClick={() =>
        void navigate({
          search: ({ live: _live, sort, ...rest }) => (on ? { ...rest, sort } : { ...rest, live: '1' }),
        })
      }
    >
      <span
        aria-hidden="true"
        className={`inline-block size-2 rounded-full ${on ? 'live-dot bg-act' : 'border border-line-strong'}`}
      />
      {words.live.switch}
    </Button>
  );
}

function PastCrossings() {
  const { sort: _sort, hide: _hide, tz: _tz, live: _live, ...filters } = useSearch({ from });
  const crossings = useInfiniteQuery(
    queries.crossings({ ...filters, from: startOf(filters.from), to: startOf(filters.to) }),
  );
  const rows = useMemo(() => crossings.data?.pages.flatMap((page) => page.items), [crossings.data]);
  const filtered = Object.keys(filters).length > 0;
  const pagesRead = crossings.data?.pages.length ?? 0;
  const changedAt = useChangedAt('crossings');
  const newer = changedAt > crossings.dataUpdatedAt && crossings.dataUpdatedAt > 0;
  const { refetch } = crossings;

  // A long list is left alone while it is read; a fresh one keeps itself fresh.
  useEffect(() => {
    if (newer && pagesRead <= 1 && window.scrollY < atTop) void refetch();
  }, [newer, pagesRead, refetch]);

  return (
    <PageFrame
      tab={words.tab}
      title={
        filters.subject
          ? words.titleSubject
          : filters.decision === 'refused'
            ? words.titleRefused
            : words.title
      }
      lead={words.lead}
      acts={<LiveSwitch on={false} />}
    >
      <DataTable
        label={words.tab}
        csvName="crossings"
        columns={crossingColumns}
        rows={rows}
        rowId={(row) => row.id}
        error={crossings.error}
        onRetry={() => void refetch()}
        more={moreOf(crossings)}
        tools={
          <>
            <Filters />
            {newer && pagesRead > 1 ? (
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
            <Empty title={words.empty} act={<ButtonLink to="/crossings">{words.clear}</ButtonLink>}>
              {words.emptyLead}
            </Empty>
          ) : (
            <Empty
              title={words.emptyAll}
              example={<LittleCrossing />}
              act={
                <ButtonLink to="/connect" weight="main">
                  {m.rail.connect}
                </ButtonLink>
              }
            >
              {words.emptyAllLead}
            </Empty>
          )
        }
      />
    </PageFrame>
  );
}

function Filters({ live = false }: { live?: boolean }) {
  const search = useSearch({ from });
  const navigate = useNavigate({ from: '/crossings' });
  const vendors = useQuery(queries.vendors());
  const connections = useQuery(queries.connections());
  const apps = useQuery(queries.apps());

  function choose(patch: Partial<Record<keyof typeof search, string | undefined>>): void {
    void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true });
  }

  const filtered = Object.keys(search).some((name) => !['sort', 'hide', 'tz', 'live'].includes(name));
  return (
    <>
      <Filter
        label={words.vendor}
        value={search.vendor}
        options={(vendors.data ?? []).map((row) => ({ value: row.vendor, label: row.name }))}
        onChoose={(vendor) => choose({ vendor })}
      />
      <Filter
        label={words.connection}
        value={search.connection}
        options={(connections.data ?? []).map((row) => ({ value: row.id, label: row.name }))}
        onChoose={(connection) => choose({ connection })}
      />
      <Filter
        label={words.app}
        value={search.app}
        options={(apps.data ?? []).map((row) => ({ value: row.id, label: row.name }))}
        onChoose={(app) => choose({ app })}
      />
      <Filter
        label={words.decision}
        value={search.decision}
        options={decisions}
        onChoose={(decision) => choose({ decision })}
      />
      <Filter
        label={words.class}
        value={search.class}
        options={classes}
        onChoose={(name) => choose({ class: name })}
      />
      <Filter
        label={words.treatment}
        value={search.treatment}
        options={treatments}
        onChoose={(treatment) => choose({ treatment })}
      />
      {live ? null : (
        <>
          <DayFilter label={words.from} value={search.from} onChoose={(day) => choose({ from: day })} />
          <DayFilter label={words.to} value={search.to} onChoose={(day) => choose({ to: day })} />
        </>
      )}
      {search.endpoint ? (
        <Chosen
          label={words.endpoint}
          value={search.endpoint}
          onClear={() => choose({ endpoint: undefined })}
        />
      ) : null}
      {search.subject ? (
        <Chosen
          label={words.subject}
          value={shortId(search.subject)}
          onClear={() => choose({ subject: undefined })}
        />
      ) : null}
      {search.key ? (
        <Chosen label={words.key} value={shortId(search.key)} onClear={() => choose({ key: undefined })} />
      ) : null}
      {filtered ? (
        <ButtonLink to="/crossings" search={{ live: search.live }} weight="quiet" slim>
          {words.clear}
        </ButtonLink>
      ) : null}
    </>
  );
}

/** A filter that is not chosen here but came with a link; pressing it takes it away. */
function Chosen({ label, value, onClear }: { label: string; value: string; onClear: () => void }) {
  return (
    <Button slim onClick={onClear}>
      {label} <span className="font-mono text-small">{value}</span> ×
    </Button>
  );
}

/** The time of day in the address, in UTC, where it holds more than a day. */
function timeOf(value: string | undefined): string | null {
  return /^\d{4}-\d{2}-\d{2}T(\d{2}:\d{2}).*Z$/.exec(value ?? '')?.[1] ?? null;
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
      {timeOf(value) === null ? label : words.atTime(label, timeOf(value) ?? '')}
      <input
        type="date"
        className={`control control-slim max-w-36 text-ink ${value ? 'border-act bg-act-wash' : ''}`}
        value={value?.slice(0, 10) ?? ''}
        onChange={(event) => onChoose(event.target.value || undefined)}
      />
    </label>
  );
}
