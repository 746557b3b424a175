import type { Cell, ListRow } from './read.ts';

type Kind = keyof ListRow;

/** What a column's head means, the first that fits: a "Data location" is a location, a "Service provider" a name. */
const heads: readonly (readonly [Kind, RegExp])[] = [
  ['location', /locat|countr|region|jurisdiction|hosted|where|residen|\bsitz\b|standort|\bland\b/],
  ['url', /\burl\b|website|web site|homepage|\blink\b/],
  ['purpose', /purpose|activit|function|descri|nature|subject matter|zweck/],
  ['data', /data|information|content/],
  [
    'name',
    /sub-? ?processor|entit|vendor|company|\bname|supplier|provider|part(?:y|ies|ner)|organi[sz]ation/,
  ],
  ['purpose', /service|processing|\buse|used for|\brole\b/],
  ['conditions', /condition|applic|product|\bplan\b|when|feature|option|scope/],
];

const LONGEST = 500;

/** What each column holds, by the heads; each kind once. Null: none of them holds names. */
export function kindsOf(texts: readonly string[]): (Kind | null)[] | null {
  const taken = new Set<Kind>();
  const kinds = texts.map((text) => {
    const head = text.slice(0, 200).toLowerCase();
    const kind = heads.find(([one, pattern]) => !taken.has(one) && pattern.test(head))?.[0] ?? null;
    if (kind !== null) taken.add(kind);
    return kind;
  });
  return taken.has('name') ? kinds : null;
}

export function rowOf(cells: readonly Cell[], kinds: readonly (Kind | null)[]): ListRow {
  const row = emptyRow();
  for (const [place, kind] of kinds.entries()) {
    const cell = cells[place];
    if (kind === null || cell === undefined) continue;
    row[kind] = kind === 'url' ? webUrl(cell.url === '' ? cell.text : cell.url) : plain(cell.text);
    if (kind === 'name' && row.url === '') row.url = webUrl(cell.url);
  }
  return row;
}

export const emptyRow = (): ListRow => ({
  name: '',
  purpose: '',
  location: '',
  data: '',
  conditions: '',
  url: '',
});

/** One line of text without characters that change how others are shown, at most 500 of them. */
export const plain = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ')
    .trim()
    .slice(0, LONGEST)
    .replace(/[\uD800-\uDBFF]$/, '');

/** An address of the web, or `''`: a list may hold what a browser would run. */
export function webUrl(text: string): string {
  const given = text.trim();
  if (given === '' || given.length > LONGEST) return '';
  const url = URL.parse(/^[\w-]+(\.[\w-]+)+(\/|$)/.test(given) ? `https://${given}` : given);
  return url !== null && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : '';
}
