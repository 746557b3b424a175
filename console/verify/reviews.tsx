import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { write } from '../api/client.ts';
import { useMay } from '../api/may.ts';
import { Button } from '../design/button.tsx';
import { TextField } from '../design/field.tsx';
import { count } from '../design/format.ts';
import { Section } from '../design/page.tsx';
import { Empty, Trouble } from '../design/state.tsx';
import type { Column } from '../design/table/columns.ts';
import { DataTable, moreOf } from '../design/table/table.tsx';
import { Ago } from '../design/time.tsx';
import { desk } from '../messages/pages/verify-desk.ts';
import { useDraft } from '../shell/draft.ts';
import { type SenderClass, type SenderReview, senderClasses } from './shapes.ts';

const words = desk.senders;
const SHORTEST_REASON = 3;
/** The row that has the focus, as its name marks it. */
const REVIEW = 'data-review';
const keys: Readonly<Record<string, SenderClass>> = {
  v: 'vendor',
  r: 'relayed',
  m: 'marketing',
  n: 'not_theirs',
};

/** Decides one after the other, each at once, with the one reason that stands above. */
function useDeciding() {
  const client = useQueryClient();
  const [{ reason }, change] = useDraft('verify.reviews', { reason: '' });
  const [isMissing, setMissing] = useState(false);
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<Error | null>(null);
  const field = useRef<HTMLInputElement>(null);
  const why = useRef(reason);
  why.current = reason;

  /** False: there is no reason yet, and its field has the focus. */
  const decide = useCallback(
    (review: string, as: SenderClass): boolean => {
      if (why.current.trim().length < SHORTEST_REASON) {
        setMissing(true);
        field.current?.focus();
        return false;
      }
      setMissing(false);
      setError(null);
      setGone((before) => new Set([...before, review]));
      write('POST', `/sender-reviews/${encodeURIComponent(review)}/decision`, {
        body: { as },
        reason: why.current.trim(),
        idempotencyKey: crypto.randomUUID(),
      })
        .catch((failure: unknown) => {
          // What was refused comes back into the list, with the reason above it.
          setGone((before) => new Set([...before].filter((one) => one !== review)));
          setError(failure instanceof Error ? failure : new Error(String(failure)));
        })
        .finally(() => {
          void client.invalidateQueries({
            predicate: ({ queryKey }) => /^\/(?:sender|message-counts)/.test(String(queryKey[0])),
          });
        });
      return true;
    },
    [client],
  );
  return { reason, change, isMissing, gone, error, field, decide };
}

interface List {
  error: Error | null;
  refetch: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  isFetchNextPageError: boolean;
  fetchNextPage: () => unknown;
}

/** Domains that proved themselves and that nobody knows: whose are they? */
export function SenderReviews({ list, rows }: { list: List; rows: readonly SenderReview[] | undefined }) {
  const mayDecide = useMay('message.decide');
  const { reason, change, isMissing, gone, error, field, decide } = useDeciding();
  const waiting = useMemo(() => rows?.filter(({ id }) => !gone.has(id)), [rows, gone]);
  const columns = useMemo(() => columnsOf(mayDecide ? decide : null), [mayDecide, decide]);
  useEffect(() => {
    if (!mayDecide) return;
    function onKey(event: KeyboardEvent): void {
      const { target, key } = event;
      if (event.metaKey || event.ctrlKey || event.altKey || !(target instanceof HTMLElement)) return;
      const [review, as] = [target.getAttribute(REVIEW), keys[key]];
      if (review === null || as === undefined) return;
      event.preventDefault();
      const row = target.closest('[data-row]');
      const next = (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector<HTMLElement>(
        '.row-link',
      );
      if (decide(review, as)) next?.focus();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [mayDecide, decide]);
  return (
    <Section title={words.reviews} lead={mayDecide ? words.reviewsLead : undefined}>
      {mayDecide && waiting?.length !== 0 ? (
        <TextField
          label={words.reason}
          hint={words.reasonHint}
          maxLength={500}
          value={reason}
          onChange={(event) => change({ reason: event.target.value })}
          error={isMissing ? words.reasonFirst : undefined}
          ref={field}
        />
      ) : null}
      <p role="status" className="text-small text-soft">
        {gone.size > 0 ? words.decided(gone.size) : null}
      </p>
      {error === null ? null : <Trouble error={error} />}
      <DataTable
        label={words.reviewsTable}
        csvName="sender-reviews"
        columns={columns}
        rows={waiting}
        rowId={(one) => one.id}
        error={list.error}
        onRetry={() => void list.refetch()}
        more={moreOf(list)}
        empty={
          <Empty
            title={words.reviewsEmpty}
            example={<p className="border-l-3 border-line pl-4 font-strong">{words.reviewsExample}</p>}
          >
            {words.reviewsTeach}
          </Empty>
        }
      />
    </Section>
  );
}

function columnsOf(
  decide: ((review: string, as: SenderClass) => boolean) | null,
): readonly Column<SenderReview>[] {
  const { heads } = words;
  const columns: Column<SenderReview>[] = [
    {
      id: 'domain',
      head: heads.domain,
      fixed: true,
      phone: true,
      phoneWidth: '50%',
      csv: (one) => one.domain,
      // Walked to by the keyboard, and no link: it is a name that a stranger chose.
      cell: (one) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys of the queue act on what has the focus
        <span tabIndex={0} className="row-link font-mono text-small" {...{ [REVIEW]: one.id }}>
          {one.domain}
          <span className="block truncate font-sans text-soft sm:hidden">{one.vendor.name}</span>
        </span>
      ),
    },
    {
      id: 'vendor',
      head: heads.vendor,
      phone: decide === null,
      width: '140px',
      phoneWidth: '50%',
      csv: (one) => one.vendor.name,
      cell: (one) => one.vendor.name,
    },
    {
      id: 'messages',
      head: heads.messages,
      numeric: true,
      width: '104px',
      csv: (one) => one.messages,
      cell: (one) => count(one.messages),
    },
    {
      id: 'last',
      head: heads.last,
      numeric: true,
      width: '112px',
      csv: (one) => one.last,
      cell: (one) => <Ago at={one.last} />,
    },
  ];
  if (decide === null) return columns;
  return [
    ...columns,
    {
      id: 'act',
      head: heads.act,
      fixed: true,
      phone: true,
      width: '360px',
      phoneWidth: '50%',
      cell: (one) => (
        <span className="above-row flex gap-1 max-sm:flex-wrap">
          {senderClasses.map((as) => (
            <Button
              key={as}
              slim
              weight={as === 'not_theirs' ? 'quiet' : 'plain'}
              aria-label={words.decisionOf(one.domain, words.decisions[as])}
              onClick={() => decide(one.id, as)}
            >
              {words.decisions[as]}
            </Button>
          ))}
        </span>
      ),
    },
  ];
}
