import type { FieldClass } from '@drawbridge/protocol';
import type { Generated } from 'kysely';
import type { CutTreatment } from '../connections/index.ts';

export const targetKinds = ['vendor', 'connection', 'party', 'field_class'] as const;
export type TargetKind = (typeof targetKinds)[number];

export type SeveranceRow = {
  id: string;
  kind: TargetKind;
  target: string;
  field_class: FieldClass | null;
  treatment: CutTreatment | null;
  rehearsal: boolean;
  incident: string | null;
  reason: string;
  began_at: Date;
  began_by: string;
  began_by_name: string;
  until: Date | null;
  revision: number | null;
  version: number | null;
  ended_at: Date | null;
  ended_by_name: string | null;
  end_reason: string | null;
  by_time: boolean;
  waits: 'contract_changed' | null;
};

export type SeverTables = {
  severance: Omit<SeveranceRow, 'by_time'> & { by_time: Generated<boolean> };
  severance_vendor: { severance: string; vendor: string; epoch: number | null; destroyed_at: Date | null };
  severance_contract: { severance: string; connection: string; version: number };
  severance_gateway: { severance: string; gateway: string; at: Date };
  severance_line: {
    severance: string;
    line: string;
    done_at: Date;
    done_by: string;
    done_by_name: string;
    sealed: Buffer;
  };
};
