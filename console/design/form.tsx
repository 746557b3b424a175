import type { ReactNode } from 'react';
import { m } from '../messages/en.ts';
import { Button } from './button.tsx';
import { TextField } from './field.tsx';
import { Trouble } from './state.tsx';

/** Why it is done: what every change is asked for, and what the log of changes keeps. */
export function ReasonField({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (reason: string) => void;
  error?: string | undefined;
}) {
  return (
    <TextField
      label={m.common.reason}
      hint={m.common.reasonHint}
      required
      minLength={3}
      maxLength={500}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={error}
    />
  );
}

/** How a sheet's form ends: what went wrong with it, the act (its name is `children`), and the way out. */
export function FormActs({
  error,
  weight = 'main',
  disabled,
  onCancel,
  children,
}: {
  error: Error | null | undefined;
  weight?: 'main' | 'danger';
  disabled: boolean;
  onCancel: () => void;
  children: ReactNode;
}) {
  return (
    <>
      {error ? <Trouble error={error} /> : null}
      <div className="flex gap-2">
        <Button type="submit" weight={weight} disabled={disabled}>
          {children}
        </Button>
        <Button onClick={onCancel}>{m.common.cancel}</Button>
      </div>
    </>
  );
}
