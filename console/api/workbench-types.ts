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
