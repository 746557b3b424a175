import { z } from 'zod';
import { type Platform, readSetting, type Setting } from '../platform/index.ts';

/**
 * No six months are longer: March to August, and July to December. Logs of high-risk AI systems are kept for at least six
 * months (Regulation (EU) 2024/1689, Articles 19(1) and 26(6)).
 */
export const LEAST_DAYS = 184;
const MOST_DAYS = 36_500;
export const DAY_MS = 24 * 3600_000;

/** How many days crossings are kept. */
export const retentionDays: Setting<number> = {
  key: 'retention_days',
  schema: z
    .int('a whole number of days')
    .min(LEAST_DAYS, `crossings are kept for at least ${LEAST_DAYS} days, as no six months are longer`)
    .max(MOST_DAYS, `at most ${MOST_DAYS}`),
  initial: LEAST_DAYS,
};

export const readDays = (platform: Platform): Promise<number> => readSetting(platform.db, retentionDays);

/** The policy in words, as it is shown. */
export function policyText(days: number): string {
  return (
    `Crossings are kept for at least ${days} days after they happened and were stored here under a verified checkpoint. ` +
    'Then their entries and payload items are deleted. What they add up to stays: what each vendor holds about whom, ' +
    'since when, and how much crossed. Crossings under a legal hold stay until it ends. ' +
    'The hashes of all entries stay, so that whoever kept an entry can still prove it.'
  );
}
