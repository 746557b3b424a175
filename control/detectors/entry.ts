import type { FieldClass } from '@drawbridge/protocol';
import { phoneWords, phraseWords } from '@drawbridge/scan';
import { z } from 'zod';
import { countryOf, languageOf } from './place.ts';

/** What a list says of one person, organisation or term. Empty members are left out. */
export const EntrySchema = z.strictObject({
  kind: z.enum(['person', 'organisation', 'term']),
  name: z.string().optional(),
  given: z.string().optional(),
  family: z.string().optional(),
  email: z.string().optional(),
  phone: z.string().optional(),
  alias: z.string().optional(),
  /** Whose employee or customer a person is. */
  employer: z.string().optional(),
  /** Where a person lives and what they read: what decides in which words they are told of a breach. */
  country: z.string().optional(),
  language: z.string().optional(),
  externalId: z.string().optional(),
});
export type Entry = z.infer<typeof EntrySchema>;
export type EntryField = Exclude<keyof Entry, 'kind'>;

/** One form in which an entry is found in texts. */
export interface Form {
  class: FieldClass;
  words: readonly string[];
}

/** Why an entry is not taken. `message` never holds what stands there. */
export interface Refused {
  field: EntryField;
  message: string;
}

const MOST_WORDS = 8;
const LONGEST_TERM = 160;
const SHORTEST_TERM = 3;
/** An alias of one word must not be a given name. */
const SHORTEST_ALIAS = 8;
const LONGEST: Readonly<Record<EntryField, number>> = {
  name: 200,
  given: 100,
  family: 100,
  email: 254,
  phone: 40,
  alias: 100,
  employer: 200,
  country: 100,
  language: 35,
  externalId: 200,
};
const EMAIL = /^[^\s@<>"(),;:]{1,64}@[^\s@<>"(),;:]{1,253}$/u;
/** Parts of an organisation's name that say of which law it is. */
const LEGAL = new Set([
  ...[
    'gmbh',
    'ag',
    'kg',
    'ug',
    'se',
    'ev',
    'inc',
    'llc',
    'ltd',
    'plc',
    'corp',
    'co',
    'sa',
    'sas',
    'sarl',
    'srl',
  ],
  ...['spa', 'bv', 'nv', 'oy', 'ab', 'as', 'aps', 'kft', 'sp', 'zoo', 'pty', 'limited', 'corporation'],
]);

/**
 * The forms in which an entry is found: of a person the full name in both orders (also with the first given name alone), address,
 * number and alias; never a given or family name by itself. Of an organisation its name, and that without its legal form. Throws
 * nothing: gives what is wrong instead.
 */
export function formsOf(entry: Entry, termClass: FieldClass): Form[] | Refused {
  const wrong = wrongText(entry);
  if (wrong !== null) return wrong;
  if (entry.kind === 'term') return termForms(entry.name ?? '', 'name', termClass);
  if (entry.kind === 'organisation') return termForms(entry.name ?? '', 'name', 'org.name', true);
  return personForms(entry);
}

export const isRefused = (found: Form[] | Refused): found is Refused => !Array.isArray(found);

/** What stands in spreadsheets but is no name: formulas, control characters, what another encoding was read as. */
function wrongText(entry: Entry): Refused | null {
  for (const [name, text] of Object.entries(entry)) {
    if (name === 'kind' || text === undefined) continue;
    const field = name as EntryField;
    if (text.length > LONGEST[field])
      return { field, message: `is longer than ${LONGEST[field]} characters` };
    if (/[\p{Cc}\ufffd]/u.test(text))
      return {
        field,
        message: 'holds a control character, or was read in another encoding: save it as UTF-8',
      };
    if (/^[=@]/.test(text) || (/^[-+]/.test(text) && field !== 'phone'))
      return { field, message: 'begins as a formula of a spreadsheet' };
  }
  return null;
}

function personForms(entry: Entry): Form[] | Refused {
  const forms: Form[] = namesOf(entry).map((words) => ({ class: 'person.name', words }));
  const full = entry.given !== undefined && entry.family !== undefined;
  if (forms.length === 0 && (entry.name !== undefined || full))
    return {
      field: entry.name === undefined ? 'family' : 'name',
      message: 'is no full name: a given name alone is not looked for',
    };
  if (forms.some(({ words }) => words.length > MOST_WORDS))
    return { field: 'name', message: `has more than ${MOST_WORDS} words` };
  if (entry.email !== undefined) {
    const words = phraseWords(entry.email);
    if (!EMAIL.test(entry.email) || words.length < 2 || words.length > MOST_WORDS)
      return { field: 'email', message: 'is no e-mail address' };
    forms.push({ class: 'person.email', words });
  }
  if (entry.phone !== undefined) {
    const numbers = phoneWords(entry.phone);
    if (numbers.length === 0 || /\p{L}/u.test(entry.phone))
      return { field: 'phone', message: 'is no telephone number of 8 to 15 digits' };
    forms.push(...numbers.map((word): Form => ({ class: 'person.phone', words: [word] })));
  }
  if (entry.alias !== undefined) {
    const words = phraseWords(entry.alias);
    const [only = ''] = words;
    const tells = words.length > 1 || only.length >= SHORTEST_ALIAS || /\d/.test(only);
    if (words.length === 0 || words.length > MOST_WORDS || !tells)
      return {
        field: 'alias',
        message: `is one short word: it has a digit, ${SHORTEST_ALIAS} characters or two words`,
      };
    forms.push({ class: 'person.name', words });
  }
  if (entry.employer !== undefined) {
    const found = termForms(entry.employer, 'employer', 'org.name', true);
    if (isRefused(found)) return found;
    forms.push(...found);
  }
  if (entry.country !== undefined && countryOf(entry.country) === null)
    return { field: 'country', message: 'is no country: two letters such as DE, or its English name' };
  if (entry.language !== undefined && languageOf(entry.language) === null)
    return { field: 'language', message: 'is no language: a code such as de or pt-BR' };
  return forms.length > 0
    ? forms
    : { field: 'name', message: 'is missing: a person has a full name, an address, a number or an alias' };
}

/** Full names, as words: given and family name in both orders. Of a name that nobody took apart, the last word is the family's. */
function namesOf({ name, given, family }: Entry): string[][] {
  const [first, last] =
    given !== undefined && family !== undefined
      ? [phraseWords(given), phraseWords(family)]
      : split(name ?? '');
  const whole = name === undefined ? [] : [phraseWords(name)];
  const apart =
    first.length === 0 || last.length === 0
      ? []
      : [first, first.slice(0, 1)].flatMap((some) => [
          [...some, ...last],
          [...last, ...some],
        ]);
  const all = [...apart, ...whole].filter((words) => words.length > 1);
  return [...new Map(all.map((words) => [words.join(' '), words])).values()];
}

function split(name: string): [string[], string[]] {
  const comma = name.indexOf(',');
  if (comma !== -1) return [phraseWords(name.slice(comma + 1)), phraseWords(name.slice(0, comma))];
  const words = phraseWords(name);
  return [words.slice(0, -1), words.slice(-1)];
}

function termForms(
  text: string,
  field: EntryField,
  name: FieldClass,
  isOrganisation = false,
): Form[] | Refused {
  const words = phraseWords(text);
  const joined = words.join(' ');
  if (joined.length < SHORTEST_TERM)
    return { field, message: `has fewer than ${SHORTEST_TERM} letters and digits` };
  if (words.length > MOST_WORDS || joined.length > LONGEST_TERM)
    return { field, message: `has more than ${MOST_WORDS} words, or ${LONGEST_TERM} characters` };
  const forms = [words];
  const bare = isOrganisation ? withoutLegalForm(words) : words;
  if (bare.length > 1 && bare.length < words.length) forms.push(bare);
  return forms.map((one) => ({ class: name, words: one }));
}

function withoutLegalForm(words: readonly string[]): string[] {
  let end = words.length;
  while (end > 0 && LEGAL.has(words[end - 1] ?? '')) end--;
  return words.slice(0, end);
}

/** What an entry is known by: of two rows of one list with the same, one is too many. */
export function keyOf({ kind, externalId, email, name, given, family, phone, alias }: Entry): string {
  const [by, value] =
    externalId !== undefined
      ? ['id', externalId]
      : email !== undefined
        ? ['email', email.toLowerCase()]
        : [
            'name',
            phraseWords(name ?? `${given ?? ''} ${family ?? ''} ${phone ?? ''} ${alias ?? ''}`).join(' '),
          ];
  return `${kind} ${by} ${value}`;
}
