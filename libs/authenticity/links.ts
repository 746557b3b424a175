import { Parser } from 'htmlparser2';
import { asciiHost } from './domains.ts';
import type { Mail } from './mail.ts';
import { qrIn } from './qr.ts';

/** Where a message would lead: links of its text, HTML, calendar entries and QR images. None is followed. */

export interface Link {
  /** As it stands, at most 2,000 characters. */
  href: string;
  /** Null: it leads to no host (`data:`, `javascript:`, `tel:`). */
  host: string | null;
  scheme: string;
  from: 'text' | 'anchor' | 'form' | 'calendar' | 'qr' | 'refresh';
  /** What is shown in its place. */
  shown: string;
  /** A name and password before the host: made to look like another one. */
  hasUser: boolean;
}

export interface Seen {
  links: Link[];
  /** What a person reads in the HTML. */
  text: string;
  /** More links than are looked at. */
  cut: boolean;
  /** HTML that lies deeper than is read, or images that could hold a code and were not looked at. */
  unread: boolean;
}

const MOST_LINKS = 2_000;
const LONGEST = 2_000;
/** Deeper HTML is no letter: a parser looks through all that is open for each end that has no beginning. */
const DEEPEST = 2_000;
const CHUNK = 16_384;
/** With a scheme, or as programs make links of what people write: a host, and a path. */
const URLS =
  /\b(?:https?:\/\/|www\.)[^\s<>"'\])}]{1,2000}|(?<![\w@.:/-])(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}\/[^\s<>"'\])}]{1,2000}/gi;
const withScheme = (url: string): string => (/^(?:https?:|www\.)/i.test(url) ? url : `http://${url}`);

export function linksOf(mail: Mail): Seen {
  const links: Link[] = [];
  let cut = false;
  const add = (href: string, from: Link['from'], shown = ''): void => {
    if (links.length >= MOST_LINKS) {
      cut = true;
      return;
    }
    const link = linkOf(href, from, shown);
    if (link !== null) links.push(link);
  };
  for (const url of mail.text.matchAll(URLS)) add(withScheme(url[0]), 'text');
  const seen = readHtml(mail.html, add);
  for (const part of mail.parts) {
    if (part.type === 'text/calendar' || /\.ics$/i.test(part.name))
      for (const url of Buffer.from(part.bytes.subarray(0, 500_000)).toString().matchAll(URLS))
        add(withScheme(url[0]), 'calendar');
  }
  const codes = qrIn(mail.parts);
  for (const found of codes.found) add(found, 'qr', found);
  return { links, text: seen.text, cut, unread: seen.tooDeep || codes.unread > 0 };
}

/** Null: it leads nowhere (an anchor within the message). */
export function linkOf(href: string, from: Link['from'], shown = ''): Link | null {
  // Browsers leave these out, wherever they stand.
  const clean = href.replaceAll(/[\t\n\r]/g, '').trim();
  if (clean === '' || clean.startsWith('#')) return null;
  // `//host/path` takes the scheme of the page; of a mail there is none, and programs take https.
  const text = /^www\./i.test(clean)
    ? `http://${clean}`
    : /^[\\/]{2}/.test(clean)
      ? `https://${clean.slice(2)}`
      : clean;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  const link = { href: clean.slice(0, LONGEST), scheme, from, shown: shown.slice(0, 500) };
  if (!URL.canParse(text)) return { ...link, host: null, hasUser: false };
  const url = new URL(text);
  const host = url.hostname === '' ? null : asciiHost(url.hostname.replace(/^\[|\]$/g, ''));
  return { ...link, host: scheme === 'mailto' ? null : host, hasUser: url.username !== '' };
}

interface ReadHtml {
  text: string;
  /** It was not read to its end. */
  tooDeep: boolean;
}

/** Adds the links of an HTML text, and gives what is read in it. Comments that some programs show (`<!--[if mso]>`) are read too. */
function readHtml(
  html: string,
  add: (href: string, from: Link['from'], shown?: string) => void,
  isWithin = false,
): ReadHtml {
  const pieces: string[] = [];
  let anchor: { href: string; shown: string[]; length: number } | null = null;
  let hidden = 0;
  let depth = 0;
  let tooDeep = false;
  const show = (text: string): void => {
    if (anchor === null || anchor.length > LONGEST) return;
    anchor.shown.push(text);
    anchor.length += text.length;
  };
  const close = (): void => {
    if (anchor !== null) add(anchor.href, 'anchor', anchor.shown.join('').replaceAll(/\s+/g, ' ').trim());
    anchor = null;
  };
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        depth++;
        if (name === 'style' || name === 'script' || name === 'title') hidden++;
        const { action, formaction, content } = attributes;
        const href = attributes.href ?? attributes['xlink:href'];
        if ((name === 'a' || name === 'area') && href !== undefined) {
          close();
          anchor = { href, shown: [], length: 0 };
        }
        // Every link that has no host of its own leads there.
        if (name === 'base' && href !== undefined) add(href, 'anchor');
        if (name === 'img') show(` ${attributes.alt ?? ''} `);
        if (name === 'form' && action !== undefined) add(action, 'form');
        if (formaction !== undefined) add(formaction, 'form');
        if (name === 'meta' && /^refresh$/i.test(attributes['http-equiv'] ?? '')) {
          const to = /url\s*=\s*(.+)$/i.exec(content ?? '')?.[1];
          if (to !== undefined) add(to, 'refresh');
        }
        if (/^(?:p|div|br|tr|li|h[1-6]|td|table)$/.test(name)) pieces.push('\n');
      },
      ontext: (given) => {
        if (hidden > 0) return;
        pieces.push(given);
        show(given);
      },
      oncomment: (given) => {
        if (isWithin || !/^\s*\[if\b/i.test(given)) return;
        const within = readHtml(given.replace(/^[^>]*>/, ''), add, true);
        pieces.push(within.text);
        tooDeep ||= within.tooDeep;
      },
      onclosetag: (name) => {
        depth--;
        if (name === 'style' || name === 'script' || name === 'title') hidden = Math.max(0, hidden - 1);
        if (name === 'a') close();
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  for (let at = 0; at < html.length && !tooDeep; at += CHUNK) {
    parser.write(html.slice(at, at + CHUNK));
    if (depth > DEEPEST) tooDeep = true;
  }
  if (!tooDeep) parser.end();
  close();
  return { text: pieces.join(''), tooDeep };
}
