import { type FieldClass, fieldClasses } from '@drawbridge/protocol/vocabulary';
import { choicesFor } from '../contract/rules.ts';
import { classLabel, classNames } from '../design/classes.ts';
import { SelectField } from '../design/field.tsx';
import { m } from '../messages/en.ts';

const words = m.review;

/** What a name is, and what becomes of it. A secret is found by other means than a person's word. */
export function ClassAndTreatment({
  chosen,
  onChoose,
}: {
  chosen: { class: FieldClass; treatment: string };
  onChoose: (change: { class: FieldClass } | { treatment: string }) => void;
}) {
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <SelectField
        label={words.class}
        value={chosen.class}
        onChange={(event) => onChoose({ class: event.target.value as FieldClass })}
      >
        {classNames
          .filter((name) => fieldClasses[name].about !== 'secret')
          .map((name) => (
            <option key={name} value={name}>
              {classLabel(name)}
            </option>
          ))}
      </SelectField>
      <SelectField
        label={words.treatment}
        value={chosen.treatment}
        onChange={(event) => onChoose({ treatment: event.target.value })}
      >
        {choicesFor(chosen.class, { do: 'pass' }).map((choice) => (
          <option key={choice} value={choice}>
            {m.connect.choiceNames[choice] ?? choice}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
