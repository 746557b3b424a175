/** What the API answers about rotations of credentials, and about keys that somebody else used. */

interface Of {
  id: string;
  name: string;
  vendor: string;
  service: string;
}

export type RotationStep =
  | 'create'
  | 'probe'
  | 'canary'
  | 'switch'
  | 'overlap'
  | 'deactivate'
  | 'delete'
  | 'prove'
  | 'undo'
  | 'clean_up'
  | 'done'
  | 'undone';

type RotationNeed =
  | 'enter_new_key'
  | 'delete_old_key'
  | 'new_key_refused'
  | 'vendor_refused'
  | 'vendor_unreachable'
  | 'gateways_behind'
  | 'old_key_in_use'
  | 'old_key_still_works'
  | 'old_key_dead'
  | 'credential_gone';

export interface RotationPlan {
  share: number;
  canarySeconds: number;
  canaryAnswers: number;
  overlapSeconds: number;
}

export interface Rotation {
  id: string;
  connection: Of;
  how: 'api' | 'guided';
  step: RotationStep;
  since: string;
  needs: RotationNeed | null;
  needsText: string | null;
  said: string | null;
  failed: number;
  fromVersion: number;
  toVersion: number | null;
  plan: RotationPlan;
  seen: { answered: number; refused: number; oldLastAt: string | null };
  canRollBack: boolean;
  canGoOn: boolean;
  manual: { url: string; text: string } | null;
  reason: string;
  startedAt: string;
  startedBy: string;
  endedAt: string | null;
}

export interface RotationDue {
  connection: Of;
  version: number;
  enteredAt: string;
  ageDays: number;
  everyDays: number;
  ownPolicy: boolean;
  automatic: boolean;
  dueAt: string;
  due: boolean;
  why: {
    kind: 'age' | 'person_left' | 'vendor_breached' | 'seen_elsewhere';
    at: string;
    reason: string;
  } | null;
  rotation: string | null;
  admin: {
    credential: string;
    parameters: { id: string; label: string; example: string }[];
    refs: { id: string; label: string }[];
    entered: { at: string; by: string; host: string } | null;
    knowsOldKey: boolean;
  } | null;
}

export interface KeyAlarm {
  id: string;
  kind: 'foreign_use' | 'canary_used' | 'canary_reported' | 'leaked';
  about: { kind: string; id: string };
  vendor: string | null;
  text: string;
  evidence: Record<string, string | number | boolean | null>;
  raisedAt: string;
  firstAt: string;
  lastAt: string;
  times: number;
  acknowledged: { at: string; by: string; reason: string } | null;
}
