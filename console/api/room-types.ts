/** The incident room, as the API at /api/v1/incidents answers. Times are ISO 8601. */

export type IncidentState = 'open' | 'contained' | 'closed' | 'merged';
export type Severity = 'unknown' | 'low' | 'high' | 'critical';
export type IncidentRole = 'lead' | 'scribe' | 'communications' | 'privacy' | 'vendor_contact';
export type IncidentPhase = 'first_hour' | 'contain' | 'assess' | 'notify' | 'recover' | 'review';
export type Confidence = 'confirmed' | 'likely' | 'unverified' | 'disputed';

interface IncidentHead {
  id: string;
  number: number;
  title: string;
  playbook: string;
  party: { id: string; name: string } | null;
  state: IncidentState;
  severity: Severity;
  drill: boolean;
  restricted: boolean;
  occurredFrom: string | null;
  occurredTo: string | null;
  openedAt: string;
  openedBy: string;
  closedAt: string | null;
}

export interface IncidentRow extends IncidentHead {
  openTasks: number;
  openActions: number;
  nextDueAt: string | null;
}

export interface IncidentEntry {
  n: number;
  kind: string;
  at: string;
  happenedAt: string | null;
  by: string;
  refers: number | null;
  about: string | null;
  dueAt: string | null;
  confidence: Confidence | null;
  text: string;
  source: string | null;
}

/** A line of the timeline. `n`: null where nobody entered it; `opens`: the change or the crossing that it tells of. */
export interface IncidentLine extends Omit<IncidentEntry, 'n'> {
  n: number | null;
  origin: 'room' | 'change_log' | 'ledger' | 'messages';
  opens: string | null;
}

export interface IncidentTask {
  id: string;
  n: number;
  key: string | null;
  phase: IncidentPhase;
  title: string;
  why: string | null;
  note: string | null;
  role: IncidentRole | null;
  owner: { id: string; name: string } | null;
  dueAt: string | null;
  late: boolean;
  state: 'open' | 'done' | 'dropped';
  endedAt: string | null;
  endedBy: string | null;
}

export interface IncidentMember {
  person: string;
  name: string;
  roles: IncidentRole[];
  since: string;
}

export interface IncidentClaim extends IncidentEntry {
  replacedBy: number | null;
  withdrawnBy: number | null;
}

export interface IncidentQuestion extends IncidentEntry {
  answers: IncidentEntry[];
  silentSince: string | null;
}

export interface Incident extends IncidentHead {
  mergedInto: string | null;
  members: IncidentMember[];
  claims: IncidentClaim[];
  contradicted: string[];
  decisions: IncidentEntry[];
  questions: IncidentQuestion[];
  tasks: IncidentTask[];
  related: { id: string; number: number }[];
}

export interface IncidentAction {
  incident: { id: string; number: number; title: string; drill: boolean; state: IncidentState };
  task: IncidentTask;
}

export interface IncidentAttachment {
  n: number;
  name: string;
  hash: string;
  bytes: number;
  type: string;
  at: string;
  by: string;
}

export interface Playbook {
  id: string;
  name: string;
  when: string;
  asOf: string;
  tasks: number;
  questions: number;
}
