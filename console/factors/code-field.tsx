import { TextField } from '../design/field.tsx';

/** Six digits of an authenticator app. The keyboard of a phone shows digits, and may fill them in. */
export function CodeField({
  label,
  hint,
  value,
  onChange,
  error,
}: {
  label: string;
  hint: string;
  value: string;
  onChange: (code: string) => void;
  error?: string | undefined;
}) {
  return (
    <TextField
      label={label}
      hint={hint}
      name="code"
      required
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern="\s*(\d\s*){6}"
      maxLength={12}
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={error}
    />
  );
}

/** As people type it, without the gap that some apps show. */
export const plainCode = (code: string): string => code.replaceAll(/\s/g, '');
