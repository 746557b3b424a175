import { parse } from 'tldts';
import { languageWords } from './language.ts';
import { blocksOf } from './markup.ts';
import type { Sheet } from './sheet.ts';
import type { Language } from './tables.ts';
import type { Template } from './template.ts';

/** What keeps a notice from being handed on for review, and what its writer should look at. */
export interface NoticeProblem {
  code: 'link' | 'absence' | 'section' | 'untranslated' | 'drill' | 'page' | 'left_open';
  text: string;
  blocking: boolean;
}

export interface Checked {
  subject: string;
  text: string;
  template: Template;
  language: Language;
  sheet: Sheet;
  informationPage: string;
  isDrill: boolean;
  untranslated: readonly string[];
}

export function problemsIn(notice: Checked): NoticeProblem[] {
  const { subject, text, template, language, sheet, informationPage, isDrill, untranslated } = notice;
  const words = languageWords[language];
  const problems: NoticeProblem[] = [];
  const add = (code: NoticeProblem['code'], said: string, blocking = true): void => {
    problems.push({ code, text: said, blocking });
  };
  if (template.for !== 'authority' && template.for !== 'vendor') {
    for (const link of foreignLinks(`${subject}\n${text}`, informationPage)) {
      add(
        'link',
        `“${link}” is a link, or becomes one. Readers are sent nowhere but to the organisation’s own information page.`,
      );
    }
  }
  const isSupported = sheet.notAffected.some(({ basis }) => basis !== 'no_record');
  const claimed = blocksOf(text)
    .flatMap((block) => (block.kind === 'heading' ? [] : block.kind === 'list' ? block.items : [block.text]))
    .map((part) => words.absence.exec(part)?.[0])
    .find((found) => found !== undefined);
  if (claimed !== undefined && !isSupported) {
    add(
      'absence',
      `“${claimed}” is said, and nothing on the fact sheet shows it: only what is proven, or stated by somebody, may be called so.`,
    );
  }
  const headings = (of: string) =>
    blocksOf(of).flatMap((block) => (block.kind === 'heading' ? [block.text] : []));
  const has = new Set(headings(text));
  for (const heading of headings(template[language].body)) {
    if (!has.has(heading)) add('section', `The part “${heading}” is missing.`);
  }
  for (const name of untranslated) {
    add('untranslated', `${name}: is written, but not in this language.`);
  }
  if (isDrill && (!subject.startsWith(words.drill) || !text.startsWith(words.drill))) {
    add('drill', `An exercise says so first: subject and text have to begin with “${words.drill}”.`);
  }
  if (text.includes(words.notKnown))
    add('left_open', 'Some of it is not known yet, and the notice says so.', false);
  return problems;
}

const SIGN_IN = /(log-?in|sign-?in|signon|anmeld|auth|password|passwort|reset|verify|session|account|konto)/i;

/** Why an address can't be the page that people are sent to; null: it can. */
export function wrongPage(text: string): string | null {
  if (text === '') return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== 'https:') return 'is not an https:// address';
  if (url.username !== '' || url.password !== '' || url.hash !== '' || url.search !== '') {
    return 'has a query, a fragment or a password: a page to read has none';
  }
  return SIGN_IN.test(url.hostname + url.pathname)
    ? 'looks like a page to sign in at: people are never sent to one'
    : null;
}

/** Addresses that a mail program would make a link of, other than the organisation's own page. Linear in the text. */
export function foreignLinks(text: string, page: string): string[] {
  const found = new Set<string>();
  for (const raw of text.normalize('NFKC').split(/[\s<>"“”„‚‘’«»]+/)) {
    const word = raw.replace(/^[([{'*_]+/, '').replace(/[)\]}'*_.,;:!?]+$/, '');
    if (word === '' || (page !== '' && (word === page || `${word}/` === page || word === `${page}/`)))
      continue;
    if (
      /[a-z][a-z0-9+.-]*:\/\//i.test(word) ||
      /^((javascript|data|mailto|tel|sms|file):|www\.)/i.test(word)
    ) {
      found.add(word.slice(0, 200));
      continue;
    }
    // An address of a person is none to sign in at.
    if (/^[^@\s]+@[^@\s/]+$/.test(word)) continue;
    const host = word.split(/[/?#:]/)[0] ?? '';
    if (!host.includes('.') || /^[\d.]+$/.test(host)) continue;
    const { isIcann, domainWithoutSuffix } = parse(host, {
      allowPrivateDomains: false,
      extractHostname: false,
    });
    if (isIcann === true && domainWithoutSuffix !== '' && domainWithoutSuffix !== null)
      found.add(word.slice(0, 200));
  }
  return [...found].slice(0, 20);
}
