import { type EvidenceFile, type ReadEvidenceOptions, readEvidence } from './read.ts';

/** Reads bytes that come in pieces of these sizes; the rest in one. */
export function readPieces(
  name: string,
  bytes: Buffer | string,
  options: ReadEvidenceOptions = {},
  sizes: readonly number[] = [],
): Promise<EvidenceFile> {
  const all = Buffer.from(bytes);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    let at = 0;
    for (const size of sizes) {
      if (at >= all.length) return;
      yield Uint8Array.from(all.subarray(at, at + size));
      at += size;
    }
    if (at < all.length) yield Uint8Array.from(all.subarray(at));
  }
  return readEvidence(name, pieces(), options);
}

export const values = ({ traces }: EvidenceFile): string[] => traces.map(({ value }) => value);
