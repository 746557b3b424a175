import {
  bundlePath,
  bundlesOf,
  encodeBundle,
  Frontier,
  formatProof,
  generateKey,
  leafHash,
  logSigner,
  logVerifier,
  openReader,
  type Signer,
  signCheckpoint,
  subtreeHash,
  tilePath,
  tilesOf,
} from '@drawbridge/tlog';
import type { Answer } from './fake-routes.ts';

/** A made-up log of the real format, signed with a made-up key. */
export class FakeLog {
  readonly origin: string;
  readonly signer: Signer;
  /** The log's files, by their path: for tests to bend. */
  readonly files = new Map<string, Buffer>();
  /** The last that was signed; null before the first. */
  checkpoint: { size: number; root: string } | null = null;

  constructor(origin: string, seed: number) {
    this.origin = origin;
    this.signer = logSigner(generateKey(origin, Buffer.alloc(32, seed)));
  }

  /** Makes all files anew from these entries, and signs, whatever was signed before. */
  async sign(entries: readonly Buffer[]): Promise<void> {
    const size = entries.length;
    if (size === 0) return;
    const edge = Frontier.empty();
    /** Hashes of the complete subtrees of each tile level. */
    const levels: Buffer[][] = [entries.map((entry) => leafHash(entry))];
    for (const hash of levels[0] ?? []) edge.append(hash);
    for (const { level, index, width } of tilesOf(size)) {
      const bytes = Buffer.concat((levels[level] ?? []).slice(index * 256, index * 256 + width));
      this.files.set(tilePath({ level, index, width }), bytes);
      if (width < 256) continue;
      const above = levels[level + 1] ?? [];
      above.push(subtreeHash(bytes, 8, 0));
      levels[level + 1] = above;
    }
    for (const { index, width } of bundlesOf(size))
      this.files.set(
        bundlePath({ index, width }),
        encodeBundle(entries.slice(index * 256, index * 256 + width)),
      );
    const root = edge.root();
    const checkpoint = { origin: this.origin, size, root, extensions: [] };
    this.files.set('checkpoint', Buffer.from(await signCheckpoint(checkpoint, [this.signer])));
    this.checkpoint = { size, root: root.toString('base64') };
  }

  async proof(index: number): Promise<Answer> {
    try {
      const log = logVerifier(this.signer.verifierKey);
      const fetch = async (path: string) => this.files.get(path) ?? null;
      const reader = await openReader({ origin: this.origin, log, fetch });
      return { status: 200, raw: formatProof(await reader.prove(index)) };
    } catch (error) {
      const detail = `The log's files can't be used: ${error instanceof Error ? error.message : String(error)}`;
      return { status: 503, body: { title: 'Not available', status: 503, code: 'log_unreadable', detail } };
    }
  }
}
