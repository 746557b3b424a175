import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useDeferredValue, useRef, useState } from 'react';
import { queries } from '../api/queries.ts';
import type { Incident } from '../api/room-types.ts';
import { TextField } from '../design/field.tsx';
import { Sheet } from '../design/sheet.tsx';
import { Bones, Trouble } from '../design/state.tsx';
import { incidents } from '../messages/pages/incidents.ts';
import { EntrySheet } from './entry.tsx';

const words = incidents.one;

/** Links an incident with another one, or goes on in the other. A drill is offered drills alone, and what is real what is real. */
export function RelateSheet({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const [sought, seek] = useState('');
  const q = useDeferredValue(sought.trim());
  const found = useInfiniteQuery({
    ...queries.incidents({ drill: String(incident.drill), ...(q === '' ? {} : { q }) }),
    placeholderData: keepPreviousData,
  });
  // What was chosen stays to be seen when the search goes on.
  const labels = useRef(new Map<string, string>());
  const rows = found.data?.pages.flatMap(({ items }) => items);
  const others = rows?.filter(({ id, state }) => id !== incident.id && state !== 'merged');
  for (const { id, number, title } of others ?? []) labels.current.set(id, `${number}: ${title}`);
  if (others === undefined || (others.length === 0 && sought === '' && q === '')) {
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
  const offered = others.map(({ id }) => id);
  const isSettled = q === sought.trim() && !found.isPlaceholderData;
  return (
    <EntrySheet
      title={words.relate}
      draftName={`incident.${incident.id}.relate`}
      initial={{ how: 'related', other: '' }}
      withReason
      before={
        <TextField
          type="search"
          label={words.find}
          hint={isSettled ? words.found(offered.length, found.hasNextPage) : words.finding}
          value={sought}
          onChange={(event) => seek(event.target.value)}
        />
      }
      fields={({ other = '' }) => [
        {
          name: 'other',
          label: words.other,
          required: true,
          options: [
            ['', words.choose],
            ...[...new Set([...offered, ...(labels.current.has(other) ? [other] : [])])].map(
              (id) => [id, labels.current.get(id) ?? id] as const,
            ),
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
