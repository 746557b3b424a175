import { type FieldClass, fieldClasses, treatmentNames } from '@drawbridge/protocol/vocabulary';
import type { TreatmentName } from '../api/types.ts';

/** The words for a field class. A class that this console does not know yet keeps its own name. */
export function classLabel(name: string): string {
  return name in fieldClasses ? fieldClasses[name as FieldClass].label : name;
}

export function isQuotable(name: FieldClass): boolean {
  return fieldClasses[name]?.quotable ?? false;
}

export const classNames = Object.keys(fieldClasses) as FieldClass[];

/** `person.email` belongs to the group `person`. */
export function classGroup(name: string): string {
  return name.split('.')[0] ?? name;
}

export function isTreatment(text: string | undefined): text is TreatmentName {
  return (treatmentNames as readonly string[]).includes(text ?? '');
}

const got: ReadonlySet<TreatmentName> = new Set(['pass', 'generalise', 'pseudonymise', 'tokenise']);

/** Whether the vendor got the data in some form. */
export function vendorGot(treatment: TreatmentName): boolean {
  return got.has(treatment);
}

export function treatmentOrder(treatment: TreatmentName): number {
  return treatmentNames.indexOf(treatment);
}

interface Treated {
  class: FieldClass;
  treatment: TreatmentName;
  people: number;
}

/** Of each class the most revealing form in which it was got, most revealing first. */
export function strongest<Item extends Treated>(items: readonly Item[]): Item[] {
  const byClass = new Map<string, Item>();
  for (const item of items) {
    const known = byClass.get(item.class);
    if (known === undefined || treatmentOrder(item.treatment) < treatmentOrder(known.treatment)) {
      byClass.set(item.class, item);
    }
  }
  return [...byClass.values()].sort(
    (a, b) => treatmentOrder(a.treatment) - treatmentOrder(b.treatment) || b.people - a.people,
  );
}
