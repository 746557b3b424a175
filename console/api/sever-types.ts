/** What cutting a link does, as the API at /api/v1/severance-plan and /severances answers. */

export interface SeveranceTarget {
  kind: 'vendor' | 'connection' | 'party' | 'field_class';
  id: string;
  fieldClass?: string | undefined;
}

export interface SeveranceLine {
  id: string;
  what: string;
  kind: string;
  owner: string | null;
  proof: { text: string; href: string | null } | null;
  done: { at: string; by: string; proof: string | null } | null;
}

interface SeveranceLists {
  cutNow: SeveranceLine[];
  revokeThere: SeveranceLine[];
  notOurs: SeveranceLine[];
  unknown: SeveranceLine[];
}

export interface SeverancePlan extends SeveranceLists {
  target: SeveranceTarget;
  consequences: {
    apps: { id: string; name: string }[];
    pseudonyms: { epochs: number; people: number } | null;
  };
}

export interface Severance extends SeveranceLists {
  id: string;
  target: SeveranceTarget;
  incident: string | null;
  state: 'in_force' | 'partly' | 'reopened' | 'ended';
  since: string;
  inForce: { gateway: string; at: string | null }[];
  until: string | null;
  by: string;
  reason: string;
}
