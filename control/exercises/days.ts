/** Days of an exercise stand in braces, `{2025-11-08}`, and are moved so that its day zero is the day on which it is begun. */
const DAY = /\{(\d{4}-\d{2}-\d{2})\}/g;
const DAY_MS = 86_400_000;

export const daysIn = (text: string): string[] => [...text.matchAll(DAY)].map(([, day]) => day ?? '');

/** Days from `zero` (a day, UTC) to the day of `begun`. */
export const daysFrom = (zero: string, begun: Date): number =>
  Math.floor(begun.getTime() / DAY_MS) - Date.parse(zero) / DAY_MS;

export const movedDay = (day: string, by: number): string =>
  new Date(Date.parse(day) + by * DAY_MS).toISOString().slice(0, 10);

export const withMovedDays = (text: string, by: number): string =>
  text.replaceAll(DAY, (_, day: string) => movedDay(day, by));
