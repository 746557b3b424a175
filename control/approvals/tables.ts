import type { ColumnType, Generated } from 'kysely';

export type ApprovalTables = {
  approval: {
    id: string;
    act: string;
    subject_kind: string;
    subject_id: string;
    what: ColumnType<Record<string, unknown>, string, never>;
    hash: Buffer;
    reason: string;
    asked_at: Date;
    asked_by: string;
    asked_by_name: string;
    expires_at: Date;
    decided_at: ColumnType<Date | null, null | undefined, Date>;
    decided_by: ColumnType<string | null, null | undefined, string>;
    decided_by_name: ColumnType<string | null, null | undefined, string>;
    decision: ColumnType<
      'approved' | 'refused' | 'withdrawn' | null,
      null | undefined,
      'approved' | 'refused' | 'withdrawn'
    >;
    decision_reason: ColumnType<string | null, null | undefined, string>;
    used_at: ColumnType<Date | null, null | undefined, Date>;
    expiry_logged: Generated<boolean>;
  };
};
