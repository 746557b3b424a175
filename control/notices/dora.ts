import type { About } from './render.ts';
import type { Fact, FactName, Grade, Sheet } from './sheet.ts';
import type { Language } from './tables.ts';

/**
 * The facts by the field numbers of a DORA incident report (Implementing Regulation (EU) 2025/302, Annex), as far as a fact sheet
 * has them. A field of which nothing is known stands there as null. It is no file that an authority takes in: theirs has codes of its own.
 */
export interface DoraFields {
  format: 'drawbridge.dora-fields/1';
  basis: string;
  note: string;
  fields: Record<string, { name: string; value: string | null; grade: Grade; source: string | null }>;
}

const FIELDS: readonly (readonly [number: string, name: string, from: FactName | Entry | null])[] = [
  ['1.1', 'Type of submission', null],
  ['1.2', 'Name of the entity submitting the report', 'organisation'],
  ['1.5', 'Name of the financial entity affected', 'organisation'],
  ['1.6', 'LEI of the financial entity affected', null],
  ['1.7', 'Primary contact', 'contact'],
  ['2.1', 'Incident reference code of the financial entity', 'reference'],
  ['2.2', 'Date and time of detection', 'aware'],
  ['2.3', 'Date and time of classification as major', null],
  ['2.4', 'Description of the incident', 'what_happened'],
  ['2.5', 'Classification criteria that were triggered', null],
  ['2.6', 'Materiality threshold for geographical spread', 'countries'],
  ['2.7', 'Discovery of the incident', null],
  ['2.8', 'Whether it originates from a third-party provider', 'party'],
  ['2.9', 'Activation of the business continuity plan', null],
  ['2.10', 'Other information', null],
  ['3.1', 'Incident reference code of the competent authority', null],
  ['3.2', 'Date and time of occurrence', 'when'],
  ['3.3', 'Date and time when services were restored', null],
  ['3.4', 'Number of clients affected', 'people'],
  ['3.8', 'Impact on relevant clients', 'consequences'],
  ['3.9', 'Number of transactions affected', null],
  ['3.15', 'Duration of the incident', null],
  ['3.16', 'Service downtime', null],
  ['3.18', 'Types of impact in the Member States', 'countries'],
  ['3.21', 'Description of the data losses', 'data'],
  ['3.22', 'Critical services affected', null],
  ['3.23', 'Type of the incident', null],
  ['3.25', 'Threats and techniques used', null],
  ['3.27', 'Functional areas and business processes affected', null],
  ['3.31', 'Reporting to other authorities', null],
  ['3.34', 'Temporary actions and measures', 'measures'],
  ['3.35', 'Indicators of compromise', null],
  ['4.1', 'High-level classification of root causes', null],
  ['4.5', 'Information about the root causes', 'cause'],
  ['4.6', 'Summary of the resolution', null],
  ['4.8', 'Date and time when the incident was resolved', null],
  ['4.13', 'Gross direct and indirect costs and losses', null],
  ['4.14', 'Financial recoveries', null],
];
type Entry = 'organisation' | 'contact' | 'reference' | 'party';

export function doraFields(
  sheet: Sheet,
  about: Pick<About, 'organisation' | 'incident' | 'party'>,
  language: Language,
): DoraFields {
  const entries: Readonly<Record<Entry, string | null>> = {
    organisation: about.organisation.name || null,
    contact: about.organisation.contact || null,
    reference: String(about.incident.number),
    party: about.party,
  };
  const field = (from: FactName | Entry | null): Omit<DoraFields['fields'][string], 'name'> => {
    if (from === null) return { value: null, grade: 'unknown', source: null };
    if (from in entries) {
      const value = entries[from as Entry];
      return {
        value,
        grade: value === null ? 'unknown' : 'declared',
        source: value === null ? null : 'our own records',
      };
    }
    const { text, grade, source }: Fact = sheet.facts[from as FactName];
    const said = text[language].trim() || Object.values(text).find((one) => one.trim() !== '') || null;
    return grade === 'unknown' ? { value: null, grade, source: null } : { value: said, grade, source };
  };
  return {
    format: 'drawbridge.dora-fields/1',
    basis:
      'Implementing Regulation (EU) 2025/302, field numbers of the incident report; not compared with the Official Journal',
    note: 'Facts by field number, to be carried over into the form of the competent authority. null: not known.',
    fields: Object.fromEntries(FIELDS.map(([number, name, from]) => [number, { name, ...field(from) }])),
  };
}
