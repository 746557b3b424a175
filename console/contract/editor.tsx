import type { Treatment } from '@drawbridge/minimise';
import type { ContractDocument } from '@drawbridge/protocol/contract';
import { treatmentNames } from '@drawbridge/protocol/vocabulary';
import type { ServiceDetail, TreatmentName } from '../api/types.ts';
import { Button } from '../design/button.tsx';
import { classGroup, classLabel } from '../design/classes.ts';
import { ChoiceField, TextArea } from '../design/field.tsx';
import { TreatmentMark, Treatment as TreatmentWord } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { RuleRow } from './rule-row.tsx';
import { classesOf, listOf, mutable, ruleFor, withoutProperty, withRule } from './rules.ts';
import { TextRules } from './texts-panel.tsx';

const words = m.connect.table;

/** The contract as a table: kind of data, treatment, listed values. Every row can be changed in place. */
export function ContractEditor({
  service,
  rules,
  base,
  counts,
  found,
  countsTitle = words.sample,
  observed = false,
  onChange,
}: {
  service: ServiceDetail;
  rules: ContractDocument;
  /** What `rules` started from: rows that differ are marked. */
  base: ContractDocument;
  /** How many values of each class the sample holds. */
  counts?: ReadonlyMap<string, number>;
  /** How many of each class were found in texts; left out: that is not known. */
  found?: ReadonlyMap<string, number>;
  countsTitle?: string;
  /** The connection's mode lets texts cross whatever the contract says. */
  observed?: boolean;
  onChange: (rules: ContractDocument) => void;
}) {
  const classes = classesOf(service);
  const same = (a: Treatment, b: Treatment): boolean => JSON.stringify(a) === JSON.stringify(b);
  const texts = (
    <TextRules
      service={service}
      rules={rules}
      base={base}
      found={found}
      countsTitle={countsTitle}
      observed={observed}
      onChange={onChange}
    />
  );
  // To an AI vendor texts are nearly all that crosses.
  const textsFirst = service.kind === 'ai';
  return (
    <div className="flex flex-col gap-6">
      {textsFirst ? texts : null}
      <h3 className="-mb-3 text-head font-strong">{words.fields}</h3>
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
      {textsFirst ? null : texts}
    </div>
  );
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
