export const states = ['open', 'contained', 'closed', 'merged'] as const;
export type State = (typeof states)[number];
export const severities = ['unknown', 'low', 'high', 'critical'] as const;
export const roles = ['lead', 'scribe', 'communications', 'privacy', 'vendor_contact'] as const;
export type Role = (typeof roles)[number];
export const confidences = ['confirmed', 'likely', 'unverified', 'disputed'] as const;
export type Confidence = (typeof confidences)[number];
export const phases = ['first_hour', 'contain', 'assess', 'notify', 'recover', 'review'] as const;
export type Phase = (typeof phases)[number];
export const taskStates = ['open', 'done', 'dropped'] as const;

/** What a line of the timeline tells of. */
export const entryKinds = [
  'opened',
  'changed',
  'member',
  'claim',
  'withdrawn',
  'note',
  'decision',
  'question',
  'answer',
  'task',
  'task_ended',
  'related',
  'merged',
  'attachment',
  'clock',
  'severance',
  'notice',
] as const;
export type EntryKind = (typeof entryKinds)[number];

export type IncidentRow = {
  id: string;
  number: number;
  title: Buffer;
  playbook: string;
  party: string | null;
  state: State;
  severity: (typeof severities)[number];
  drill: boolean;
  restricted: boolean;
  occurred_from: Date | null;
  occurred_to: Date | null;
  opened_at: Date;
  opened_by: string;
  closed_at: Date | null;
  merged_into: string | null;
  entries: number;
};

export type EntryRow = {
  incident: string;
  n: number;
  kind: EntryKind;
  at: Date;
  happened_at: Date | null;
  by_id: string;
  by_name: string;
  refers: number | null;
  about: string | null;
  due_at: Date | null;
  confidence: Confidence | null;
  sealed: Buffer;
};

export type TaskRow = {
  id: string;
  incident: string;
  n: number;
  key: string | null;
  phase: Phase;
  sealed: Buffer;
  role: Role | null;
  owner: string | null;
  owner_name: string | null;
  due_at: Date | null;
  state: (typeof taskStates)[number];
  ended_at: Date | null;
  ended_by: string | null;
};

export type IncidentTables = {
  incident: IncidentRow;
  incident_member: { incident: string; person: string; name: string; roles: Role[]; since: Date };
  incident_entry: EntryRow;
  incident_task: TaskRow;
  incident_attachment: { incident: string; n: number; hash: string };
};
