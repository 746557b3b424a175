import type { ColumnType } from 'kysely';

/** What an alarm can be of. `foreign_use`: a vendor's credential of ours; `leaked`: any key of ours; the others: a canary key. */
export const keyAlarmKinds = ['foreign_use', 'canary_used', 'canary_reported', 'leaked'] as const;
export type KeyAlarmKind = (typeof keyAlarmKinds)[number];

/** What is read of the table, which the migrations of `rotation` make. */
export type KeyAlarmTables = {
  key_alarm: {
    id: string;
    same: string;
    kind: KeyAlarmKind;
    about_kind: string;
    about_id: string;
    vendor: string | null;
    said: string;
    evidence: ColumnType<Record<string, string | number | boolean | null>, string, string>;
    raised_at: Date;
    first_at: Date;
    last_at: Date;
    times: number;
    acknowledged_at: Date | null;
    acknowledged_by: string | null;
    acknowledged_by_name: string | null;
    acknowledged_reason: string | null;
  };
};
