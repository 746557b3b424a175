import { useId, useState } from 'react';
import { Button } from '../design/button.tsx';
import { m } from '../messages/en.ts';

/** A password that can be looked at: mistyped ones lock people out. It is never kept in a draft. */
export function PasswordField({
  label,
  hint,
  error,
  value,
  onChange,
  fresh,
}: {
  label: string;
  hint?: string;
  error?: string | undefined;
  value: string;
  onChange: (password: string) => void;
  /** It is being chosen, not asked for. */
  fresh?: boolean;
}) {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div className="field flex max-w-[480px] flex-col gap-1">
      <label htmlFor={id} className="font-strong">
        {label}
      </label>
      <div className="flex gap-2">
        <input
          id={id}
          name="password"
          type={shown ? 'text' : 'password'}
          className="control"
          required
          minLength={fresh ? 12 : undefined}
          maxLength={200}
          autoComplete={fresh ? 'new-password' : 'current-password'}
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={error ? true : undefined}
          aria-describedby={
            [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].join(' ').trim() || undefined
          }
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
        <Button aria-label={m.signIn.showPassword} aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? m.signIn.hide : m.signIn.show}
        </Button>
      </div>
      {error ? (
        <p id={`${id}-error`} className="text-alert" role="alert">
          {error}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="text-small text-soft">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
