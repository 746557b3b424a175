import type { FieldClass } from '@drawbridge/protocol/vocabulary';
import type { TreatmentName } from './types.ts';

/** What is tried on the workbench: a text that goes into an endpoint's sample, or a whole request. */
export type WorkbenchSample =
  | { text: string; endpoint?: string | undefined }
  | {
      method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
      target: string;
      headers?: Record<string, string> | undefined;
      body: string;
    };

export interface WorkbenchFinding {
  class: string;
  confidence: 'certain' | 'likely' | 'possible';
  detector: string;
  why: string;
  treatment: TreatmentName;
  stands: string | null;
  path: string | null;
  /** In UTF-16 units of what was read. */
  span: { start: number; end: number } | null;
}

export interface ComesBack {
  text: string | null;
  restored: number;
  unknown: number;
  refusal: { code: string; message: string } | null;
}

export interface WorkbenchRun {
  method: string;
  target: string;
  read: string | null;
  findings: WorkbenchFinding[];
  found: number;
  fields: { class: string; treatment: TreatmentName; count: number }[];
  crosses: string | null;
  refusal: { code: string; message: string; path: string | null } | null;
  back: { plain: ComesBack; stream: ComesBack | null } | null;
}

export interface ContractTestExpects {
  /** By which code; null: it crosses. */
  refused: string | null;
  treatments: { class: FieldClass; treatment: TreatmentName }[];
  /** Texts that must not stand in what crosses. */
  never: string[];
}

export interface ContractTest {
  id: string;
  name: string;
  sample: WorkbenchSample;
  expects: ContractTestExpects;
  createdAt: string;
  author: string;
  reason: string;
}

/** A sample with made-up values, as it would be kept. */
export interface PreparedContractTest {
  sample: WorkbenchSample;
  replaced: number;
  lost: number;
  left: { class: string; span: { start: number; end: number } }[];
  expects: ContractTestExpects;
}

export interface ContractTestRun {
  items: { id: string; name: string; passed: boolean; problems: string[] }[];
  failed: number;
}
