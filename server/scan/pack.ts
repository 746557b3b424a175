import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type DetectorPack, DetectorPackSchema } from '@drawbridge/protocol';
import type { DetectorRule } from '@drawbridge/scan';
import { LineCounter, parseDocument } from 'yaml';
import { ScanError } from './errors.ts';

/** One kind of secret, as `packs/detectors` has it. */
export type Detector = DetectorPack['detectors'][number];

const CHECKSUM = 'crc32_base62';

/** The folder of the detectors that are shipped. */
export const shippedDetectors = join(fileURLToPath(new URL('../..', import.meta.url)), 'packs', 'detectors');

/**
 * All detectors of a folder, in order of file names. Throws ScanError `bad_detectors` that names every problem as
 * `file:line:column field: what`.
 */
export async function loadDetectors(folder: string): Promise<Detector[]> {
  const files = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  const detectors: Detector[] = [];
  const problems: string[] = [];
  const seen = new Map<string, string>();
  for (const file of files) {
    const read = readDetectors(file, await readFile(join(folder, file), 'utf8'));
    problems.push(...read.problems);
    for (const detector of read.detectors) {
      const other = seen.get(detector.id);
      if (other !== undefined) problems.push(`${file}: ${detector.id} stands in ${other} already`);
      seen.set(detector.id, file);
      detectors.push(detector);
    }
  }
  for (const { id, checksum, overlaps = [] } of detectors) {
    if (checksum !== undefined && checksum !== CHECKSUM) {
      problems.push(`${seen.get(id)}: ${id} has the checksum ${checksum}; there is ${CHECKSUM}`);
    }
    for (const other of overlaps) {
      if (!seen.has(other)) problems.push(`${seen.get(id)}: ${id} overlaps ${other}, which is no detector`);
    }
  }
  if (problems.length > 0) {
    throw new ScanError('bad_detectors', `The detectors can not be used:\n${problems.join('\n')}`);
  }
  return detectors;
}

/** Reads one file of detectors; `file` names it in problems. */
function readDetectors(file: string, text: string): { detectors: Detector[]; problems: string[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    return {
      detectors: [],
      problems: document.errors.map((error) => `${at(error.pos[0])} (yaml): ${error.message}`),
    };
  }
  const parsed = DetectorPackSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (parsed.success) return { detectors: parsed.data.detectors, problems: [] };
  return {
    detectors: [],
    problems: parsed.error.issues.map((issue) => {
      const node = document.getIn(issue.path.map(String), true);
      const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
      const start: unknown = Array.isArray(range) ? range[0] : 0;
      return `${at(typeof start === 'number' ? start : 0)} ${issue.path.join('.')}: ${issue.message}`;
    }),
  };
}

/** The same as the scanner takes it. */
export function scannerRule({
  id,
  class: cls,
  forms,
  keywords,
  checksum,
  min_entropy,
}: Detector): DetectorRule {
  return {
    id,
    class: cls,
    forms,
    ...(keywords === undefined ? {} : { keywords }),
    ...(checksum === CHECKSUM ? { checksum: CHECKSUM } : {}),
    ...(min_entropy === undefined ? {} : { minEntropy: min_entropy }),
  };
}
