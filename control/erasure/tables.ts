import type { Sealed } from '@drawbridge/protocol';
import type { Report } from './schemas.ts';

export type ErasureTables = {
  erasure: {
    id: string;
    state: 'held' | 'done';
    at: Date;
    asked_at: Date;
    actor: string;
    reason: string;
    sealed: Sealed;
    holds: string[];
    done_at: Date | null;
    place: number | null;
    report: Report | null;
  };
  legal_hold: {
    id: string;
    set_at: Date;
    set_by: string;
    reason: string;
    until: Date | null;
    lifted_at: Date | null;
    lifted_by: string | null;
    lifted_reason: string | null;
  };
  legal_hold_subject: { hold: string; about: 'person' | 'organisation'; pseudonym: string };
};
