import type { MixpanelStore, StoredPerson } from '@drawbridge/standins';

/** One line of what a thief reads about a person. */
export interface HeldLine {
  label: string;
  /** What is held; null: nothing. */
  value: string | null;
}

/** One person, in both thefts. */
export interface Example {
  asIs: HeldLine[];
  minimised: HeldLine[];
}

/** Keeps the ends of words: also made-up people are not spelled out in a report. */
function mask(text: string): string {
  return text.replaceAll(
    /[\p{L}\p{N}]{3,}/gu,
    (word) => `${word.slice(0, 1)}${'•'.repeat(Math.min(8, word.length - 1))}`,
  );
}

function one(person: StoredPerson, name: string): unknown {
  const inProfile = person.profile[name];
  if (inProfile !== undefined) return inProfile;
  return person.events.find((event) => event.properties[name] !== undefined)?.properties[name];
}

const lines: readonly (readonly [label: string, names: readonly string[], masked: boolean])[] = [
  ['Name', ['$name'], true],
  ['E-mail', ['$email'], true],
  ['Phone', ['$phone'], true],
  ['City', ['$city'], false],
  ['Country', ['$country_code', 'mp_country_code'], false],
  ['Browser', ['$browser'], false],
  ['Browser version', ['$browser_version'], false],
  ['Operating system', ['$os'], false],
  ['Came from', ['$initial_referrer'], true],
  ['Organisation', ['org_id'], true],
  ['Organisation’s name', ['organisation_name'], true],
  ['Plan', ['plan'], false],
  ['Page', ['$current_url'], false],
];

function textOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  const inner: unknown = Array.isArray(value) ? value[0] : value;
  return typeof inner === 'string' ? inner : JSON.stringify(inner);
}

/** The page address without the port that the replay's page happened to have. */
function shown(label: string, value: string): string {
  return label === 'Page' ? value.replace(/:\d+(?=\/|$)/, '') : value;
}

function linesOf(store: MixpanelStore, masking: boolean): HeldLine[] {
  const person = store.people()[0];
  if (person === undefined) return [];
  const last = person.events.at(-1);
  const first = person.events.find((event) => !event.event.startsWith('$'));
  return [
    { label: 'Id', value: masking ? mask(person.id) : person.id },
    ...lines.map(([label, names, masked]) => {
      const found = names.map((name) => textOf(one(person, name))).find((value) => value !== null) ?? null;
      if (found === null) return { label, value: null };
      return { label, value: shown(label, masking && masked ? mask(found) : found) };
    }),
    { label: 'First event', value: first?.event ?? null },
    { label: 'Events', value: String(person.events.length) },
    {
      label: 'Last seen',
      value: last === undefined ? null : new Date(last.time * 1000).toISOString().slice(0, 16),
    },
  ];
}

/**
 * What both thefts hold about the first person: the only one whom the replay itself can tell to be the same, since
 * they were played first and alone.
 */
export function exampleOf(asIs: MixpanelStore, minimised: MixpanelStore): Example {
  return { asIs: linesOf(asIs, true), minimised: linesOf(minimised, false) };
}
