import { fieldClasses } from '@drawbridge/protocol';

/** What somebody who holds the data can quote to the people it speaks of, to be believed. */

export interface QuotedKind {
  class: string;
  treatment: string;
}

/** Parts of 100, which add up to `total`: our own measure for comparing groups, no chance of anything. */
export interface Phishability {
  total: number;
  /** Whether they can be written to or called with what was held. */
  reach: number;
  /** By what they are addressed. */
  name: number;
  /** What makes a message believable. */
  facts: number;
}

export interface Quotes {
  /** Classes that lie there in clear, the most convincing first. */
  facts: readonly { class: string; label: string; coarse: boolean; weight: number }[];
  phishability: Phishability;
}

const REACH: readonly string[] = ['person.email', 'person.phone'];
const REACH_POINTS = 40;
const NAME_POINTS = 15;
const MOST_FACTS = 45;
/** What is quoted rarely in real mail convinces most; a quotable class that is not named here counts 4. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'content.prompt': 20,
  'content.media': 20,
  'file.name': 15,
  'payment.card': 20,
  'payment.iban': 20,
  'person.national_id': 20,
  'person.birth_date': 15,
  'person.address': 12,
  'org.vendor_account': 12,
  'org.name': 10,
  'org.id': 8,
  'person.attribute': 8,
  'geo.city': 6,
  'event.property': 6,
  'web.url': 6,
  'web.referrer': 5,
  'network.ip': 5,
};
const USUAL = 4;

const words: Readonly<Record<string, { label: string; quotable: boolean }>> = fieldClasses;
/** Values that were made coarser say less. */
const clear: Readonly<Record<string, number>> = { pass: 1, generalise: 0.5 };

/** Pseudonyms and tokens can't be quoted: what is treated so does not count. */
export function quotesOf(kinds: readonly QuotedKind[]): Quotes {
  const best = new Map<string, number>();
  for (const { class: fieldClass, treatment } of kinds) {
    const share = clear[treatment] ?? 0;
    if (share === 0 || words[fieldClass]?.quotable !== true) continue;
    best.set(fieldClass, Math.max(share, best.get(fieldClass) ?? 0));
  }
  const facts = [...best]
    .map(([fieldClass, share]) => ({
      class: fieldClass,
      label: words[fieldClass]?.label ?? fieldClass,
      coarse: share < 1,
      weight: pointsOf(fieldClass) * share,
    }))
    .sort((a, b) => b.weight - a.weight || (a.class < b.class ? -1 : 1));
  const reach = REACH.some((one) => best.get(one) === 1) ? REACH_POINTS : 0;
  const name = (best.get('person.name') ?? 0) * NAME_POINTS;
  const rest = facts.filter(({ class: one }) => !REACH.includes(one) && one !== 'person.name');
  const convincing = Math.min(
    MOST_FACTS,
    rest.reduce((sum, { weight }) => sum + weight, 0),
  );
  return { facts, phishability: { total: reach + name + convincing, reach, name, facts: convincing } };
}

function pointsOf(fieldClass: string): number {
  if (REACH.includes(fieldClass)) return REACH_POINTS;
  return fieldClass === 'person.name' ? NAME_POINTS : (WEIGHTS[fieldClass] ?? USUAL);
}
