/** Times outside of these are mistakes: 1990 and 2100. */
const EARLIEST = 631_152_000_000;
const LATEST = 4_102_444_800_000;

export const monthNames = [
  'jan',
  'feb',
  'mar',
  'apr',
  'may',
  'jun',
  'jul',
  'aug',
  'sep',
  'oct',
  'nov',
  'dec',
];

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(?:(Z|UTC|GMT)|([+-]\d{2}):?(\d{2})?)?$/i;
const GERMAN = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/;
const MAIL =
  /^(?:[a-z]{3},?\s+)?(\d{1,2})[ /-]([a-z]{3})[a-z]*[ /-](\d{4})(?:[ :](\d{1,2}):(\d{2})(?::(\d{2}))?)?\s*(?:([+-]\d{2}):?(\d{2})|[a-z]{1,5})?(?:\s*\([^)]{0,40}\))?$/i;

/**
 * Milliseconds since 1970 of a time as logs, exports and mail write it: seconds (with a fraction), milliseconds, micro- or
 * nanoseconds since 1970; ISO 8601 with or without a zone; `02.11.2026 10:00`; `Mon, 2 Nov 2026 10:00:00 +0100`;
 * `02/Nov/2026:10:00:00 +0100`. Without a zone it is UTC. `undefined`: none of these, or not between 1990 and 2100.
 */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return sensible(fromNumber(value));
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const text = value.trim();
  if (/^\d{9,19}(?:\.\d{1,9})?$/.test(text)) return sensible(fromNumber(Number(text)));
  const iso = ISO.exec(text);
  if (iso !== null) {
    const [, year, month, day, hour, minute, second, part, , zone, zoneMinutes] = iso;
    const ms = part === undefined ? 0 : Math.floor(Number(`0.${part}`) * 1000);
    return at([year, month, day], [hour, minute, second], ms, zone, zoneMinutes);
  }
  const german = GERMAN.exec(text);
  if (german !== null) {
    const [, day, month, year, hour, minute, second] = german;
    return at([year, month, day], [hour, minute, second], 0);
  }
  const mail = MAIL.exec(text);
  if (mail === null) return undefined;
  const [, day, name = '', year, hour, minute, second, zone, zoneMinutes] = mail;
  const month = monthNames.indexOf(name.toLowerCase()) + 1;
  return month === 0
    ? undefined
    : at([year, String(month), day], [hour, minute, second], 0, zone, zoneMinutes);
}

function fromNumber(value: number): number {
  if (value >= 1e17) return Math.floor(value / 1e6);
  if (value >= 1e14) return Math.floor(value / 1e3);
  return Math.floor(value >= 1e11 ? value : value * 1000);
}

type Part = string | undefined;

function at(
  date: readonly Part[],
  clock: readonly Part[],
  ms: number,
  zone?: Part,
  zoneMinutes?: Part,
): number | undefined {
  const [year = 0, month = 0, day = 0] = date.map(Number);
  const [hour = 0, minute = 0, second = 0] = clock.map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const offset =
    zone === undefined ? 0 : Number(zone) * 60 + Math.sign(Number(`${zone}1`)) * Number(zoneMinutes ?? 0);
  return sensible(Date.UTC(year, month - 1, day, hour, minute, second, ms) - offset * 60_000);
}

function sensible(ms: number): number | undefined {
  return ms >= EARLIEST && ms < LATEST ? ms : undefined;
}
