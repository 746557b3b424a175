import { Extents } from './match.ts';
import type { Confidence, Finding } from './types.ts';
import type { Work } from './work.ts';

/** No find is longer in the text as it was given, and nothing farther away has a say in it: what a stream holds at most. */
export const MAX_LENGTH = 8000;

const NONE = new Int32Array(0);

/** A stretch of text that is searched: finds begin in `[from, to)`. */
export class Place {
  readonly text: string;
  /** The text's `Codes`. */
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  readonly work: Work;
  readonly extents: Extents;
  readonly found: Finding[] = [];
  /**
   * How far the finds reach that were made since this was set, those that begin elsewhere too: what hangs on them is the same
   * wherever a stretch begins.
   */
  reached = -1;
  /** Where the first value begins that goes on to the end of the text: what comes behind it may change what it is. */
  open = Number.POSITIVE_INFINITY;
  /** For each form up to where it is known not to begin. */
  passed = NONE;
  /** Where a find that begins at an offset ends at the latest. */
  readonly limit: (start: number) => number;

  constructor(
    text: string,
    bytes: Uint8Array,
    from: number,
    to: number,
    work: Work,
    limit?: (start: number) => number,
  ) {
    this.text = text;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
    this.work = work;
    this.extents = new Extents(bytes, text.length, work);
    this.limit = limit ?? ((start) => Math.min(text.length, start + MAX_LENGTH));
  }

  /** Keeps a find, when it begins where this place looks. */
  keep(finding: Finding): void {
    if (finding.end > this.reached) this.reached = finding.end;
    if (finding.start < this.from || finding.start >= this.to) return;
    const limit = this.limit(finding.start);
    if (finding.end > limit) finding.end = limit;
    if (finding.end > finding.start) this.found.push(finding);
  }

  /** A value that begins at `start` was read up to `end`. */
  read(start: number, end: number): void {
    this.work.spend(end - start);
    if (end === this.text.length && start < this.open) this.open = start;
  }

  add(cls: string, confidence: Confidence, start: number, end: number, detector: string, why: string): void {
    this.keep({ class: cls, confidence, start, end, detector, why });
  }

  readonly emit = this.add.bind(this);
}
