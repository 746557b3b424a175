import { countryOf, type Groups, type Place, relation } from './place.ts';

/** One basis on which data goes out of the European Economic Area, as somebody declared it (Art. 45 to 49 GDPR). */
export type Basis =
  | { kind: 'eea' }
  | { kind: 'adequacy'; country: string }
  | { kind: 'dpf'; certified: boolean | null; active: boolean | null; coversHr: boolean | null }
  | { kind: 'scc'; modules: number[]; assessedOn: string | null }
  | { kind: 'bcr' }
  | { kind: 'derogation'; letter: 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' };

/** What can be switched off: the Data Privacy Framework, contracts or rules in general, or one country's adequacy. */
export type Falling = 'dpf' | 'scc' | 'bcr' | 'derogation' | `adequacy:${string}`;
export const FALLING = /^(?:dpf|scc|bcr|derogation|adequacy:[A-Z]{2})$/;

/** One place of a vendor's service, with what is said to allow data there. */
export interface Leg {
  place: Place;
  /** `declared`: a statement; `observed`: an endpoint that was seen. */
  layer: 'declared' | 'observed';
  bases: readonly Basis[];
}

export interface Effect {
  /** The basis is declared, or the place needs it and nothing else was declared. */
  why: 'declared' | 'place';
  place: Place;
  /** What still carries the transfer: adequacy, contracts or rules that were declared. Null: nothing does. */
  fallback: 'adequacy' | 'scc' | 'bcr' | null;
  says: string;
}

export interface LawFacts {
  groups: Groups;
  /** Countries where every transfer is covered. */
  adequate: ReadonlySet<string>;
}

const NAMES: Record<string, string> = {
  dpf: 'the Data Privacy Framework',
  scc: 'standard contractual clauses',
  bcr: 'binding corporate rules',
  derogation: 'a derogation',
};

/** What a leg loses when a basis falls; null: nothing. Pure. */
export function effectOf(leg: Leg, falls: Falling, { groups, adequate }: LawFacts): Effect | null {
  const country = countryOf(leg.place);
  const rest = leg.bases.filter((basis) => !isFalling(basis, falls));
  const declared = rest.length < leg.bases.length;
  const inArea = relation(leg.place, 'EEA', groups) === 'inside';
  const rests = !declared && !inArea && leg.bases.length === 0 && restsOn(country, falls, adequate);
  if (!declared && !rests) return null;
  const fallback = carrierOf(rest, country, falls, adequate);
  const name = NAMES[falls] ?? `the adequacy of ${falls.slice('adequacy:'.length)}`;
  return {
    why: declared ? 'declared' : 'place',
    place: leg.place,
    fallback,
    says: `${declared ? `It was declared to rest on ${name}` : `It is in ${leg.place}, and nothing but ${name} could allow it`}: ${
      fallback === null ? 'nothing else carries it.' : `${fallbackText[fallback]} would carry it.`
    }`,
  };
}

const fallbackText = {
  adequacy: 'a decision on adequacy',
  scc: 'the standard contractual clauses that were declared',
  bcr: 'the binding corporate rules that were declared',
} as const;

function isFalling(basis: Basis, falls: Falling): boolean {
  return basis.kind === 'adequacy' ? falls === `adequacy:${basis.country}` : basis.kind === falls;
}

/** Without a word on it, transfers to the United States can rest on the framework only, and others on the country's decision. */
function restsOn(country: string | null, falls: Falling, adequate: ReadonlySet<string>): boolean {
  if (country === null) return false;
  if (falls === 'dpf') return country === 'US';
  return falls === `adequacy:${country}` && adequate.has(country);
}

/** A derogation carries nothing: Art. 49 is for what happens now and then. Clauses without an assessment of the transfer neither. */
function carrierOf(
  rest: readonly Basis[],
  country: string | null,
  falls: Falling,
  adequate: ReadonlySet<string>,
): Effect['fallback'] {
  if (country !== null && adequate.has(country) && falls !== `adequacy:${country}`) return 'adequacy';
  if (rest.some((basis) => basis.kind === 'scc' && basis.modules.length > 0 && basis.assessedOn !== null))
    return 'scc';
  return rest.some(({ kind }) => kind === 'bcr') ? 'bcr' : null;
}
