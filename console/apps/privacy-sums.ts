import type { AppPrivacy } from '../api/privacy-types.ts';
import type { TreatmentName } from '../api/types.ts';
import { isTreatment, treatmentOrder } from '../design/classes.ts';

/** What became of one kind of data on one day, most revealing first. */
export interface Bar {
  day: string;
  total: number;
  parts: { treatment: TreatmentName; crossings: number }[];
}

export interface KindRow {
  kind: string;
  total: number;
  bars: Map<string, Bar>;
}

export type LookedState = 'none' | 'yes' | 'partly' | 'no' | 'unread';

/** Kinds of data with their days, the most frequent first, and the highest bar. */
export function kindRows({ items }: AppPrivacy): { rows: KindRow[]; most: number } {
  const rows = new Map<string, KindRow>();
  let most = 0;
  for (const { day, class: kind, treatment, crossings } of items) {
    if (!isTreatment(treatment)) continue;
    const row = rows.get(kind) ?? { kind, total: 0, bars: new Map<string, Bar>() };
    const bar: Bar = row.bars.get(day) ?? { day, total: 0, parts: [] };
    bar.parts.push({ treatment, crossings });
    bar.parts.sort((a, b) => treatmentOrder(a.treatment) - treatmentOrder(b.treatment));
    bar.total += crossings;
    row.total += crossings;
    most = Math.max(most, bar.total);
    row.bars.set(day, bar);
    rows.set(kind, row);
  }
  return { rows: [...rows.values()].sort((a, b) => b.total - a.total || (a.kind < b.kind ? -1 : 1)), most };
}

/** Nothing crossed, nothing looked for, and looked for are three things. */
export function lookedState(day: AppPrivacy['days'][number]): LookedState {
  if (day.crossings === 0) return 'none';
  if (day.crossings === day.unread) return 'unread';
  if (day.partly + day.notLooked === 0) return 'yes';
  return day.looked + day.partly === 0 ? 'no' : 'partly';
}

/** The day after, as `2026-11-23`. */
export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
