import { useRef } from 'react';
import { ApiError } from './client.ts';

/**
 * The idempotency key of a form's POST. A try without an answer is repeated under the same key, so that it is done
 * once; after an answer, good or bad, the next try is another one.
 */
export function useAttempt(): { key: () => string; answered: (error?: Error) => void } {
  const current = useRef<string>(undefined);
  return {
    key: () => {
      current.current ??= crypto.randomUUID();
      return current.current;
    },
    answered: (error) => {
      if (error === undefined || error instanceof ApiError) current.current = undefined;
    },
  };
}
