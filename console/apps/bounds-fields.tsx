import { ApiError } from '../api/client.ts';
import { TextArea } from '../design/field.tsx';
import { m } from '../messages/en.ts';
import type { BoundsDraft } from './bounds-draft.ts';

const words = m.apps.bounds;

/** Which models a key may ask for, and from where it may be used. */
export function BoundsFields({
  bounds,
  publishable,
  onChange,
  error,
}: {
  bounds: BoundsDraft;
  publishable: boolean;
  onChange: (patch: Partial<BoundsDraft>) => void;
  error: unknown;
}) {
  const wrong = (field: string): string | undefined =>
    error instanceof ApiError ? error.field(field) : undefined;
  // A publishable key calls ingest endpoints only, from wherever a page is opened.
  if (publishable) return null;
  return (
    <>
      <TextArea
        label={words.models}
        hint={words.modelsHint}
        rows={2}
        value={bounds.models}
        onChange={(event) => onChange({ models: event.target.value })}
        error={wrong('models')}
      />
      <TextArea
        label={words.networks}
        hint={words.networksHint}
        rows={2}
        value={bounds.networks}
        onChange={(event) => onChange({ networks: event.target.value })}
        error={wrong('networks')}
      />
    </>
  );
}
