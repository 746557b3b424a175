const numbers = new Intl.NumberFormat('en-GB');
const shares = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 1 });
const fineShares = new Intl.NumberFormat('en-GB', { style: 'percent', maximumFractionDigits: 2 });

export function count(value: number): string {
  return numbers.format(value);
}

export function share(value: number): string {
  return value > 0 && value < 0.01 ? fineShares.format(value) : shares.format(value);
}

/** "1 person", "1,204 people": `forms` holds the word for one and for more. */
export function plural(value: number, one: string, more: string): string {
  return `${count(value)} ${value === 1 ? one : more}`;
}

/** Bytes as people read them: 812 B, 1.4 kB, 20 MB. Decimal units. */
export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let scaled = value / 1000;
  let unit = 0;
  while (scaled >= 1000 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${scaled < 10 ? scaled.toFixed(1) : Math.round(scaled)} ${units[unit]}`;
}

/** A duration given in microseconds: 41 µs, 1.8 ms, 312 ms, 2.4 s. */
export function duration(micros: number): string {
  if (micros < 1000) return `${Math.round(micros)} µs`;
  const millis = micros / 1000;
  if (millis < 10) return `${millis.toFixed(1)} ms`;
  if (millis < 1000) return `${Math.round(millis)} ms`;
  return `${(millis / 1000).toFixed(millis < 10_000 ? 1 : 0)} s`;
}

const steps: readonly (readonly [limit: number, size: number, unit: string])[] = [
  [60, 1, 's'],
  [3600, 60, 'min'],
  [48 * 3600, 3600, 'h'],
  [60 * 86_400, 86_400, 'days'],
];

/** Seconds. */
const clockSlack = 10;

/** How long ago `at` was, seen from `now` (both in milliseconds): "14 s ago", "3 h ago", "in 2 days". */
export function ago(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000);
  const distance = Math.abs(seconds);
  // Two clocks, and one that moves in steps: what is a moment ahead is now.
  if (seconds < 2 && seconds > -clockSlack) return 'now';
  const step = steps.find(([limit]) => distance < limit);
  const text =
    step === undefined
      ? `${Math.round(distance / (30 * 86_400))} months`
      : `${Math.floor(distance / step[1])} ${step[2]}`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
}

export type Zone = 'utc' | 'local';

/** The exact time in the chosen zone: "2025-11-08 14:03:22 UTC", or with the offset: "… +01:00". */
export function exact(at: string, zone: Zone): string {
  const time = new Date(at);
  if (zone === 'utc') return `${time.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const minutes = -time.getTimezoneOffset();
  const shifted = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const sign = minutes < 0 ? '-' : '+';
  return `${shifted} ${sign}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

const minute = 60_000;

/** Where the 24 hours before `now` (milliseconds) begin: at a whole minute, as the control plane counts them. */
export function dayAgo(now: number): string {
  return new Date(Math.floor((now - 24 * 60 * minute) / minute) * minute).toISOString();
}

/** When a day (YYYY-MM-DD) of this device's calendar is over, as ISO 8601. */
export function endOfDay(bucket: string): string {
  const [year = 0, month = 1, date = 1] = bucket.split('-').map(Number);
  return new Date(year, month - 1, date + 1).toISOString();
}

const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** A day bucket (YYYY-MM-DD): "8 Nov". */
export function day(bucket: string): string {
  return days.format(new Date(`${bucket}T00:00:00Z`));
}

/** An id short enough for a table; the whole one stays in the title or behind the link. */
export function shortId(id: string): string {
  return id.length <= 13 ? id : `${id.slice(0, 8)}…${id.slice(-4)}`;
}
