import type { Entry } from './register.ts';

/** Vendors that could take another one's place, as somebody stated, and in how many days; null: nobody said. */
export function substitutesOf(entry: Entry | null): { id: string; days: number | null }[] {
  return (entry?.statements ?? []).flatMap(({ kind, key, value }) => {
    if (kind !== 'substitute') return [];
    const days = typeof value === 'object' && value !== null ? Reflect.get(value, 'days') : null;
    return [{ id: key, days: typeof days === 'number' ? days : null }];
  });
}
