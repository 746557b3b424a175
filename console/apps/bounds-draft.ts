import type { VirtualKey } from '../api/types.ts';
import { listOf } from '../contract/rules.ts';
import { m } from '../messages/en.ts';

/** What a key is bound to, as it is typed: a line each; nothing is no bound. */
export interface BoundsDraft {
  models: string;
  networks: string;
}

export const noBounds: BoundsDraft = { models: '', networks: '' };

export const draftOfBounds = ({ models, networks }: VirtualKey): BoundsDraft => ({
  models: (models ?? []).join('\n'),
  networks: (networks ?? []).join('\n'),
});

/** As the API takes them; null: any. */
export function boundsOf({ models, networks }: BoundsDraft): {
  models: string[] | null;
  networks: string[] | null;
} {
  const orNull = (text: string): string[] | null => {
    const values = listOf(text);
    return values.length === 0 ? null : values;
  };
  return { models: orNull(models), networks: orNull(networks) };
}

/** A key's bounds, short; none for a key without. */
export function boundsText({ models, networks, person }: VirtualKey): string[] {
  const words = m.apps.bounds;
  return [
    ...(models === null ? [] : [words.modelsShort(models)]),
    ...(networks === null ? [] : [words.networksShort(networks)]),
    ...(person === null ? [] : [words.personShort(person.name)]),
  ];
}
