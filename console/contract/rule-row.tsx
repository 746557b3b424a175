import type { Treatment } from '@drawbridge/minimise';
import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import { useState } from 'react';
import { TextArea } from '../design/field.tsx';
import { count } from '../design/format.ts';
import { TreatmentMark } from '../design/treatment.tsx';
import { m } from '../messages/en.ts';
import { choiceOf, choicesFor, listOf, treatmentOf } from './rules.ts';

const words = m.connect.table;

interface RuleRowProps {
  name: FieldClass | null;
  label: string;
  /** The label where it is read out alone; left out: `label`. */
  spoken?: string;
  treatment: Treatment;
  changed: boolean;
  /** A group of classes starts here. */
  starts: boolean;
  count: number | undefined;
  /** Names go as pseudonyms until they are allowed. */
  pseudonymised?: boolean;
  onChange: (treatment: Treatment) => void;
}

/** One kind of data with its treatment, to be changed in place. */
export function RuleRow({
  name,
  label,
  spoken = label,
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
          <span className="block sm:truncate">
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
              aria-label={words.treatmentOf(spoken)}
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
          <td colSpan={times === undefined ? 2 : 3} className="py-3">
            <TextArea
              label={words.show(spoken)}
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
