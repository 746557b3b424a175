export const drillEnds = ['time', 'stopped', 'cancelled', 'skipped'] as const;
export type DrillEnd = (typeof drillEnds)[number];

export interface RecoveryRow {
  id: string;
  vendor: string;
  app: string | null;
  one_app: boolean;
  share: number;
  minutes: number;
  starts_at: Date;
  every_days: number | null;
  in_trouble: boolean;
  reason: string;
  planned_by: string;
  planned_by_name: string;
  planned_at: Date;
  began_at: Date | null;
  until: Date | null;
  ended_at: Date | null;
  ended: DrillEnd | null;
  ended_by_name: string | null;
  end_reason: string | null;
  report: string | null;
  report_hash: string | null;
}

export type RecoveryTables = { recovery_drill: RecoveryRow };
