import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { useMay } from '../api/may.ts';
import { Button, ButtonLink, NumberLink, TextButton } from '../design/button.tsx';
import { Filter } from '../design/filter.tsx';
import { count, duration } from '../design/format.ts';
import { PageFrame } from '../design/page.tsx';
import { SearchFilter } from '../design/search-filter.tsx';
import { Empty, Trouble } from '../design/state.tsx';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { m } from '../messages/en.ts';
import { verify } from '../messages/pages/verify.ts';
import { desk } from '../messages/pages/verify-desk.ts';
import { useChosen, useQueueKeys } from './chosen.ts';
import { CloseSheet, ClosingOutcome, useClosing } from './closing.tsx';
import { messageQueries } from './queries.ts';
import { queueColumns } from './queue-columns.tsx';
import { type MessageCounts, verdicts } from './shapes.ts';

const words = desk.queue;
const from = '/signed-in/messages/queue';
const options = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));
const filterNames = ['campaign', 'order', 'q', 'state', 'vendor', 'verdict'] as const;
type Patch = Partial<Record<(typeof filterNames)[number] | 'act', string | undefined>>;

/** All messages that were handed in, worst first; decided here, many at a time. */
export function MessageQueuePage() {
  const search = useSearch({ from });
  const { act, campaign, order, q, state, vendor, verdict } = search;
  const navigate = useNavigate({ from: '/messages/queue' });
  const counts = useQuery(messageQueries.counts());
  const list = useInfiniteQuery(
    messageQueries.list({
      state: state === 'all' ? undefined : (state ?? 'open'),
      order: order ?? 'harm',
      verdict,
      vendor,
      campaign,
      // Shorter than this is no search.
      q: (q?.trim().length ?? 0) < 2 ? undefined : q,
    }),
  );
  const rows = useMemo(() => list.data?.pages.flatMap(({ items }) => items), [list.data]);
  const ids = useMemo(() => (rows ?? []).map(({ id }) => id), [rows]);
  const mayDecide = useMay('message.decide');
  const { chosen, toggle, extend, letGo } = useChosen(ids);
  const closing = useClosing();
  const set = useCallback(
    (patch: Patch) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  useQueueKeys({
    toggle: (id) => (mayDecide ? toggle(id) : undefined),
    extend: (id) => (mayDecide ? extend(id) : undefined),
    letGo,
    close: (focused) => {
      if (!mayDecide) return;
      if (chosen.length === 0 && focused !== null) toggle(focused);
      if (chosen.length > 0 || focused !== null) set({ act: 'close' });
    },
    undo: () => void closing.undo(),
  });
  const columns = useMemo(
    () => queueColumns(new Set(chosen), mayDecide ? toggle : null),
    [chosen, mayDecide, toggle],
  );
  const isFiltered = filterNames.some((name) => search[name] !== undefined);
  const isNew = rows?.length === 0 && !isFiltered && counts.data?.open === 0 && closing.outcome === null;

  return (
    <PageFrame
      tab={words.tab}
      title={counts.data === undefined ? words.tab : words.title(counts.data.open)}
      lead={words.lead}
      acts={
        <>
          <ButtonLink to="/messages/campaigns">{words.campaigns}</ButtonLink>
          <ButtonLink to="/messages/senders">{words.senders}</ButtonLink>
        </>
      }
    >
      {counts.error ? (
        <Trouble error={counts.error} onRetry={() => void counts.refetch()} />
      ) : counts.data === undefined || isNew ? null : (
        <Counts counts={counts.data} onVerdict={(value) => set({ verdict: value })} />
      )}
      <div className="flex flex-col gap-2">
        <ClosingOutcome closing={closing} />
        {mayDecide && !isNew ? (
          <p className="max-w-[72ch] text-small text-soft max-sm:hidden">{words.keys}</p>
        ) : null}
      </div>
      <DataTable
        label={words.table}
        csvName="queue-of-messages"
        columns={columns}
        rows={rows}
        rowId={(one) => one.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        more={moreOf(list)}
        tools={
          isNew ? undefined : (
            <>
              <SearchFilter label={words.search} value={q} onChange={(text) => set({ q: text })} />
              <Filter
                label={words.state}
                value={state === 'all' ? undefined : (state ?? 'open')}
                options={options(verify.states)}
                onChoose={(value) => set({ state: value === 'open' ? undefined : (value ?? 'all') })}
              />
              <Filter
                label={words.verdict}
                value={verdict}
                options={options(verify.verdicts)}
                onChoose={(value) => set({ verdict: value })}
              />
              <Filter
                label={words.order}
                value={order ?? 'harm'}
                options={options(words.orders)}
                onChoose={(value) => set({ order: value === 'newest' ? value : undefined })}
              />
              {campaign === undefined && vendor === undefined ? null : (
                <TextButton onClick={() => set({ campaign: undefined, vendor: undefined })}>
                  {campaign === undefined ? words.vendorOnly(vendor ?? '') : words.campaignOnly}:{' '}
                  {words.clear}
                </TextButton>
              )}
            </>
          )
        }
        empty={
          isNew ? (
            <Empty
              title={words.empty}
              example={<p className="border-l-3 border-line pl-4 font-strong">{words.example}</p>}
              act={<ButtonLink to="/messages">{words.exampleAct}</ButtonLink>}
            >
              {words.teach}
            </Empty>
          ) : (
            <Empty title={words.none} />
          )
        }
      />
      {mayDecide && !isNew ? (
        <div className="sticky bottom-0 z-10 flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line bg-page py-2 max-lg:bottom-14">
          <p role="status">{chosen.length === 0 ? words.chosenNone : words.chosen(chosen.length)}</p>
          <Button slim disabled={chosen.length === 0} onClick={() => set({ act: 'close' })}>
            {words.close}
          </Button>
          <Button slim weight="quiet" disabled={chosen.length === 0} onClick={letGo}>
            {words.letGo}
          </Button>
        </div>
      ) : null}
      {act === 'close' && chosen.length > 0 && mayDecide ? (
        <CloseSheet
          messages={chosen}
          closing={closing}
          onClose={() => set({ act: undefined })}
          onDone={() => {
            letGo();
            set({ act: undefined });
          }}
        />
      ) : null}
    </PageFrame>
  );
}

function Counts({
  counts,
  onVerdict,
}: {
  counts: MessageCounts;
  onVerdict: (verdict: string | undefined) => void;
}) {
  return (
    <dl aria-label={words.counts} className="flex flex-wrap gap-x-8 gap-y-2 border-y border-line py-3">
      {verdicts.map((verdict) => (
        <div key={verdict} className="flex gap-2">
          <dt className="text-soft">{verify.verdicts[verdict]}</dt>
          <dd>
            <button
              type="button"
              className="number-link"
              aria-label={words.only(verify.verdicts[verdict], counts.byVerdict[verdict])}
              onClick={() => onVerdict(verdict)}
            >
              {count(counts.byVerdict[verdict])}
            </button>
          </dd>
        </div>
      ))}
      <div className="flex gap-2">
        <dt className="text-soft">{words.notThere}</dt>
        <dd>{count(counts.notThere)}</dd>
      </div>
      <div className="flex gap-2">
        <dt className="text-soft">{words.reviews}</dt>
        <dd>
          <NumberLink to="/messages/senders">{count(counts.reviews)}</NumberLink>
        </dd>
      </div>
      <div className="flex gap-2">
        <dt className="text-soft">{words.median}</dt>
        <dd>
          {counts.medianSecondsToAnswer === null
            ? m.common.unknown
            : duration(counts.medianSecondsToAnswer * 1_000_000)}
        </dd>
      </div>
    </dl>
  );
}
