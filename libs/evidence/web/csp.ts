import type { Format } from '../format.ts';
import { targetOf } from '../host.ts';
import { lineReader } from '../line-reader.ts';
import { Hosts } from '../seen-host.ts';

/**
 * Directives that name where a page may talk to (https://www.w3.org/TR/CSP3/), also as configurations spell them (`connectSrc`).
 * Who may frame the page (`frame-ancestors`) is no vendor of its.
 */
const DIRECTIVE =
  /(?<![\w-])(?:(?:default|connect|script|style|img|font|frame|child|fenced-frame|media|object|worker|manifest|prefetch)(?:-src(?:-elem|-attr)?|Src(?:Elem|Attr)?)|form-action|formAction|report-uri|reportUri)(?![\w-])/g;
/** Ends the list of a directive. */
const LIST_END = /[;`>{}\]]/;
const SOURCE =
  /^(?:(?:https?|wss?):\/\/)?(?:\*\.)?[^\s/:*$@]+\.[^\s/:*$@]+(?::(?:\d{1,5}|\*))?(?:[/?#].*)?$/i;
const HEADER_LINE = /^\s*[A-Za-z][A-Za-z0-9-]*:(?:\s|$)/;
/** A list that goes on for longer has lost its end. */
const MOST_LINES = 200;

/**
 * Content security policies: a header, a file of headers (`_headers`), nginx's `add_header`, `<meta http-equiv>`, or a text in a
 * configuration's source. A wildcard's name stands for all below it.
 */
export const csp: Format = {
  id: 'csp',
  name: 'Content security policy',
  fits: (name, head) => {
    const isPolicy = head.search(DIRECTIVE) !== -1;
    if (!isPolicy) return 0;
    if (/content-?security-?policy/i.test(head)) return 0.8;
    if (/^\s*["']?[a-z]+-src\s[^\n]*/.test(head)) return 0.7;
    return /(?:csp|headers|helmet)[^/]*$/i.test(name) ? 0.5 : 0;
  },
  reader: (traces, options) => {
    const hosts = new Hosts(traces, options, 'csp', 'configured');
    /** Lines that the list of a directive has gone on for; null: outside of one. */
    let within: number | null = null;
    return lineReader(traces, (text, line) => {
      if (within !== null && (within > MOST_LINES || HEADER_LINE.test(text))) within = null;
      let from = 0;
      if (within !== null) {
        const next = text.search(DIRECTIVE);
        within = sources(text.slice(0, next === -1 ? undefined : next), line, hosts) ? null : within + 1;
      }
      for (const match of text.matchAll(DIRECTIVE)) {
        from = match.index + match[0].length;
        DIRECTIVE.lastIndex = 0;
        const rest = text.slice(from);
        const next = rest.search(DIRECTIVE);
        // `connectSrc: [` and `"connect-src": [`
        const list = (next === -1 ? rest : rest.slice(0, next)).replace(/^["']?\s*[:=]?\s*\[?/, '');
        within = sources(list, line, hosts) ? null : 0;
      }
    });
  },
};

/** Tells the hosts of a list; whether it ends here. */
function sources(text: string, line: number, hosts: Hosts): boolean {
  // `${…}` is filled in elsewhere.
  const plain = text.replace(/\$\{[^}]*\}/g, ' $ ');
  const end = plain.search(LIST_END);
  for (const token of (end === -1 ? plain : plain.slice(0, end)).split(/[\s"',()[\]<]+/)) {
    if (!SOURCE.test(token) || token.includes('$')) continue;
    const target = targetOf(token.replace('*.', '').replace(':*', ''));
    if (typeof target.place === 'object' && 'host' in target.place) hosts.target(target, { line });
  }
  return end !== -1;
}
