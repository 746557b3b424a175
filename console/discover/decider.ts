import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import { write } from '../api/client.ts';
import type { Candidate } from '../api/discovery-types.ts';
import type { Page } from '../api/types.ts';
import { useDraft } from '../shell/draft.ts';

export interface Decision {
  candidate: string;
  act: 'confirm' | 'reject' | 'split' | 'reopen';
  vendor?: string;
  name?: string;
}

const SHORTEST_REASON = 3;
/** As many as one call takes. */
const AT_ONCE = 100;

/**
 * Takes decisions as fast as they are made: each row leaves the list at once, and what was decided meanwhile is sent together.
 * What the server refuses comes back into the list, with the reason above it.
 */
export function useDecider() {
  const client = useQueryClient();
  const [{ reason }, change] = useDraft<{ reason: string }>('discover.reason', { reason: '' });
  const [needsReason, setNeedsReason] = useState(false);
  const [decided, setDecided] = useState(0);
  const [error, setError] = useState<Error | null>(null);
  const reasonField = useRef<HTMLInputElement>(null);
  const waiting = useRef<Decision[]>([]);
  const isSending = useRef(false);
  const why = useRef(reason);
  why.current = reason;

  const flush = useCallback(async () => {
    if (isSending.current) return;
    isSending.current = true;
    try {
      while (waiting.current.length > 0) {
        const items = waiting.current.splice(0, AT_ONCE);
        await write('POST', '/discovery/decisions', {
          body: { items },
          reason: why.current.trim(),
          idempotencyKey: crypto.randomUUID(),
        });
        setDecided((before) => before + items.length);
      }
    } catch (failure) {
      waiting.current = [];
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      isSending.current = false;
      await client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/discovery'),
      });
    }
  }, [client]);

  /** False: there is no reason yet, and its field has the focus. */
  const decide = useCallback(
    (decision: Decision): boolean => {
      if (why.current.trim().length < SHORTEST_REASON) {
        setNeedsReason(true);
        reasonField.current?.focus();
        return false;
      }
      setNeedsReason(false);
      setError(null);
      client.setQueriesData<InfiniteData<Page<Candidate>>>(
        { predicate: ({ queryKey }) => queryKey[0] === '/discovery/candidates' },
        (data) =>
          data && {
            ...data,
            pages: data.pages.map((page) => ({
              ...page,
              items: page.items.filter(({ key }) => key !== decision.candidate),
            })),
          },
      );
      waiting.current.push(decision);
      void flush();
      return true;
    },
    [client, flush],
  );

  return {
    decide,
    reason,
    setReason: (text: string) => change({ reason: text }),
    needsReason,
    reasonField,
    decided,
    error,
  };
}
export type Decide = ReturnType<typeof useDecider>['decide'];
