import { useSearch } from '@tanstack/react-router';
import { m } from '../messages/en.ts';
import { ago, exact, type Zone } from './format.ts';
import { useNow } from './now.ts';

/** The zone of exact times: part of the address, so that two people who share a link read the same times. */
export function useZone(): Zone {
  return useSearch({ strict: false, select: (search) => search.tz }) === 'local' ? 'local' : 'utc';
}

/** How long ago; the exact time on hover. */
export function Ago({ at }: { at: string | null | undefined }) {
  const now = useNow();
  const zone = useZone();
  if (at === null || at === undefined) return <span className="text-soft">{m.common.never}</span>;
  return (
    <time dateTime={at} title={exact(at, zone)} className="whitespace-nowrap">
      {ago(Date.parse(at), now)}
    </time>
  );
}

export function Exact({ at }: { at: string }) {
  const zone = useZone();
  return (
    <time dateTime={at} className="whitespace-nowrap">
      {exact(at, zone)}
    </time>
  );
}
