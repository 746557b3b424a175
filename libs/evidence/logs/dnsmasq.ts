import type { Format } from '../format.ts';
import { lineReader } from '../line-reader.ts';
import { Hosts } from '../seen-host.ts';
import { monthNames } from '../time.ts';

const LINE =
  /(?:^|\s)dnsmasq(?:\[\d+\])?: (?:\d+ \S+ )?(query\[[A-Z0-9=]{1,16}\]|reply|cached) (\S+) (from|is) (\S+)\s*$/;
const HEAD =
  /dnsmasq(?:\[\d+\])?: (?:\d+ \S+ )?(?:query\[[A-Z0-9=]+\]|reply|cached|forwarded) \S+ (?:from|is|to) \S+/;
const DATE = /^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) /;
const DAY_MS = 86_400_000;

/**
 * The log of dnsmasq and Pi-hole: `Nov  2 10:00:00 dnsmasq[123]: query[A] api.example.com from 192.168.0.7`. Answers give the
 * addresses. Its times lack a year: with `year` the first line is of that year, and a step back of months is a new year.
 */
export const dnsmasq: Format = {
  id: 'dnsmasq',
  name: 'dnsmasq or Pi-hole log',
  fits: (_name, head) => (HEAD.test(head) ? 0.95 : 0),
  reader: (traces, options) => {
    const hosts = new Hosts(traces, options, 'dnsmasq');
    const timed = clockOf(options.year);
    return lineReader(traces, (text, line) => {
      const at = timed(text);
      const [, what, name, , from] = LINE.exec(text) ?? [];
      if (what === undefined || name === undefined || from === undefined) return;
      if (what.startsWith('query')) {
        // Reverse look-ups name who was talked to by address only.
        if (what !== 'query[PTR]') hosts.name(name, { line, at }, 'query');
      } else if (/^[0-9a-f.:]+$/i.test(from)) hosts.name(name, { line, at, address: from }, 'reply');
    });
  },
};

/** Reads the time of a line, lines in order. */
function clockOf(begin: number | undefined): (text: string) => number | undefined {
  let year = begin;
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const [, monthName = '', day, hour, minute, second] = DATE.exec(text) ?? [];
    const month = monthNames.indexOf(monthName.toLowerCase());
    if (year === undefined || month === -1) return undefined;
    const timeIn = (of: number) =>
      Date.UTC(of, month, Number(day), Number(hour), Number(minute), Number(second));
    if (timeIn(year) < last - 180 * DAY_MS) year += 1;
    const time = timeIn(year);
    last = time;
    return time;
  };
}
