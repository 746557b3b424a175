import { Temporal } from 'temporal-polyfill';

/** An instant as facts give it: a date, a time, and where that was, as an offset or Z. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;
const WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$/;
const EARLIEST = Temporal.Instant.from('1990-01-01T00:00Z').epochMilliseconds;
const LATEST = Temporal.Instant.from('2100-01-01T00:00Z').epochMilliseconds;

const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Reads an instant; a string says what is wrong with it. */
export function readInstant(text: string): Temporal.Instant | string {
  if (WITHOUT_ZONE.test(text))
    return 'says no time zone: give date, time and offset, as 2025-11-08T14:10:00+01:00';
  if (!INSTANT.test(text)) return 'is no time with an offset, as 2025-11-08T14:10:00+01:00';
  let instant: Temporal.Instant;
  try {
    instant = Temporal.Instant.from(text);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return 'is no time that there is in a calendar';
  }
  const at = instant.epochMilliseconds;
  return at < EARLIEST || at >= LATEST ? 'lies before 1990 or after 2099' : instant;
}

/** Milliseconds since 1970 of an instant as facts give it; a string says what is wrong with it. */
export function readTime(text: string): number | string {
  const instant = readInstant(text);
  return typeof instant === 'string' ? instant : instant.epochMilliseconds;
}

/** A zone of the IANA database, as Node knows it. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    // Offsets are zones to Intl, too: they know nothing of the change of clocks.
    return !/^[+-]/.test(name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}

/** `2025-11-11T14:10:00+01:00`: the offset that a zone has at that instant. */
export function isoOf(instant: Temporal.Instant, zone: string): string {
  return instant.toString({ timeZone: zone, smallestUnit: 'second' });
}

/** `Sat 8 Nov 2025` */
export function dayText(day: Temporal.PlainDate): string {
  return `${weekdays[day.dayOfWeek - 1]} ${day.day} ${months[day.month - 1]} ${day.year}`;
}

/** `Sat 8 Nov 2025 14:10 CET`, with seconds where they are not 0. */
export function instantText(instant: Temporal.Instant, zone: string): string {
  const at = instant.toZonedDateTimeISO(zone);
  const two = (n: number): string => String(n).padStart(2, '0');
  const seconds = at.second === 0 ? '' : `:${two(at.second)}`;
  return `${dayText(at.toPlainDate())} ${two(at.hour)}:${two(at.minute)}${seconds} ${abbreviation(at)}`;
}

const formats = new Map<string, readonly Intl.DateTimeFormat[]>();
/** By zone, offset and year: within a year, a zone has one name for each of its offsets. */
const abbreviations = new Map<string, string>();

/** `CET`, `EST`; an offset where English has no letters for a zone. */
function abbreviation(at: Temporal.ZonedDateTime): string {
  const key = `${at.timeZoneId} ${at.offsetNanoseconds} ${at.year}`;
  let name = abbreviations.get(key);
  if (name === undefined) {
    name = readAbbreviation(at.epochMilliseconds, at.timeZoneId);
    abbreviations.set(key, name);
  }
  return name;
}

function readAbbreviation(at: number, zone: string): string {
  let both = formats.get(zone);
  if (both === undefined) {
    both = ['en-GB', 'en-US'].map(
      (locale) => new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' }),
    );
    formats.set(zone, both);
  }
  let last = '';
  for (const format of both) {
    last = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? last;
    if (!/^(?:GMT|UTC)[+-]/.test(last)) return last;
  }
  return last;
}

/** The end of a day: 24:00 is the first instant of the next one. `at`: `24:00` or a time of that day, as `17:30`. */
export function endOfDay(day: Temporal.PlainDate, at: string, zone: string): Temporal.Instant {
  if (at === '24:00') return day.add({ days: 1 }).toZonedDateTime(zone).toInstant();
  return day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(at) }).toInstant();
}

/** `Sat 25 Dec 2027 24:00 CET`: the day that ends, not the one that begins. */
export function endText(day: Temporal.PlainDate, at: string, zone: string): string {
  // A minute before, so that the letters are those of the day that ends.
  const within = endOfDay(day, at, zone).subtract({ minutes: 1 });
  return `${dayText(day)} ${at} ${abbreviation(within.toZonedDateTimeISO(zone))}`;
}
