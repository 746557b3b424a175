import { EntryTooLarge, type Journal, JournalUnavailable } from '@drawbridge/journal';
import { Refusal } from '../refusal/refusal.ts';
import type { FormedRecord } from './leaf.ts';

export type RecordJournal = Pick<Journal, 'append'>;

/**
 * Stage record: resolves once leaf and sealed payload are durable on this machine's disk; until then nothing may go
 * out. Throws Refusal `journal_unavailable` (it will pass again) or `body_too_large`.
 */
export async function record(journal: RecordJournal, { leaf, payload }: FormedRecord): Promise<void> {
  try {
    await journal.append(leaf, payload.length > 0 ? payload : null);
  } catch (cause) {
    throw refusalOf(cause);
  }
}

function refusalOf(cause: unknown): unknown {
  if (cause instanceof JournalUnavailable) {
    return new Refusal(
      'journal_unavailable',
      'record',
      `The gateway could not record this request durably (${cause.code}), so it was not sent. Send it again later.`,
    );
  }
  if (cause instanceof EntryTooLarge) {
    return new Refusal(
      'body_too_large',
      'record',
      'This request speaks of more people than one record can hold, so it was not sent. Split it.',
    );
  }
  return cause;
}
