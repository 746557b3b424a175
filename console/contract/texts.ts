import type { Treatment } from '@drawbridge/minimise';
import type { ContractDocument, TextScan } from '@drawbridge/protocol/contract';
import { type FieldClass, foundClasses, freeTextClasses } from '@drawbridge/protocol/vocabulary';
import type { ServiceDetail, TreatmentName } from '../api/types.ts';

export type TextRulesDocument = NonNullable<ContractDocument['text']>;
export type FoundClass = (typeof foundClasses)[number];

/** The levels, most that is looked for first: the order in which they are offered. */
export const textLevels = ['all', 'structured', 'secrets', 'off'] as const satisfies readonly TextScan[];

export const isTextLevel = (text: string): text is TextScan => textLevels.some((level) => level === text);

export const foundGroups = ['secrets', 'people', 'payments', 'network', 'own'] as const;
export type FoundGroup = (typeof foundGroups)[number];

const groupsByArea: Record<string, FoundGroup> = {
  secret: 'secrets',
  person: 'people',
  org: 'people',
  payment: 'payments',
  network: 'network',
  web: 'network',
};

/** What the organisation registers itself is a group of its own, and so is what this console has no group for. */
export function groupOf(name: FoundClass): FoundGroup {
  return groupsByArea[name.split('.')[0] ?? ''] ?? 'own';
}

/** What only the words around tell. */
const inContext: ReadonlySet<FoundClass> = new Set([
  'person.name',
  'person.address',
  'person.birth_date',
  'org.name',
]);

/** Whether a class is looked for at a level. What the organisation registers is matched exactly, at every level. */
export function isLookedFor(name: FoundClass, level: TextScan): boolean {
  if (level === 'off') return false;
  const group = groupOf(name);
  if (group === 'secrets' || group === 'own') return true;
  return level === 'all' || (level === 'structured' && !inContext.has(name));
}

export const levelOf = (text: ContractDocument['text']): TextScan => text?.scan ?? 'off';

export function foundRule(text: TextRulesDocument, name: FoundClass): Treatment {
  return text.found[name] ?? text.otherwise;
}

/** What can be found without anybody's registering it, by what becomes of it, in the order of contracts. */
export function foundByTreatment(text: TextRulesDocument): Map<TreatmentName, FoundClass[]> {
  const looked = foundClasses.filter((name) => groupOf(name) !== 'own' && isLookedFor(name, text.scan));
  return Map.groupBy(looked, (name) => foundRule(text, name).do);
}

/** The classes of texts among these that are looked through: those that would pass whatever they are. */
export function lookedThrough(rules: ContractDocument, classes: readonly FieldClass[]): FieldClass[] {
  const free: ReadonlySet<string> = new Set(freeTextClasses);
  return classes.filter((name) => {
    const treatment = rules.classes[name] ?? rules.otherwise;
    return free.has(name) && treatment.do === 'pass' && treatment.values === undefined;
  });
}

/** What is begun with where a vendor's pack recommends nothing: a vendor that answers no texts gets nothing to put back. */
const cautious: TextRulesDocument = {
  scan: 'all',
  found: { 'network.ip': { do: 'pass' }, 'network.mac': { do: 'pass' }, 'web.url': { do: 'pass' } },
  otherwise: { do: 'drop' },
  over_budget: 'refuse',
};

/** What "turn it on" begins with. */
export function recommendedText(service: ServiceDetail): TextRulesDocument {
  const recommended = service.contracts.recommended.text;
  return recommended === undefined || recommended.scan === 'off' ? cautious : recommended;
}

/** One thing in which two contracts treat texts differently. */
export type TextDifference =
  | { what: 'level'; before: TextScan; after: TextScan }
  | { what: 'found'; name: FoundClass | null; before: Treatment; after: Treatment };

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** In what two contracts treat texts differently. Where one says nothing of texts, the level is all of it. */
export function textDifferences(
  before: ContractDocument['text'],
  after: ContractDocument['text'],
): TextDifference[] {
  const differences: TextDifference[] = [];
  const [from, to] = [levelOf(before), levelOf(after)];
  if (from !== to) differences.push({ what: 'level', before: from, after: to });
  if (before === undefined || after === undefined) return differences;
  for (const name of foundClasses) {
    const [was, is] = [foundRule(before, name), foundRule(after, name)];
    if (!same(was, is)) differences.push({ what: 'found', name, before: was, after: is });
  }
  if (!same(before.otherwise, after.otherwise)) {
    differences.push({ what: 'found', name: null, before: before.otherwise, after: after.otherwise });
  }
  return differences;
}

/** Whether a stored draft's part still has the form of rules for texts. */
export function isTextRules(draft: unknown): draft is TextRulesDocument {
  if (draft === null || typeof draft !== 'object') return false;
  const part = (name: string): unknown => Reflect.get(draft, name);
  return (
    isTextLevel(String(part('scan'))) &&
    ['found', 'otherwise'].every((name) => typeof part(name) === 'object' && part(name) !== null)
  );
}
