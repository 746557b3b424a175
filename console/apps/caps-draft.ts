import { ApiError } from '../api/client.ts';
import type { DayBudget, VirtualKey } from '../api/types.ts';
import { count } from '../design/format.ts';
import { m } from '../messages/en.ts';

const MICROS = 1_000_000;

/** What a key may use in a time, as it is typed: an empty field is no limit. */
export interface CapsDraft {
  perMinute: string;
  requests: string;
  tokens: string;
  money: string;
  currency: string;
}

export const noCaps: CapsDraft = { perMinute: '', requests: '', tokens: '', money: '', currency: 'USD' };

const typed = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : String(value);

export function draftOfCaps({ perMinute, perDay }: Pick<VirtualKey, 'perMinute' | 'perDay'>): CapsDraft {
  const money = perDay?.money ?? null;
  return {
    perMinute: typed(perMinute),
    requests: typed(perDay?.requests),
    tokens: typed(perDay?.tokens),
    money: money === null ? '' : String(money.micros / MICROS),
    currency: money?.currency ?? noCaps.currency,
  };
}

const numberOf = (text: string): number | null => (text === '' ? null : Number(text));

export function perMinuteOf({ perMinute }: CapsDraft): number | null {
  return numberOf(perMinute);
}

/** Null where no daily limit was typed. */
export function perDayOf({ requests, tokens, money, currency }: CapsDraft): DayBudget | null {
  if (requests === '' && tokens === '' && money === '') return null;
  const micros = money === '' ? null : Math.round(Number(money) * MICROS);
  return {
    requests: numberOf(requests),
    tokens: numberOf(tokens),
    money: micros === null ? null : { micros, currency: currency.trim().toUpperCase() },
  };
}

/** What was wrong with one of the fields; the budget's are named within it. */
export function wrongCap(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.field(field) ?? (field === 'perDay.money' ? error.field('perDay.money.micros') : undefined);
}

/** A key's limits, short, in the order of their fields; none for a key without. */
export function capsText({ perMinute, perDay }: Pick<VirtualKey, 'perMinute' | 'perDay'>): string[] {
  const words = m.apps.caps;
  const money = perDay?.money ?? null;
  return [
    ...(perMinute === null ? [] : [m.apps.perMinuteShort(perMinute)]),
    ...(perDay === null || perDay.requests === null ? [] : [words.requestsShort(count(perDay.requests))]),
    ...(perDay === null || perDay.tokens === null ? [] : [words.tokensShort(count(perDay.tokens))]),
    ...(money === null ? [] : [words.moneyShort(count(money.micros / MICROS), money.currency)]),
  ];
}
