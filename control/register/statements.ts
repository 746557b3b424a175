import { fieldClasses } from '@drawbridge/protocol';
import { z } from 'zod';
import { invalid } from '../platform/index.ts';
import { isLei } from './lei.ts';

/**
 * What can be stated of a vendor. Each statement has a kind, a key where a vendor can have several of the kind, and a value of the
 * kind's form; whose word it is and of when stands beside it.
 */

const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((given) => !given.includes('\0'), 'holds a NUL character; leave it out');
const DayText = z.iso.date();
const SLUG = /^[a-z0-9][a-z0-9-]{0,60}$/;
const ALL = 'all';

const isClass = (key: string): boolean => Object.hasOwn(fieldClasses, key);
const none = { key: (key: string) => key === '', says: 'has no key: leave it empty' };
const perClass = {
  key: (key: string) => isClass(key),
  says: 'is a field class, such as person.email',
};
const perClassOrAll = {
  key: (key: string) => key === ALL || isClass(key),
  says: 'is a field class, such as person.email, or "all"',
};
const perSlug = {
  key: (key: string) => SLUG.test(key),
  says: 'has lower-case letters, digits and hyphens, at most 61',
};

/** Legal ids by scheme: what each looks like. */
const legalIds: Readonly<Record<string, (id: string) => boolean>> = {
  lei: isLei,
  vat: (id) => /^[A-Z]{2}[0-9A-Z+*]{2,13}$/.test(id),
  euid: (id) => /^[A-Z]{2}[0-9A-Z.\-_]{3,40}$/.test(id),
  duns: (id) => /^[0-9]{9}$/.test(id),
  register: (id) => id.length <= 60,
};
export const legalIdSchemes = Object.keys(legalIds);

interface Kind {
  key: (key: string) => boolean;
  says: string;
  value: z.ZodType;
  /** A person may be behind it: it is kept sealed. */
  sealed?: true;
}

const kinds = {
  legal_name: { ...none, value: text(200) },
  headquarters: { ...none, value: text(300) },
  service: { ...perSlug, value: z.strictObject({ name: text(120), purpose: text(500).nullable() }) },
  incident_contact: { ...none, value: text(300), sealed: true },
  notice_hours: { ...none, value: z.int().min(0).max(8760) },
  legal_id: {
    key: (key: string) => Object.hasOwn(legalIds, key),
    says: `is one of ${legalIdSchemes.join(', ')}`,
    value: text(60),
  },
  substitute: {
    ...perSlug,
    value: z.strictObject({ days: z.int().min(0).max(3660).nullable(), note: text(500).nullable() }),
  },
  exit_plan: { ...none, value: text(4000) },
  data: { ...perClass, value: z.strictObject({ note: text(500).nullable() }) },
  retention: {
    ...perClassOrAll,
    value: z.strictObject({ days: z.int().min(0).max(36_600).nullable(), note: text(500).nullable() }),
  },
  deletion: { ...perClassOrAll, value: z.strictObject({ on: DayText, what: text(1000) }) },
  residency: {
    ...none,
    value: z.strictObject({
      countries: z
        .array(z.string().regex(/^[A-Z]{2}$/, 'is a country by two letters (ISO 3166-1)'))
        .min(1)
        .max(60),
      note: text(500).nullable(),
    }),
  },
  page: {
    key: (key: string) => /^[a-z_]{2,30}$/.test(key),
    says: 'is what the page is: privacy, dpa, subprocessors, status, trust, security, terms',
    value: z.url({ protocol: /^https?$/ }).max(500),
  },
} as const satisfies Record<string, Kind>;

export type StatementKind = keyof typeof kinds;
export const statementKinds = Object.keys(kinds) as [StatementKind, ...StatementKind[]];

export const isSealedKind = (kind: StatementKind): boolean => (kinds[kind] as Kind).sealed === true;

/** What somebody states, and whose word it is. */
export interface Statement {
  kind: StatementKind;
  key: string;
  value: unknown;
  source: string;
  /** The day it is of. */
  asOf: string;
}

/** The value as the kind has it. Throws Problem 422 that names the field. `field`: where the statement stands. */
export function checkedValue(kind: StatementKind, key: string, value: unknown, field = ''): unknown {
  const { key: fits, says, value: schema } = kinds[kind] as Kind;
  if (!fits(key)) throw invalid(`${field}key`, `${kind} ${says}`);
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = [`${field}value`, ...(issue?.path.map(String) ?? [])].join('.');
    throw invalid(place, issue?.message ?? `is not what ${kind} takes`);
  }
  if (kind === 'legal_id' && legalIds[key]?.(String(parsed.data)) !== true) {
    throw invalid(`${field}value`, `is no ${key}${key === 'lei' ? ': its check digits do not fit' : ''}`);
  }
  return parsed.data;
}
