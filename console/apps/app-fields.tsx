import { ApiError } from '../api/client.ts';
import type { App } from '../api/types.ts';
import { TextField } from '../design/field.tsx';
import { m } from '../messages/en.ts';

const words = m.apps;

type AppNames = Pick<App, 'name' | 'owner'>;

/** What an app is called and who answers for it, each with what was wrong with it. */
export function AppFields({
  app,
  onChange,
  error,
}: {
  app: AppNames;
  onChange: (patch: Partial<AppNames>) => void;
  error: unknown;
}) {
  const wrong = (field: keyof AppNames): string | undefined =>
    error instanceof ApiError ? error.field(field) : undefined;
  return (
    <>
      <TextField
        label={words.appName}
        hint={words.appNameHint}
        required
        maxLength={100}
        value={app.name}
        onChange={(event) => onChange({ name: event.target.value })}
        error={wrong('name')}
      />
      <TextField
        label={words.owner}
        hint={words.ownerHint}
        required
        maxLength={100}
        value={app.owner}
        onChange={(event) => onChange({ owner: event.target.value })}
        error={wrong('owner')}
      />
    </>
  );
}
