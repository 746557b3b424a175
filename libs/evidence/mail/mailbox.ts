import type { Format, Reader, ReadOptions } from '../format.ts';
import { isOwn, placeOf } from '../host.ts';
import { Lines } from '../lines.ts';
import { ownOf } from '../seen-host.ts';
import { timeOf } from '../time.ts';
import type { Traces } from '../trace.ts';
import { aboutOf, decodedWords } from './words.ts';

const HEADER =
  /^(?:From|Date|Subject|Received|Return-Path|Message-ID|DKIM-Signature|MIME-Version|Delivered-To|To|X-[\w-]+|ARC-[\w-]+): /im;

/**
 * Mail: a mailbox (`mbox`, also of Google Takeout) or one message (`.eml`). Of each message its sender's domain, what it is about,
 * and when; no address, no subject, no text is kept. `signed` says whether a DKIM signature of that domain is there; it is not
 * checked, and a sender without one may be anybody.
 */
export const mailbox: Format = {
  id: 'mbox',
  name: 'Mailbox (mbox) or message (eml)',
  fits: (name, head) => {
    if (/^(?:>?From \S+ .*\r?\n)(?:[A-Za-z][\w-]*:|>From )/.test(head)) return 0.97;
    if (!HEADER.test(head.slice(0, 4096)) || !/^from:/im.test(head)) return 0;
    return /\.(?:eml|mbox|mbx)$/i.test(name)
      ? 0.96
      : /^[A-Za-z-]+: .*\r?\n(?:[A-Za-z-]+: |\s)/.test(head)
        ? 0.6
        : 0;
  },
  reader: (traces, options) => new Mailbox(traces, options),
};

/** Where people, not companies, have their addresses: a message from there tells of no vendor. */
const peoples =
  /^(?:gmail|googlemail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|mac|aol|gmx|web|t-online|freenet|posteo|mailbox|proton|protonmail|pm|mail|yandex|zoho)\.(?:com|de|at|ch|net|org|me|ru|fr|it|es|co\.uk)$/;

const LONGEST_HEADER = 16 * 1024;
const FROM_LINE = Buffer.from('From ');
const WANTED = ['from', 'date', 'subject', 'dkim-signature'] as const;
type Wanted = (typeof WANTED)[number];

class Mailbox implements Reader {
  readonly #traces: Traces;
  readonly #own: readonly string[];
  readonly #lines: Lines;
  #isInHeaders = true;
  #isAfterBlank = true;
  #began = 1;
  /** The first of each but signatures, of which there may be several. */
  #headers = new Map<Wanted, string>();
  /** A header was too long to be read: what it said is not known. */
  #cut = false;
  /** The header that a folded line goes on. */
  #open: { name: Wanted; text: string } | null = null;

  constructor(traces: Traces, options: ReadOptions) {
    this.#traces = traces;
    this.#own = ownOf(options);
    this.#lines = new Lines({
      line: (bytes, start, end, line) => this.#line(bytes, start, end, line),
      // In a body it is nothing that is read.
      tooLong: (line) => {
        this.#isAfterBlank = false;
        if (this.#isInHeaders) traces.skip(line, 'the line of a header is too long');
      },
    });
  }

  get lines(): number {
    return this.#lines.count;
  }

  write(chunk: Uint8Array): void {
    this.#lines.write(chunk);
  }

  end(): void {
    this.#lines.end();
    if (this.#isInHeaders) this.#endHeaders();
  }

  #line(bytes: Buffer, start: number, end: number, line: number): void {
    if (
      this.#isAfterBlank &&
      bytes[start] === 70 &&
      bytes.compare(FROM_LINE, 0, 5, start, Math.min(end, start + 5)) === 0
    ) {
      if (this.#isInHeaders) this.#endHeaders();
      this.#isInHeaders = true;
      this.#isAfterBlank = false;
      this.#began = line;
      return;
    }
    if (!this.#isInHeaders) {
      this.#isAfterBlank = start === end;
      return;
    }
    this.#isAfterBlank = start === end;
    if (start === end) {
      // Blank lines before the first header are none's end.
      if (this.#headers.size > 0 || this.#open !== null || this.#cut) this.#endHeaders();
      return;
    }
    this.#header(bytes, start, end);
  }

  #header(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] === 32 || bytes[start] === 9) {
      if (this.#open !== null && this.#open.text.length + end - start < LONGEST_HEADER) {
        this.#open.text += ` ${bytes.toString('utf8', start, end).trim()}`;
      }
      return;
    }
    this.#keepOpen();
    if (end - start > LONGEST_HEADER) {
      this.#cut = true;
      return;
    }
    const text = bytes.toString('utf8', start, end);
    const colon = text.indexOf(':');
    const name = WANTED.find((wanted) => wanted === text.slice(0, colon).toLowerCase());
    if (name !== undefined) this.#open = { name, text: text.slice(colon + 1).trim() };
  }

  #keepOpen(): void {
    const open = this.#open;
    this.#open = null;
    if (open === null) return;
    const before = this.#headers.get(open.name);
    if (before === undefined) this.#headers.set(open.name, open.text);
    else if (open.name === 'dkim-signature' && before.length < LONGEST_HEADER) {
      this.#headers.set(open.name, `${before};${open.text}`);
    }
  }

  #endHeaders(): void {
    this.#keepOpen();
    this.#isInHeaders = false;
    const headers = this.#headers;
    const cut = this.#cut;
    this.#headers = new Map();
    this.#cut = false;
    if (headers.size === 0 && !cut) return;
    const from = headers.get('from');
    if (from === undefined) {
      this.#traces.skip(
        this.#began,
        cut ? 'a header is longer than is read' : 'the message has no sender',
        'From',
      );
      return;
    }
    const domain = domainOf(from);
    if (domain === null) {
      this.#traces.skip(this.#began, 'the sender has no domain', 'From');
      return;
    }
    if (peoples.test(domain) || isOwn(domain, this.#own)) return;
    const date = headers.get('date');
    const at = timeOf(date);
    if (at === undefined && date !== undefined)
      this.#traces.skip(this.#began, 'the date is unreadable', 'Date');
    this.#traces.saw({
      kind: 'sender',
      value: domain,
      grade: 'observed',
      line: this.#began,
      ...(at === undefined ? {} : { at }),
      detail: {
        about: aboutOf(decodedWords(headers.get('subject') ?? '')),
        signed: isSigned(headers.get('dkim-signature') ?? '', domain) ? 'yes' : 'no',
      },
    });
  }
}

/** The domain of `Name <who@domain>` or `who@domain`; a name that looks like an address is none. */
function domainOf(from: string): string | null {
  const [, domain] =
    /<[^<>@]*@([^<>@\s]+)>/.exec(from.slice(from.lastIndexOf('<'))) ??
    /^[^\s@"<>]+@([^\s@"<>,;()]+)/.exec(from) ??
    [];
  const place = placeOf(domain ?? '');
  return typeof place === 'object' && 'host' in place ? place.host : null;
}

function isSigned(signatures: string, domain: string): boolean {
  for (const [, signer = ''] of signatures.matchAll(/(?:^|;)\s*d\s*=\s*([^\s;]{1,253})/gi)) {
    const name = signer.toLowerCase();
    if (name.includes('.') && isOwn(domain, [name])) return true;
  }
  return false;
}
