import type { WorkbenchFinding } from '../api/workbench-types.ts';

/** A piece of a text: plain, or the finding at this place of the list. */
export interface Piece {
  start: number;
  text: string;
  finding: number | null;
}

/** A text cut into what was found in it and what lies between, in order. Findings that do not fit are left out. */
export function piecesOf(text: string, findings: readonly WorkbenchFinding[]): Piece[] {
  const spans = findings
    .flatMap(({ span }, finding) => (span === null ? [] : [{ ...span, finding }]))
    .sort((a, b) => a.start - b.start);
  return cut(text, spans);
}

/** The same of the text that crosses: what stands for findings, looked for one after the other. */
export function standing(text: string, findings: readonly WorkbenchFinding[]): Piece[] {
  const spans: { start: number; end: number; finding: number }[] = [];
  let at = 0;
  for (const [finding, { stands }] of findings.entries()) {
    if (stands === null || stands === '') continue;
    const start = text.indexOf(stands, at);
    if (start === -1) continue;
    at = start + stands.length;
    spans.push({ start, end: at, finding });
  }
  return cut(text, spans);
}

function cut(text: string, spans: readonly { start: number; end: number; finding: number }[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { start, end, finding } of spans) {
    if (start < at || end <= start || start >= text.length) continue;
    if (start > at) pieces.push({ start: at, text: text.slice(at, start), finding: null });
    pieces.push({ start, text: text.slice(start, end), finding });
    at = end;
  }
  if (at < text.length) pieces.push({ start: at, text: text.slice(at), finding: null });
  return pieces;
}
