import { useId } from 'react';
import { m } from '../messages/en.ts';
import { knownRoles, roleName } from './words.ts';

const words = m.people;

/** All roles in sight, each with what it is for. */
export function RoleChoice({
  roles,
  onChange,
  error,
}: {
  roles: readonly string[];
  onChange: (roles: string[]) => void;
  error?: string | undefined;
}) {
  const id = useId();
  return (
    <fieldset aria-describedby={error ? id : undefined}>
      <legend className="mb-2 font-strong">{words.chooseRoles}</legend>
      <div className="flex flex-col gap-2">
        {[...new Set([...knownRoles, ...roles])].map((role) => (
          <label
            key={role}
            className="flex gap-3 rounded-md border border-line bg-panel px-3 py-2 has-checked:border-act has-checked:bg-act-wash"
          >
            <input
              type="checkbox"
              className="mt-0.5 shrink-0"
              checked={roles.includes(role)}
              onChange={(event) =>
                onChange(event.target.checked ? [...roles, role] : roles.filter((one) => one !== role))
              }
            />
            <span className="flex flex-col">
              <span>{roleName(role)}</span>
              <span className="text-small text-soft">{words.roleTexts[role]}</span>
            </span>
          </label>
        ))}
      </div>
      {error ? (
        <p id={id} role="alert" className="mt-2 text-alert">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
