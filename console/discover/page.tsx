import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { Candidate } from '../api/discovery-types.ts';
import { queries } from '../api/queries.ts';
import { TextField } from '../design/field.tsx';
import { Filter } from '../design/filter.tsx';
import { PageFrame, Section } from '../design/page.tsx';
import { SearchFilter } from '../design/search-filter.tsx';
import { Empty, Trouble } from '../design/state.tsx';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { discover } from '../messages/pages/discover.ts';
import { Permitted } from '../shell/permitted.tsx';
import { candidateColumns } from './columns.tsx';
import { useDecider } from './decider.ts';
import { Drop } from './drop.tsx';
import { EvidenceSheet } from './evidence.tsx';
import { useQueueKeys } from './keys.ts';
import { LinkSheet } from './link.tsx';
import { useVendorNames } from './names.ts';
import { Runs } from './runs.tsx';

const words = discover;
const from = '/signed-in/discover';
const options = (labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).map(([value, label]) => ({ value, label }));

/** Vendors that evidence shows: hand it in, and decide about what is not known. */
export function DiscoverPage() {
  const { state, known, kind, q, fresh, act, candidate } = useSearch({ from });
  const navigate = useNavigate({ from: '/discover' });
  const summary = useQuery(queries.discoverySummary()).data;
  const list = useInfiniteQuery(
    queries.candidates({ state, known, kind, q, fresh: fresh === 'week' ? 'week' : undefined }),
  );
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items), [list.data]);
  const set = useCallback(
    (
      patch: Partial<
        Record<'state' | 'known' | 'kind' | 'q' | 'fresh' | 'act' | 'candidate', string | undefined>
      >,
    ) =>
      void navigate({ search: (previous) => ({ ...previous, ...patch }), replace: true, resetScroll: false }),
    [navigate],
  );
  const open = useCallback((sheet: string, key: string) => set({ act: sheet, candidate: key }), [set]);
  const decider = useDecider();
  useQueueKeys(rows, decider.decide, open);
  const nameOf = useVendorNames();
  const columns = useMemo(
    () => candidateColumns(decider.decide, open, nameOf),
    [decider.decide, open, nameOf],
  );
  const chosen = rows?.find(({ key }) => key === candidate);
  const close = (): void => set({ act: undefined, candidate: undefined });
  const isNew = summary !== undefined && summary.sources === 0;

  return (
    <PageFrame
      tab={words.tab}
      title={summary === undefined ? words.tab : isNew ? words.titleEmpty : words.title(summary.open)}
      lead={words.lead}
    >
      <Permitted action="discovery.import">
        <Drop />
      </Permitted>
      {isNew ? (
        <Empty
          title={words.empty}
          example={<p className="border-l-3 border-line pl-4 font-strong">{words.exampleText}</p>}
        >
          <p>{words.emptyLead}</p>
        </Empty>
      ) : (
        <Section title={words.queue.title} lead={words.queue.lead}>
          <Permitted action="discovery.decide">
            <div className="flex max-w-[72ch] flex-wrap items-end gap-4">
              <div className="grow">
                <TextField
                  label={words.queue.reason}
                  hint={words.queue.reasonHint}
                  minLength={3}
                  maxLength={500}
                  value={decider.reason}
                  onChange={(event) => decider.setReason(event.target.value)}
                  error={decider.needsReason ? words.queue.reasonFirst : undefined}
                  ref={decider.reasonField}
                />
              </div>
            </div>
          </Permitted>
          <p role="status" className="text-small text-soft">
            {decider.decided > 0 ? words.queue.decidedCount(decider.decided) : null}
          </p>
          {decider.error === null ? null : <Trouble error={decider.error} />}
          <DataTable<Candidate>
            label={words.queue.table}
            csvName="candidates"
            columns={columns}
            rows={rows}
            rowId={(one) => one.key}
            error={list.error}
            onRetry={() => void list.refetch()}
            more={moreOf(list)}
            tools={
              <>
                <SearchFilter label={words.queue.search} value={q} onChange={(text) => set({ q: text })} />
                <Filter
                  label={words.queue.state}
                  value={state === 'all' ? undefined : (state ?? 'open')}
                  options={options(words.queue.states)}
                  onChoose={(value) => set({ state: value === 'open' ? undefined : (value ?? 'all') })}
                />
                <Filter
                  label={words.queue.known}
                  value={known === 'all' ? undefined : (known ?? 'unregistered')}
                  options={options(words.queue.knowns)}
                  onChoose={(value) =>
                    set({ known: value === 'unregistered' ? undefined : (value ?? 'all') })
                  }
                />
                <Filter
                  label={words.queue.kinds}
                  value={kind}
                  options={options(words.queue.kindNames)}
                  onChoose={(value) => set({ kind: value })}
                />
                <Filter
                  label={words.queue.fresh}
                  value={fresh === 'week' ? 'week' : undefined}
                  options={options(words.queue.freshNames)}
                  onChoose={(value) => set({ fresh: value })}
                />
              </>
            }
            empty={<Empty title={words.queue.none} />}
          />
        </Section>
      )}
      <Runs />
      {act === 'evidence' && candidate !== undefined ? (
        <EvidenceSheet candidate={candidate} known={chosen} onClose={close} />
      ) : null}
      {act === 'link' && chosen !== undefined ? (
        <LinkSheet candidate={chosen} onDecide={decider.decide} onClose={close} />
      ) : null}
    </PageFrame>
  );
}
