import { setTimeout as wait } from 'node:timers/promises';
import type { Throwaway } from './throwaway.ts';

/** Waits until the control plane has taken in the journal's records of everything that crossed. */
export async function recordsOf(throwaway: Throwaway, crossings: number): Promise<number> {
  let records = await throwaway.journalRecords();
  for (let still = 0; records < crossings && still < 300; ) {
    await wait(100);
    const now = await throwaway.journalRecords();
    still = now === records ? still + 1 : 0;
    records = now;
  }
  return records;
}
