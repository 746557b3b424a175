import type { VirtualKey } from '../api/types.ts';
import { Ago } from '../design/time.tsx';
import { m } from '../messages/en.ts';

/** Whether a key is in use, and how much: what whoever ends it has to know. */
export function UseSentence({ virtualKey }: { virtualKey: VirtualKey }) {
  if (virtualKey.lastUsedAt === null) return <p className="font-strong">{m.apps.revokeNever}</p>;
  return (
    <p className="font-strong">
      {m.apps.revokeUsed} <Ago at={virtualKey.lastUsedAt} />
      {': '}
      {m.apps.usedIn24h(virtualKey.crossings24h, virtualKey.refused24h)}
    </p>
  );
}
