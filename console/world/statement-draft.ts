import type { PlaceKind, ResidencyStatement, TransferBasis } from '../api/residency-types.ts';

/** A statement as the form has it: everything is text, empty where nothing is said. */
export interface StatementDraft {
  kind: PlaceKind;
  place: string;
  service: string;
  class: string;
  jurisdiction: string;
  eea: boolean;
  adequacy: string;
  dpf: '' | 'yes' | 'no' | 'unknown';
  dpfActive: Flag;
  dpfHr: Flag;
  sccModules: string;
  sccAssessedOn: string;
  bcr: boolean;
  derogation: '' | Letter;
  plan: string;
  region: string;
  option: string;
  source: string;
  asOf: string;
  reason: string;
}
type Flag = '' | 'yes' | 'no';
export type Letter = Extract<TransferBasis, { kind: 'derogation' }>['letter'];
export const letters: readonly Letter[] = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];

export const emptyStatement: StatementDraft = {
  kind: 'storage',
  place: '',
  service: '',
  class: '',
  jurisdiction: '',
  eea: false,
  adequacy: '',
  dpf: '',
  dpfActive: '',
  dpfHr: '',
  sccModules: '',
  sccAssessedOn: '',
  bcr: false,
  derogation: '',
  plan: '',
  region: '',
  option: '',
  source: '',
  asOf: '',
  reason: '',
};

const flagOf = (value: boolean | null): Flag => (value === null ? '' : value ? 'yes' : 'no');
const saidBy = (flag: Flag): boolean | null => (flag === '' ? null : flag === 'yes');

/** A statement that holds, in the form. The reason is of each change anew. */
export function draftOf(statement: ResidencyStatement): StatementDraft {
  const { kind, place, service, class: of, jurisdiction, bases, conditions, source, asOf } = statement;
  const basis = <Kind extends TransferBasis['kind']>(wanted: Kind) =>
    bases.find((one): one is Extract<TransferBasis, { kind: Kind }> => one.kind === wanted);
  const dpf = basis('dpf');
  const scc = basis('scc');
  return {
    kind,
    place,
    service: service ?? '',
    class: of ?? '',
    jurisdiction: jurisdiction ?? '',
    eea: basis('eea') !== undefined,
    adequacy: basis('adequacy')?.country ?? '',
    dpf: dpf === undefined ? '' : flagOf(dpf.certified) || 'unknown',
    dpfActive: flagOf(dpf?.active ?? null),
    dpfHr: flagOf(dpf?.coversHr ?? null),
    sccModules: scc?.modules.join(', ') ?? '',
    sccAssessedOn: scc?.assessedOn ?? '',
    bcr: basis('bcr') !== undefined,
    derogation: basis('derogation')?.letter ?? '',
    plan: conditions.plan ?? '',
    region: conditions.region ?? '',
    option: conditions.option ?? '',
    source,
    asOf,
    reason: '',
  };
}

/** What of the form is a basis; several stand beside each other. */
export function basesOf(draft: StatementDraft): TransferBasis[] {
  const modules = [...draft.sccModules].filter((sign) => '1234'.includes(sign)).map(Number);
  const bases: TransferBasis[] = [];
  if (draft.eea) bases.push({ kind: 'eea' });
  if (draft.adequacy.trim() !== '')
    bases.push({ kind: 'adequacy', country: draft.adequacy.trim().toUpperCase() });
  if (draft.dpf !== '') {
    const certified = draft.dpf === 'unknown' ? null : draft.dpf === 'yes';
    bases.push({ kind: 'dpf', certified, active: saidBy(draft.dpfActive), coversHr: saidBy(draft.dpfHr) });
  }
  if (modules.length > 0)
    bases.push({ kind: 'scc', modules: [...new Set(modules)], assessedOn: draft.sccAssessedOn || null });
  if (draft.bcr) bases.push({ kind: 'bcr' });
  if (draft.derogation !== '') bases.push({ kind: 'derogation', letter: draft.derogation });
  return bases;
}

/** What is sent of the form, without its reason. */
export function statementOf(draft: StatementDraft, vendor: string): object {
  const given = (text: string): string | undefined => text.trim() || undefined;
  return {
    vendor,
    kind: draft.kind,
    place: draft.place.trim(),
    service: given(draft.service),
    class: given(draft.class),
    jurisdiction: given(draft.jurisdiction)?.toUpperCase(),
    bases: basesOf(draft),
    conditions: { plan: given(draft.plan), region: given(draft.region), option: given(draft.option) },
    source: draft.source.trim(),
    asOf: draft.asOf,
  };
}
