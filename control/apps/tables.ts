import type { DayBudget } from '@drawbridge/protocol';

export type AppTables = {
  app: { id: string; name: string; owner: string; created_at: Date; created_by: string };
  virtual_key: {
    id: string;
    hash: Buffer;
    app: string;
    kind: 'secret' | 'publishable';
    connections: string[];
    classes: string[];
    origins: string[];
    per_minute: number | null;
    per_day: DayBudget | null;
    created_at: Date;
    created_by: string;
    expires_at: Date | null;
    revoked_at: Date | null;
    revoked_by: string | null;
    replaces: string | null;
    models: string[] | null;
    networks: string[] | null;
    /** Whose own key it is; null: a workload's. */
    person: string | null;
  };
};
