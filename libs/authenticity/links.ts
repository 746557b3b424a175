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
}

const MOST_LINKS = 2_000;
const LONGEST = 2_000;
const URLS = /\b(?:https?:\/\/|www\.)[^\s<>"'\])}]{1,2000}/gi;

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
  for (const url of mail.text.matchAll(URLS)) add(url[0], 'text');
  const seen = readHtml(mail.html, add);
  for (const part of mail.parts) {
    if (part.type === 'text/calendar' || /\.ics$/i.test(part.name))
      for (const url of Buffer.from(part.bytes.subarray(0, 500_000)).toString().matchAll(URLS))
        add(url[0], 'calendar');
  }
  for (const found of qrIn(mail.parts)) add(found, 'qr', found);
  return { links, text: seen, cut };
}

/** Null: it leads nowhere (an anchor within the message). */
export function linkOf(href: string, from: Link['from'], shown = ''): Link | null {
  // Browsers leave these out, wherever they stand.
  const clean = href.replaceAll(/[\t\n\r]/g, '').trim();
  if (clean === '' || clean.startsWith('#')) return null;
  const text = /^www\./i.test(clean) ? `http://${clean}` : clean;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  const link = { href: clean.slice(0, LONGEST), scheme, from, shown: shown.slice(0, 500) };
  if (!URL.canParse(text)) return { ...link, host: null, hasUser: false };
  const url = new URL(text);
  const host = url.hostname === '' ? null : asciiHost(url.hostname.replace(/^\[|\]$/g, ''));
  return { ...link, host: scheme === 'mailto' ? null : host, hasUser: url.username !== '' };
}

/** Adds the links of an HTML text, and gives what is read in it. */
function readHtml(html: string, add: (href: string, from: Link['from'], shown?: string) => void): string {
  let text = '';
  let anchor: { href: string; shown: string } | null = null;
  let hidden = 0;
  const close = (): void => {
    if (anchor !== null) add(anchor.href, 'anchor', anchor.shown.replaceAll(/\s+/g, ' ').trim());
    anchor = null;
  };
  const parser = new Parser(
    {
      onopentag: (name, attributes) => {
        if (name === 'style' || name === 'script' || name === 'title') hidden++;
        const { href, action, formaction, content } = attributes;
        if ((name === 'a' || name === 'area') && href !== undefined) {
          close();
          anchor = { href, shown: '' };
        }
        if (name === 'img' && anchor !== null) anchor.shown += ` ${attributes.alt ?? ''} `;
        if (name === 'form' && action !== undefined) add(action, 'form');
        if (formaction !== undefined) add(formaction, 'form');
        if (name === 'meta' && /^refresh$/i.test(attributes['http-equiv'] ?? '')) {
          const to = /url\s*=\s*(.+)$/i.exec(content ?? '')?.[1];
          if (to !== undefined) add(to, 'refresh');
        }
        if (/^(?:p|div|br|tr|li|h[1-6]|td|table)$/.test(name)) text += '\n';
      },
      ontext: (given) => {
        if (hidden > 0) return;
        text += given;
        if (anchor !== null) anchor.shown += given;
      },
      onclosetag: (name) => {
        if (name === 'style' || name === 'script' || name === 'title') hidden = Math.max(0, hidden - 1);
        if (name === 'a') close();
      },
    },
    { decodeEntities: true, lowerCaseTags: true },
  );
  parser.write(html);
  parser.end();
  close();
  return text;
}
