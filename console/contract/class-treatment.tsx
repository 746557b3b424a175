import { type FieldClass, fieldClasses } from '@drawbridge/protocol/vocabulary';
import { classLabel, classNames, vendorGot } from '../design/classes.ts';
import { SelectField } from '../design/field.tsx';
import { m } from '../messages/en.ts';
import { choicesFor, treatmentOf } from './rules.ts';

interface Chosen {
  class: FieldClass;
  treatment: string;
}

/** What a person may say that a name is. A secret is found by other means than a person's word. */
export function ClassOptions() {
  return classNames
    .filter((name) => fieldClasses[name].about !== 'secret')
    .map((name) => (
      <option key={name} value={name}>
        {classLabel(name)}
      </option>
    ));
}

/** What a name is, and what becomes of it. `mustCross`: only treatments of which something crosses. */
export function ClassAndTreatment({
  labels,
  chosen,
  mustCross = false,
  onChoose,
}: {
  labels: { class: string; treatment: string };
  chosen: Chosen;
  mustCross?: boolean;
  onChoose: (change: Partial<Chosen>) => void;
}) {
  const choicesOf = (name: FieldClass): string[] =>
    choicesFor(name, { do: 'pass' }).filter(
      (choice) => !mustCross || vendorGot(treatmentOf(choice, { do: 'drop' }).do),
    );

  /** A coarser form of one class may be none of another: then nothing of the value crosses until it is chosen anew. */
  function chooseClass(name: FieldClass): void {
    const stays = choicesOf(name).includes(chosen.treatment);
    onChoose({ class: name, ...(stays ? {} : { treatment: 'pseudonymise' }) });
  }

  return (
    <>
      <SelectField
        label={labels.class}
        value={chosen.class}
        onChange={(event) => chooseClass(event.target.value as FieldClass)}
      >
        <ClassOptions />
      </SelectField>
      <SelectField
        label={labels.treatment}
        value={chosen.treatment}
        onChange={(event) => onChoose({ treatment: event.target.value })}
      >
        {choicesOf(chosen.class).map((choice) => (
          <option key={choice} value={choice}>
            {m.connect.choiceNames[choice] ?? choice}
          </option>
        ))}
      </SelectField>
    </>
  );
}
