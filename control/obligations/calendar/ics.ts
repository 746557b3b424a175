/** Calendars as RFC 5545 writes them. Pure. */

export interface CalendarEvent {
  /** Stays the same for as long as it is the same clock (3.8.4.7). */
  uid: string;
  /** Grows with each change (3.8.7.4). */
  sequence: number;
  changedAt: Date;
  at: Date;
  summary: string;
  description: string;
  url: string | null;
  /** Seconds before it at which a calendar alarms; none where nothing is to be done. */
  alarms: readonly number[];
}

export interface CalendarFile {
  name: string;
  events: readonly CalendarEvent[];
}

const MOST_OCTETS = 75;

/** TEXT (3.3.11): what has a meaning of its own is escaped, and what no text has is left out. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n]/gu, ' ')
    .replaceAll(/[\\;,]/g, (one) => `\\${one}`)
    .replaceAll('\n', '\\n');
}

/** A content line in pieces of at most 75 octets (3.1), never within a character. */
export function fold(line: string): string {
  const pieces: string[] = [];
  let piece = '';
  let octets = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (octets + size > MOST_OCTETS) {
      pieces.push(piece);
      piece = ' ';
      octets = 1;
    }
    piece += character;
    octets += size;
  }
  return [...pieces, piece].join('\r\n');
}

/** DATE-TIME in UTC, form 2 (3.3.5). */
export const utc = (at: Date): string => `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;

/** DURATION (3.3.6) before something. */
export function before(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), 'H'],
    [Math.floor((seconds % 3600) / 60), 'M'],
    [seconds % 60, 'S'],
  ] as const;
  const written = parts.flatMap(([n, unit]) => (n === 0 ? [] : [`${n}${unit}`])).join('');
  return written === '' ? 'PT0S' : `-PT${written}`;
}

/** The whole calendar, with CRLF. */
export function calendarText({ name, events }: CalendarFile): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Drawbridge//Clocks of incidents//EN',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escapeText(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT15M',
    'X-PUBLISHED-TTL:PT15M',
    ...events.flatMap(eventLines),
    'END:VCALENDAR',
  ];
  return `${lines.map(fold).join('\r\n')}\r\n`;
}

function eventLines({
  uid,
  sequence,
  changedAt,
  at,
  summary,
  description,
  url,
  alarms,
}: CalendarEvent): string[] {
  return [
    'BEGIN:VEVENT',
    `UID:${escapeText(uid)}`,
    `DTSTAMP:${utc(changedAt)}`,
    `LAST-MODIFIED:${utc(changedAt)}`,
    `SEQUENCE:${sequence}`,
    // Without an end it takes no time: a moment (3.6.1).
    `DTSTART:${utc(at)}`,
    `SUMMARY:${escapeText(summary)}`,
    `DESCRIPTION:${escapeText(description)}`,
    ...(url === null ? [] : [`URL:${url}`]),
    'TRANSP:TRANSPARENT',
    'CLASS:CONFIDENTIAL',
    ...alarms.flatMap((seconds) => [
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      `DESCRIPTION:${escapeText(summary)}`,
      `TRIGGER:${before(seconds)}`,
      'END:VALARM',
    ]),
    'END:VEVENT',
  ];
}
