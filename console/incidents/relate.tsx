import { useInfiniteQuery } from '@tanstack/react-query';
import { queries } from '../api/queries.ts';
import type { Incident } from '../api/room-types.ts';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { incidents } from '../messages/pages/incidents.ts';
import { EntrySheet } from './entry.tsx';

const words = incidents.one;

/** Links an incident with another one, or goes on in the other. A drill is offered drills alone, and what is real what is real. */
export function RelateSheet({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const found = useInfiniteQuery(queries.incidents({}));
  const rows = found.data?.pages.flatMap(({ items }) => items);
  const others = rows?.filter(
    ({ id, state, drill }) => id !== incident.id && state !== 'merged' && drill === incident.drill,
  );
  if (others === undefined || others.length === 0) {
    return (
      <Sheet open onClose={onClose} title={words.relate}>
        {others !== undefined ? (
          <p>{words.noOther}</p>
        ) : found.error ? (
          <Trouble error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Bones lines={3} />
        )}
      </Sheet>
    );
  }
  return (
    <EntrySheet
      title={words.relate}
      draftName={`incident.${incident.id}.relate`}
      initial={{ how: 'related', other: '' }}
      withReason
      fields={[
        {
          name: 'other',
          label: words.other,
          required: true,
          options: [
            ['', words.choose],
            ...others.map(({ id, number, title }) => [id, `${number}: ${title}`] as const),
          ],
        },
        { name: 'how', label: words.how, options: Object.entries(words.hows) },
      ]}
      call={({ other = '', how }) => ({
        path: `/incidents/${incident.id}/${how === 'merge' ? 'merge' : 'related'}`,
        body: { other },
      })}
      onClose={onClose}
    />
  );
}
