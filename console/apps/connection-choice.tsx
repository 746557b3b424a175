import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { queries } from '../api/queries.ts';
import { m } from '../messages/en.ts';

/** Which connections a key may use. */
export function ConnectionChoice({
  chosen,
  onChoose,
  error,
}: {
  chosen: readonly string[];
  onChoose: (chosen: string[]) => void;
  error: string | undefined;
}) {
  const connections = useQuery(queries.connections());
  const wrong = useId();
  return (
    <fieldset aria-describedby={error === undefined ? undefined : wrong}>
      <legend className="mb-2 font-strong">{m.apps.mayUse}</legend>
      <div className="flex flex-col gap-1">
        {(connections.data ?? []).map((connection) => (
          <label key={connection.id} className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={chosen.includes(connection.id)}
              onChange={(event) =>
                onChoose(
                  event.target.checked
                    ? [...chosen, connection.id]
                    : chosen.filter((id) => id !== connection.id),
                )
              }
            />
            {connection.name}
          </label>
        ))}
      </div>
      {error === undefined ? null : (
        <p id={wrong} role="alert" className="mt-1 text-alert">
          {error}
        </p>
      )}
    </fieldset>
  );
}
