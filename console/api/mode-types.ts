import type { ConnectionMode, FieldClass } from '@drawbridge/protocol/vocabulary';
import type { TreatmentName } from './types.ts';

/** What the API answers about modes of connections and break-glass. */

interface RefusedRow {
  reason: string;
  text: string;
  crossings: number;
  examples: string[];
}

/** What another mode would make of the latest crossings of a connection. */
export interface ModeDifference {
  from: ConnectionMode;
  to: ConnectionMode;
  crossings: number;
  since: string | null;
  latest: string | null;
  otherContracts: number;
  refusedUnread: number;
  rows: {
    class: FieldClass;
    now: TreatmentName;
    after: TreatmentName;
    crossings: number;
    values: number;
    examples: string[];
  }[];
  refusedNow: RefusedRow[];
  refusedAfter: RefusedRow[];
}

export interface BreakGlass {
  id: string;
  connection: { id: string; name: string };
  state: 'asked' | 'in_force' | 'ended' | 'expired';
  reason: string;
  askedAt: string;
  askedBy: string;
  until: string;
  inForceAt: string | null;
  approvedBy: string | null;
  byOnePerson: boolean;
  endedAt: string | null;
  endedBy: string | null;
  endReason: string | null;
}
