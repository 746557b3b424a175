import { type ComponentProps, type ReactNode, useId } from 'react';

interface Around {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
}

interface Wiring {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': boolean | undefined;
}

/** Label above, control, then the hint, and what was wrong beside the field it was wrong in. */
function Around({ label, hint, error, children }: Around & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId();
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="field flex max-w-[480px] flex-col gap-1">
      <label htmlFor={id} className="font-strong">
        {label}
      </label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': error ? true : undefined })}
      {error ? (
        <p id={`${id}-error`} className="text-alert">
          {error}
        </p>
      ) : null}
      {hint ? (
        <div id={`${id}-hint`} className="text-small text-soft">
          {hint}
        </div>
      ) : null}
    </div>
  );
}

export function TextField({ label, hint, error, ...rest }: Around & ComponentProps<'input'>) {
  return (
    <Around label={label} hint={hint} {...(error ? { error } : {})}>
      {(wiring) => <input {...rest} {...wiring} className="control" />}
    </Around>
  );
}

export function TextArea({ label, hint, error, ...rest }: Around & ComponentProps<'textarea'>) {
  return (
    <Around label={label} hint={hint} {...(error ? { error } : {})}>
      {(wiring) => <textarea {...rest} {...wiring} className="control font-mono text-small" />}
    </Around>
  );
}

export function SelectField({ label, hint, error, children, ...rest }: Around & ComponentProps<'select'>) {
  return (
    <Around label={label} hint={hint} {...(error ? { error } : {})}>
      {(wiring) => (
        <select {...rest} {...wiring} className="control">
          {children}
        </select>
      )}
    </Around>
  );
}

interface Choice {
  value: string;
  label: ReactNode;
  hint?: ReactNode;
}

/** A question with few answers: all of them in sight. */
export function ChoiceField({
  label,
  name,
  value,
  choices,
  onChoose,
  columns = 1,
}: {
  label: string;
  name: string;
  value: string;
  choices: readonly Choice[];
  onChoose: (value: string) => void;
  columns?: 1 | 2;
}) {
  return (
    <fieldset>
      <legend className="mb-2 font-strong">{label}</legend>
      <div className={columns === 2 ? 'grid gap-2 sm:grid-cols-2' : 'flex flex-col gap-2'}>
        {choices.map((choice) => (
          <label
            key={choice.value}
            className="flex gap-3 rounded-md border border-line bg-panel px-3 py-2 has-checked:border-act has-checked:bg-act-wash"
          >
            <input
              type="radio"
              name={name}
              className="mt-0.5 shrink-0"
              checked={choice.value === value}
              onChange={() => onChoose(choice.value)}
            />
            <span className="flex flex-col">
              <span>{choice.label}</span>
              {choice.hint ? <span className="text-small text-soft">{choice.hint}</span> : null}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
