import type { Treatment } from '@drawbridge/minimise';
import type { ContractDocument } from '@drawbridge/protocol/contract';
import { type FieldClass, treatmentNames } from '@drawbridge/protocol/vocabulary';
import { useState } from 'react';
import type { ServiceDetail, TreatmentName } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { classGroup, classLabel } from '../design/classes.ts';
import { ChoiceField, TextArea } from '../design/field.tsx';
import { count } from '../design/format.ts';
import { TreatmentMark, Treatment as TreatmentWord } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import {
  choiceOf,
  choicesFor,
  classesOf,
  listOf,
  mutable,
  ruleFor,
  treatmentOf,
  withoutProperty,
  withRule,
} from './rules.ts';

const words = m.connect.table;

/** The contract as a table: kind of data, treatment, listed values. Every row can be changed in place. */
export function ContractEditor({
  service,
  rules,
  base,
  counts,
  countsTitle = words.sample,
  onChange,
}: {
  service: ServiceDetail;
  rules: ContractDocument;
  /** What `rules` started from: rows that differ are marked. */
  base: ContractDocument;
  /** How many values of each class the sample holds. */
  counts?: ReadonlyMap<string, number>;
  countsTitle?: string;
  onChange: (rules: ContractDocument) => void;
}) {
  const classes = classesOf(service);
  const same = (a: Treatment, b: Treatment): boolean => JSON.stringify(a) === JSON.stringify(b);
  return (
    <div className="flex flex-col gap-6">
      <table className="w-full table-fixed border-collapse text-left" aria-label={words.label}>
        <thead>
          <tr className="border-b border-line-strong text-small">
            <th scope="col" className="py-1 font-strong">
              {words.class}
            </th>
            <th scope="col" className="w-48 py-1 font-strong sm:w-84">
              {words.treatment}
            </th>
            {counts === undefined ? null : (
              <th scope="col" className="w-24 py-1 text-right font-strong max-sm:hidden">
                {countsTitle}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {classes.map((name, index) => (
            <RuleRow
              key={name}
              name={name}
              label={classLabel(name)}
              treatment={ruleFor(rules, name)}
              changed={!same(ruleFor(rules, name), ruleFor(base, name))}
              starts={index > 0 && classGroup(classes[index - 1] ?? '') !== classGroup(name)}
              count={counts && (counts.get(name) ?? 0)}
              pseudonymised={rules.names.do === 'pseudonymise'}
              onChange={(treatment) => onChange(withRule(rules, name, treatment))}
            />
          ))}
          <RuleRow
            name={null}
            label={words.unmapped}
            treatment={rules.unmapped}
            changed={!same(rules.unmapped, base.unmapped)}
            starts
            count={counts && (counts.get('event.unmapped') ?? counts.get('content.unmapped') ?? 0)}
            onChange={(treatment) => onChange({ ...rules, unmapped: mutable(treatment) })}
          />
          <RuleRow
            name={null}
            label={words.otherwise}
            treatment={rules.otherwise}
            changed={!same(rules.otherwise, base.otherwise)}
            starts={false}
            count={counts && 0}
            onChange={(treatment) => onChange({ ...rules, otherwise: mutable(treatment) })}
          />
        </tbody>
      </table>
      <NameRules rules={rules} onChange={onChange} />
    </div>
  );
}

interface RuleRowProps {
  name: FieldClass | null;
  label: string;
  treatment: Treatment;
  changed: boolean;
  /** A group of classes starts here. */
  starts: boolean;
  count: number | undefined;
  /** Names go as pseudonyms until they are allowed. */
  pseudonymised?: boolean;
  onChange: (treatment: Treatment) => void;
}

function RuleRow({
  name,
  label,
  treatment,
  changed,
  starts,
  count: times,
  pseudonymised,
  onChange,
}: RuleRowProps) {
  const [listing, setListing] = useState(false);
  const canList = treatment.do === 'pass' || treatment.do === 'generalise';
  const values = 'values' in treatment ? treatment.values : undefined;
  return (
    <>
      <tr className={`border-b border-line ${starts ? 'border-t border-t-line-strong' : ''}`}>
        <th scope="row" className="py-1 pr-3 font-normal" title={name ?? undefined}>
          <span className="block truncate">
            {label}
            {changed ? (
              <span className="ml-1 font-strong text-act" title={m.connect.changed(1)}>
                ·
              </span>
            ) : null}
          </span>
        </th>
        <td className="py-1">
          <div className="flex items-center gap-2">
            <TreatmentMark treatment={treatment.do} />
            <select
              aria-label={words.treatmentOf(label)}
              className="control control-slim"
              value={choiceOf(treatment)}
              onChange={(event) => onChange(treatmentOf(event.target.value, treatment))}
            >
              {choicesFor(name, treatment).map((choice) => (
                <option key={choice} value={choice}>
                  {m.connect.choiceNames[choice] ?? choice}
                </option>
              ))}
            </select>
          </div>
          {name === 'event.name' && pseudonymised ? (
            <span className="mt-1 ml-5 block text-small text-soft">{words.namesBelow}</span>
          ) : null}
          {canList && (values !== undefined || listing) ? (
            <button
              type="button"
              className="number-link mt-1 ml-5 text-left text-small text-soft"
              aria-expanded={listing}
              onClick={() => setListing(!listing)}
            >
              {values === undefined ? words.valuesAll : words.valuesSome(values.length)}
            </button>
          ) : null}
        </td>
        {times === undefined ? null : (
          <td className="py-1 text-right max-sm:hidden">
            {times === 0 ? <span className="text-soft">–</span> : count(times)}
          </td>
        )}
      </tr>
      {listing && canList ? (
        <tr className="border-b border-line">
          <td colSpan={3} className="py-3">
            <TextArea
              label={words.show(label)}
              hint={words.valuesHint}
              rows={6}
              defaultValue={(values ?? []).join('\n')}
              onBlur={(event) => onChange(withValues(treatment, listOf(event.target.value)))}
            />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function withValues(treatment: Treatment, values: string[]): Treatment {
  if (treatment.do !== 'pass' && treatment.do !== 'generalise') return treatment;
  const { values: _before, ...rest } = treatment;
  return values.length === 0 ? rest : { ...rest, values };
}

function NameRules({
  rules,
  onChange,
}: {
  rules: ContractDocument;
  onChange: (rules: ContractDocument) => void;
}) {
  const texts = m.connect.names;
  const properties = Object.entries(rules.properties);
  return (
    <div className="grid gap-6 lg:grid-cols-2">
      <div className="flex flex-col gap-4">
        <ChoiceField
          label={texts.label}
          name="names"
          value={rules.names.do}
          choices={[
            { value: 'pseudonymise', ...texts.pseudonymise },
            { value: 'pass', ...texts.pass },
          ]}
          onChoose={(value) =>
            onChange({ ...rules, names: { ...rules.names, do: value === 'pass' ? 'pass' : 'pseudonymise' } })
          }
        />
        {rules.names.do === 'pass' ? null : (
          <TextArea
            key={rules.names.allowed.length}
            label={texts.allowed}
            hint={texts.allowedHint}
            rows={3}
            defaultValue={rules.names.allowed.join('\n')}
            onBlur={(event) =>
              onChange({ ...rules, names: { ...rules.names, allowed: listOf(event.target.value) } })
            }
          />
        )}
      </div>
      <div>
        <p className="mb-2 font-strong">{texts.properties}</p>
        {properties.length === 0 ? <p className="text-soft">{texts.noProperties}</p> : null}
        <ul>
          {properties.map(([name, property]) => (
            <li key={name} className="flex items-center justify-between gap-4 border-b border-line py-1">
              <span className="min-w-0 truncate">
                <span className="font-mono text-small">{name}</span>{' '}
                <span className="text-small text-soft">{classLabel(property.class)}</span>
              </span>
              <span className="flex items-center gap-3">
                <TreatmentWord treatment={property.treatment.do as TreatmentName} />
                <Button
                  weight="quiet"
                  slim
                  aria-label={texts.remove(name)}
                  onClick={() => onChange(withoutProperty(rules, name))}
                >
                  ×
                </Button>
              </span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** How many kinds of data meet each fate: what the table says in one line. */
export function ContractSummary({ service, rules }: { service: ServiceDetail; rules: ContractDocument }) {
  const fates = new Map<TreatmentName, number>();
  for (const name of classesOf(service)) {
    const treatment = ruleFor(rules, name).do;
    fates.set(treatment, (fates.get(treatment) ?? 0) + 1);
  }
  return (
    <span className="ml-2 inline-flex flex-wrap gap-x-4 align-baseline text-small text-soft">
      {treatmentNames
        .filter((treatment) => fates.has(treatment))
        .map((treatment) => (
          <span key={treatment} className="inline-flex items-center gap-1.5">
            <TreatmentMark treatment={treatment} />
            {m.connect.table.fate(fates.get(treatment) ?? 0, m.treatment[treatment].got)}
          </span>
        ))}
    </span>
  );
}
