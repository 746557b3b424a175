/** Days of the calendar, in UTC: YYYY-MM-DD. */
export type Day = string;

const DAY_MS = 86_400_000;

export const dayOf = (milliseconds: number): Day => new Date(milliseconds).toISOString().slice(0, 10);

export const addDays = (day: Day, days: number): Day => dayOf(Date.parse(day) + days * DAY_MS);
