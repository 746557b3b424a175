import { useQuery } from '@tanstack/react-query';
import { useMay } from '../api/may.ts';
import { queries } from '../api/queries.ts';
import { TextLink } from '../design/button.tsx';
import { m } from '../messages/en.ts';

/** Statements of where data is kept that crossings contradict; nothing where there are none. */
export function Contradictions() {
  const mayRead = useMay('residency.read');
  const world = useQuery({ ...queries.world(), enabled: mayRead }).data;
  if (world === undefined || world.contradictions === 0) return null;
  return (
    <p className="max-w-[84ch] border-l-3 border-alert bg-alert-wash px-4 py-2">
      {m.overview.contradictions(world.contradictions)}{' '}
      <TextLink to="/world" hash="contradictions">
        {m.rail.world}
      </TextLink>
    </p>
  );
}
