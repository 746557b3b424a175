import type { Traces } from './trace.ts';

export interface ReadOptions {
  /** For formats whose columns somebody names (`csv`, `jsonl`): which column or member is what. */
  mapping?: Mapping;
  /** Names of the organisation's own: hosts below them are no traces of a vendor's. */
  own?: readonly string[];
  /** Year of the first line, for logs whose times lack one (`dnsmasq`). Without it their times stay unknown. */
  year?: number;
}

/** Columns of a CSV, or members of JSON lines (with dots between levels). */
export interface Mapping {
  host?: string;
  url?: string;
  at?: string;
  bytesOut?: string;
  bytesIn?: string;
  address?: string;
  payee?: string;
  amount?: string;
  /** Of a table of use: counts of a day, and the vendor's id of the key. */
  requests?: string;
  tokens?: string;
  inputTokens?: string;
  outputTokens?: string;
  key?: string;
}

/** Takes a file's bytes as they come. Throws `EvidenceError` where the file as a whole can't be read. */
export interface Reader {
  write(chunk: Uint8Array): void;
  end(): void;
  /** Lines or records so far; without it, lines are counted for it. */
  readonly lines?: number;
}

export interface Format {
  /** As `--format` names it. */
  id: string;
  /** For people. */
  name: string;
  /**
   * How well a file fits, from 0 (no) to 1 (nothing else looks like this), by its name (its path, `/` between folders) and
   * the first 64 KiB of its text.
   */
  fits(name: string, head: string): number;
  reader(traces: Traces, options: ReadOptions): Reader;
}
