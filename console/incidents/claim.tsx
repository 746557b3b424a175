import type { IncidentClaim } from '../api/room-types.ts';
import { Exact } from '../design/time.tsx';
import { incidents } from '../messages/pages/incidents.ts';

const words = incidents.claim;

/** What was said, by whom, how sure; and what became of it. */
export function ClaimText({ claim }: { claim: IncidentClaim }) {
  const isOver = claim.replacedBy !== null || claim.withdrawnBy !== null;
  return (
    <div className="min-w-0">
      <p className={`break-words ${isOver ? 'text-soft line-through' : ''}`}>{claim.text}</p>
      <p className="text-small break-words text-soft">
        {claim.source}
        {claim.confidence === null ? '' : `, ${incidents.confidences[claim.confidence]}`}
        {claim.happenedAt === null ? null : (
          <>
            , {words.learned} <Exact at={claim.happenedAt} />
          </>
        )}
        {claim.replacedBy === null ? '' : `; ${words.replacedBy(claim.replacedBy)}`}
        {claim.withdrawnBy === null ? '' : `; ${words.withdrawnBy(claim.withdrawnBy)}`}
      </p>
    </div>
  );
}
