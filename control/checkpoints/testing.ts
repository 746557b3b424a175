import type { CheckpointPost } from '@drawbridge/protocol';
import { Frontier, generateKey, leafHash, logSigner, type Signer, signCheckpoint } from '@drawbridge/tlog';
import type { TestPlatform } from '../platform/testing.ts';
import { takeCheckpoint } from './take.ts';

const madeUpEntry = (index: number): string => `{"made-up":${index}}`;

/** A log whose entries lie in the database as shipments leave them, and which signs with a key of its own. All is made up. */
export class MadeUpJournal {
  readonly origin: string;
  readonly signer: Signer;
  /** Its number in the database, once something is stored. */
  id = 0;
  readonly #platform: TestPlatform;

  constructor(platform: TestPlatform, name: string, seed: number) {
    this.#platform = platform;
    this.origin = `gateway.example.test/gateway-1/${name}`;
    this.signer = logSigner(generateKey(this.origin, Buffer.alloc(32, seed)));
  }

  /** Stores entries up to an index, from where the log stands. The crossing of entry 7 is …000000000007. */
  async store(until: number): Promise<void> {
    const { pool, clock } = this.#platform;
    const now = new Date(clock.now());
    await pool.query(
      `INSERT INTO journal_log (origin, gateway, last_stored_at) VALUES ($1, 'gateway-1', $2) ON CONFLICT DO NOTHING`,
      [this.origin, now],
    );
    await pool.query(
      `INSERT INTO journal_entry (log, idx, kind, crossing, at, bytes)
        SELECT id, n, 'crossing', gen_random_uuid(), $3, convert_to('{"made-up":' || n || '}', 'UTF8')
        FROM journal_log, generate_series(next_index, $2::bigint - 1) AS n WHERE origin = $1`,
      [this.origin, until, now],
    );
    const { rows } = await pool.query<{ id: number }>(
      'UPDATE journal_log SET next_index = $2 WHERE origin = $1 RETURNING id',
      [this.origin, until],
    );
    this.id = rows[0]?.id ?? 0;
  }

  async sign(size: number, of: (index: number) => string = madeUpEntry): Promise<CheckpointPost> {
    const tree = Frontier.empty();
    for (let index = 0; index < size; index++) tree.append(leafHash(Buffer.from(of(index))));
    const checkpoint = { origin: this.origin, size, root: tree.root(), extensions: [] };
    const note = await signCheckpoint(checkpoint, [this.signer]);
    const { verifierKey } = this.signer;
    return { v: 1, origin: this.origin, verifierKey, note, signedAt: this.#platform.clock.now() };
  }

  /** Stores and signs so many entries, and has the checkpoint taken, in as many requests as that needs. */
  async growTo(size: number, most?: number): Promise<void> {
    await this.store(size);
    const posted = await this.sign(size);
    while ((await takeCheckpoint(this.#platform, 'gateway-1', posted, most)).kind === 'reading');
  }
}
