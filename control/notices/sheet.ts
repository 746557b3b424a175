import { z } from '@hono/zod-openapi';
import type { Blast, IncidentView } from '../incidents/index.ts';
import { languages } from './tables.ts';

/** One sheet of facts per incident, of which every notice is made. */

export const grades = ['observed', 'declared', 'inferred', 'unknown'] as const;
export type Grade = (typeof grades)[number];

export const factNames = [
  'what_happened',
  'when',
  'aware',
  'people',
  'records',
  'data',
  'consequences',
  'measures',
  'advice',
  'cause',
  'countries',
  'lures',
  'next_update',
] as const;
export type FactName = (typeof factNames)[number];

/** Line ends and tabs are words; other control characters, and those that turn the direction of writing, are not. */
const HIDDEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const isClean = (text: string): boolean =>
  !(text.match(HIDDEN) ?? []).some((mark) => mark !== '\n' && mark !== '\t');
export const words = (most: number) =>
  z
    .string()
    .trim()
    .max(most)
    .refine(isClean, 'holds control characters, or ones that turn the direction of writing; leave them out');

const Said = z.strictObject(
  Object.fromEntries(languages.map((language) => [language, words(4000)])) as Record<
    (typeof languages)[number],
    ReturnType<typeof words>
  >,
);
const FactSchema = z
  .strictObject({
    text: Said.openapi({ description: 'By language; empty: not written in it' }),
    grade: z.enum(grades),
    source: words(500).openapi({ description: 'Where it comes from' }),
  })
  .openapi('Fact');
export type Fact = z.infer<typeof FactSchema>;

export const bases = ['proven', 'declared', 'no_record'] as const;
export const AbsentSchema = z
  .strictObject({
    label: Said,
    basis: z.enum(bases).openapi({
      description:
        'proven: by a report of the vendor for the whole window; declared: somebody says so; no_record: none in the traffic that we saw',
    }),
    source: words(500),
    class: z
      .string()
      .max(60)
      .nullable()
      .default(null)
      .openapi({ description: 'The kind of data, where it is one' }),
  })
  .openapi('NotAffected');
export type Absent = z.infer<typeof AbsentSchema>;

const MOST = 40;
export const SheetSchema = z
  .strictObject({
    facts: z.strictObject(
      Object.fromEntries(factNames.map((name) => [name, FactSchema])) as Record<FactName, typeof FactSchema>,
    ),
    notAffected: z.array(AbsentSchema).max(MOST),
    unknowns: z
      .array(Said)
      .max(MOST)
      .openapi({ description: 'What is not known yet, as it is told to readers' }),
  })
  .openapi('FactSheetFacts');
export type Sheet = z.infer<typeof SheetSchema>;

const said = (en = '', de = ''): Record<(typeof languages)[number], string> => ({ en, de });
const unknownFact = (): Fact => ({ text: said(), grade: 'unknown', source: '' });

/** What the claims and the blast radius give; the rest is unknown until somebody writes it. `contact` etc. are the organisation's. */
export function prefill(incident: IncidentView, blast: Blast | null): Sheet {
  const facts = Object.fromEntries(factNames.map((name) => [name, unknownFact()])) as Record<FactName, Fact>;
  const claimed = (about: string) =>
    incident.claims.filter(
      (claim) => claim.about === about && claim.replacedBy === null && claim.withdrawnBy === null,
    );
  const take = (name: FactName, ...abouts: string[]): void => {
    const found = abouts.flatMap(claimed);
    if (found.length === 0) return;
    // Claims are whatever somebody said, in whatever language; sources stand beside each other, also where they contradict.
    facts[name] = {
      text: said(found.map(({ text }) => text).join('\n')),
      grade: 'declared',
      source: [...new Set(found.map(({ source }) => source ?? ''))]
        .filter((one) => one !== '')
        .join('; ')
        .slice(0, 500),
    };
  };
  take('what_happened', 'scope', 'other');
  take('when', 'occurred_from', 'occurred_to', 'vendor_noticed');
  take('aware', 'vendor_told_us');
  take('people', 'people');
  take('data', 'data');
  take('measures', 'measures');
  take('cause', 'cause');
  if (blast !== null) fromBlast(facts, blast);
  return {
    facts,
    notAffected: [
      ...claimed('not_affected').map(
        ({ text, source }): Absent => ({
          label: said(text),
          basis: 'declared',
          source: source ?? '',
          class: null,
        }),
      ),
      ...(blast?.notAffected ?? []).map(
        (one): Absent => ({
          label: said(one.label, GERMAN[one.class] ?? ''),
          basis: one.proven ? 'proven' : 'no_record',
          source: one.text.slice(0, 500),
          class: one.class,
        }),
      ),
    ].slice(0, MOST),
    unknowns: (blast?.unknown ?? []).slice(0, MOST).map(({ text }) => said(text)),
  };
}

const RANK: Readonly<Record<Grade, number>> = { observed: 0, declared: 1, inferred: 2, unknown: 3 };

function fromBlast(facts: Record<FactName, Fact>, { data, people, party }: Blast): void {
  const ours = 'What was seen to cross at the gateway';
  const held = data.filter((row) => row.people === null || row.people > 0 || (row.organisations ?? 0) > 0);
  // As sure as its least sure part.
  const grade = held.reduce<Grade>(
    (worst, { layer }) => (RANK[layer] > RANK[worst] ? layer : worst),
    'observed',
  );
  if (held.length > 0 && facts.data.grade === 'unknown') {
    const labels = (of: (row: (typeof held)[number]) => string) => [...new Set(held.map(of))].join(', ');
    facts.data = {
      text: said(
        labels((row) => row.label),
        labels((row) => GERMAN[row.class] ?? row.label),
      ),
      grade,
      source: ours,
    };
  }
  if (people.people > 0 && facts.people.grade === 'unknown') {
    facts.people = {
      text: said(
        `About ${people.people} people, of whom ${party.name} may hold data; of ${people.peopleInWindow} something crossed in that time itself.`,
        `Etwa ${people.people} Personen, zu denen ${party.name} Daten haben kann; zu ${people.peopleInWindow} wurde in dieser Zeit selbst etwas übermittelt.`,
      ),
      grade: grade === 'unknown' ? 'inferred' : grade,
      source: ours,
    };
  }
  const quotes = [...new Set(people.groups.flatMap((group) => group.quotes.map((one) => one.class)))];
  if (quotes.length > 0) {
    const label = (one: string): string =>
      people.groups.flatMap((group) => group.quotes).find((quote) => quote.class === one)?.label ?? one;
    facts.lures = {
      text: said(
        `A message may quote, truly: ${quotes.map(label).join(', ')}. That it does so proves nothing.`,
        `Eine Nachricht kann richtig nennen: ${quotes.map((one) => GERMAN[one] ?? label(one)).join(', ')}. Das beweist nichts.`,
      ),
      grade: 'inferred',
      source: 'What lies there in clear',
    };
  }
}

/** Kinds of data as a German reader knows them. */
const GERMAN: Readonly<Record<string, string>> = {
  'person.email': 'E-Mail-Adresse',
  'person.name': 'Name',
  'person.phone': 'Telefonnummer',
  'person.national_id': 'Ausweis- oder Steuernummer',
  'network.ip': 'IP-Adresse',
  'geo.city': 'Stadt',
  'geo.country': 'Land',
  'device.user_agent': 'Browser und Betriebssystem',
  'org.id': 'Kennung der Organisation',
  'org.name': 'Name der Organisation',
  'content.prompt': 'eingegebene Texte',
  'content.media': 'Bilder und Dateien',
  'secret.api_key': 'Zugangsschlüssel',
  'secret.password': 'Passwort',
  'payment.card': 'Kartennummer',
  'payment.iban': 'Bankverbindung',
};

/** Which parts another version of the sheet says differently, by their names. */
export function differing(before: Sheet, after: Sheet): string[] {
  const changed = factNames.filter(
    (name) => JSON.stringify(before.facts[name]) !== JSON.stringify(after.facts[name]),
  );
  const lists = (['notAffected', 'unknowns'] as const).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  return [...changed, ...lists];
}

/**
 * Why a sheet can't be kept, by field; null: it can. That something is proven not to be affected comes from the coverage
 * of the vendor alone, and nobody types it.
 */
export function wrongSheet(sheet: Sheet, blast: Blast | null): { field: string; message: string } | null {
  for (const [at, one] of sheet.notAffected.entries()) {
    if (
      one.basis === 'proven' &&
      !(blast?.notAffected ?? []).some((row) => row.proven && row.class === one.class)
    ) {
      return {
        field: `notAffected.${at}.basis`,
        message:
          'is proven only where the coverage of the vendor proves it now; say declared, and who says so, or no_record',
      };
    }
    if (one.basis === 'declared' && one.source === '') {
      return { field: `notAffected.${at}.source`, message: 'is missing: say who says so' };
    }
  }
  for (const name of factNames) {
    const { grade, source } = sheet.facts[name];
    if (grade !== 'unknown' && source === '') {
      return {
        field: `facts.${name}.source`,
        message: 'is missing: say where it comes from, or that it is unknown',
      };
    }
  }
  return null;
}
