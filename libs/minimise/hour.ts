const ISO = /^(\d{4}-\d\d-\d\d[T ]\d\d):\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?$/;
const DATE = /^\d{4}-\d\d-\d\d$/;
const NUMBER = /^\d{1,16}(?:\.\d{1,9})?$/;
/** Seconds since 1970 stay below this until the year 5138; milliseconds are above it since 1973. */
const FIRST_MILLISECOND = 100_000_000_000;

/** A time to the hour it lies in, in the form in which it came: seconds, milliseconds or ISO 8601. Null: no time. */
export function hourOf(text: string): string | null {
  if (text.length > 40) return null;
  if (NUMBER.test(text)) {
    const value = Number(text);
    const hour = value >= FIRST_MILLISECOND ? 3_600_000 : 3600;
    return String(Math.floor(value / hour) * hour);
  }
  if (DATE.test(text)) return text;
  const iso = ISO.exec(text);
  return iso?.[1] === undefined ? null : `${iso[1]}:00:00${iso[2] ?? ''}`;
}
