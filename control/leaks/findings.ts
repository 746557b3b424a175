import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { newId, type Platform, type Tx } from '../platform/index.ts';
import { fingerprintOf } from './fingerprints.ts';
import type { ReportedFinding } from './schemas.ts';
import type { LeakKind, LeakState, LeakTables, Proof } from './tables.ts';

/** A finding with what it is: a key of ours, shown by its hash, or one that nobody here knows. */
interface Identified {
  finding: ReportedFinding;
  kind: LeakKind;
  about: string | null;
  same: Buffer;
}

/** A leak as a batch left it. `fresh`: it was not known before. `placed`: it lay in a file or a history before. */
export interface TouchedLeak {
  id: string;
  kind: LeakKind;
  about: string | null;
  fresh: boolean;
  placed: boolean;
  state: LeakState;
  /** The first place in the batch. */
  place: string;
}

const OURS: ReadonlySet<LeakKind> = new Set(['virtual_key', 'credential', 'api_token', 'registered_secret']);
const certainty = { certain: 2, likely: 1, possible: 0 } as const;

const digest = (...parts: readonly (string | number | boolean)[]): Buffer =>
  createHash('sha256').update(JSON.stringify(parts)).digest();

/** What makes two findings of a key of ours one leak. */
export const sameKey = (kind: LeakKind, about: string): Buffer => digest(kind, about);

/** What makes findings of one value one leak: also of a registered secret, so that it is the one that was unknown before. */
export const sameValue = (fingerprint: Buffer): Buffer => digest('value', fingerprint.toString('hex'));

/**
 * Says of each finding which key it is. A report's word counts for nothing: a key is known by the SHA-256 of all of it, a
 * credential by a hash that only who has it can make, a registered secret by a hash of that SHA-256 under `fingerprintKey`. What
 * is none of these is the same leak wherever its value stands, by that hash; a value that can be guessed is told without one,
 * and is a leak of its own in each path.
 */
async function identify(
  tx: Tx,
  source: string,
  findings: readonly ReportedFinding[],
  proofs: readonly Proof[],
  fingerprintKey: Buffer,
): Promise<Identified[]> {
  const hashes = [...new Set(findings.flatMap(({ sha256 }) => sha256 ?? []))];
  const fingerprints = new Map(hashes.map((hash) => [hash, fingerprintOf(fingerprintKey, hash)]));
  const found =
    hashes.length === 0
      ? []
      : (
          await sql<{ kind: LeakKind; about: string; hash: Buffer | null; leak_hash: Buffer | null }>`
            SELECT kind, about, hash, leak_hash FROM leak_subject
             WHERE hash = ANY (${hashes.map((hash) => Buffer.from(hash, 'base64url'))})
                OR leak_hash = ANY (${[...fingerprints.values()]})`.execute(tx)
        ).rows;
  const byHash = new Map(
    found.map(({ hash, leak_hash, ...subject }) => [(hash ?? leak_hash)?.toString('base64url'), subject]),
  );
  const byProof = new Map(proofs.map(({ hash, credential }) => [hash, credential]));
  return findings.map((finding) => {
    const { sha256, proof, path, nth, detector } = finding;
    const known = sha256 === undefined ? undefined : byHash.get(sha256);
    if (known !== undefined) return { finding, ...known, same: sameKey(known.kind, known.about) };
    const credential = proof === undefined ? undefined : byProof.get(proof);
    if (credential !== undefined) {
      return {
        finding,
        kind: 'credential' as const,
        about: credential,
        same: sameKey('credential', credential),
      };
    }
    const fingerprint = sha256 === undefined ? undefined : fingerprints.get(sha256);
    if (fingerprint !== undefined) {
      const secret = byHash.get(fingerprint.toString('base64url'));
      return { finding, kind: 'unknown' as const, about: null, ...secret, same: sameValue(fingerprint) };
    }
    const same = digest('place', source, path, finding.class, detector, nth);
    return { finding, kind: 'unknown' as const, about: null, same };
  });
}

/** Puts a batch of findings into leaks and places, in the caller's transaction. */
export async function takeFindings(
  tx: Tx,
  platform: Platform,
  run: { id: string; source: string; proofs: readonly Proof[] },
  findings: readonly ReportedFinding[],
  fingerprintKey: Buffer,
): Promise<{ leaks: TouchedLeak[]; freshPlaces: number }> {
  if (findings.length === 0) return { leaks: [], freshPlaces: 0 };
  const identified = await identify(tx, run.source, findings, run.proofs, fingerprintKey);
  const bySame = Map.groupBy(identified, ({ same }) => same.toString('hex'));
  // In one order, so that two reports at once wait for each other and do not lock each other out.
  const groups = [...bySame].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
  const leaks = await writeLeaks(tx, platform, groups);
  const places = groups.flatMap((group, index) => {
    const leak = leaks[index];
    return leak === undefined ? [] : group.map(({ finding }) => ({ leak: leak.id, finding }));
  });
  return { leaks, freshPlaces: await writePlaces(tx, platform, run, places) };
}

async function writeLeaks(
  tx: Tx,
  platform: Platform,
  groups: readonly (readonly Identified[])[],
): Promise<TouchedLeak[]> {
  const now = new Date(platform.clock.now());
  const rows = groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { kind, about, same, finding } = first;
    const oldest = group
      .flatMap(({ finding: { since } }) => since ?? [])
      .sort((a, b) => (a.at < b.at ? -1 : 1))[0];
    const rank = OURS.has(kind) ? 3 : kind === 'canary' ? 1 : certainty[finding.confidence];
    const id = newId(platform.clock, platform.random);
    return [{ id, same, kind, about, finding, oldest, rank }];
  });
  const { rows: written } = await sql<{
    id: string;
    same: Buffer;
    fresh: boolean;
    placed: boolean;
    state: LeakState;
  }>`
    INSERT INTO leak (id, same, kind, about, class, detector, confidence, rank, first_at, last_at, since,
                      since_commit, state)
    SELECT id, same, kind, about, class, detector, confidence, rank, ${now}::timestamptz, ${now}::timestamptz, since,
           since_commit, 'open'
      FROM unnest(${rows.map(({ id }) => id)}::text[], ${rows.map(({ same }) => same)}::bytea[],
                  ${rows.map(({ kind }) => kind)}::text[], ${rows.map(({ about }) => about)}::text[],
                  ${rows.map(({ finding }) => finding.class)}::text[],
                  ${rows.map(({ finding }) => finding.detector)}::text[],
                  ${rows.map(({ finding }) => finding.confidence)}::text[],
                  ${rows.map(({ rank }) => rank)}::smallint[],
                  ${rows.map(({ oldest }) => oldest?.at ?? null)}::timestamptz[],
                  ${rows.map(({ oldest }) => oldest?.commit ?? null)}::text[])
           AS new (id, same, kind, about, class, detector, confidence, rank, since, since_commit)
    ON CONFLICT (same) DO UPDATE SET
      kind = CASE excluded.kind WHEN 'unknown' THEN leak.kind ELSE excluded.kind END,
      about = COALESCE(excluded.about, leak.about),
      last_at = excluded.last_at, rank = GREATEST(leak.rank, excluded.rank),
      since = LEAST(leak.since, excluded.since),
      since_commit = CASE WHEN leak.since IS NULL OR excluded.since < leak.since
                          THEN excluded.since_commit ELSE leak.since_commit END
    RETURNING id, same, xmax = 0 AS fresh, state,
              EXISTS (SELECT FROM leak_place p WHERE p.leak = leak.id) AS placed`.execute(tx);
  const bySame = new Map(written.map((row) => [row.same.toString('hex'), row]));
  return rows.flatMap(({ same, kind, about, finding: { path, line } }) => {
    const row = bySame.get(same.toString('hex'));
    if (row === undefined) return [];
    const { id, fresh, placed, state } = row;
    return [{ id, fresh, placed, state, kind, about, place: `${path}:${line}` }];
  });
}

/** How many were not known before. */
async function writePlaces(
  tx: Tx,
  platform: Platform,
  run: { id: string; source: string },
  given: readonly { leak: string; finding: ReportedFinding }[],
): Promise<number> {
  const now = new Date(platform.clock.now());
  const unique = new Map(
    given.map(({ leak, finding }) => {
      const place = digest(run.source, finding.path, finding.history, finding.nth);
      return [`${leak} ${place.toString('hex')}`, { leak, place, ...finding }];
    }),
  );
  const rows = [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const { rows: written } = await sql<{ fresh: boolean }>`
    INSERT INTO leak_place (leak, place, source, path, history, line, col, commit_id, since, since_commit,
                            first_run, last_run, seen_at)
    SELECT leak, place, ${run.source}, path, history, line, col, commit_id, since, since_commit,
           ${run.id}, ${run.id}, ${now}::timestamptz
      FROM unnest(${rows.map(({ leak }) => leak)}::text[], ${rows.map(({ place }) => place)}::bytea[],
                  ${rows.map(({ path }) => path)}::text[], ${rows.map(({ history }) => history)}::boolean[],
                  ${rows.map(({ line }) => line)}::int[], ${rows.map(({ column }) => column)}::int[],
                  ${rows.map(({ commit }) => commit ?? null)}::text[],
                  ${rows.map(({ since }) => since?.at ?? null)}::timestamptz[],
                  ${rows.map(({ since }) => since?.commit ?? null)}::text[])
           AS new (leak, place, path, history, line, col, commit_id, since, since_commit)
    ON CONFLICT (leak, place) DO UPDATE SET
      line = excluded.line, col = excluded.col, commit_id = excluded.commit_id,
      since = COALESCE(excluded.since, leak_place.since),
      since_commit = COALESCE(excluded.since_commit, leak_place.since_commit),
      last_run = excluded.last_run, seen_at = excluded.seen_at, gone_run = NULL
    RETURNING xmax = 0 AS fresh`.execute(tx);
  return written.filter(({ fresh }) => fresh).length;
}

/** Marks leaks of keys that were revoked at once, in the caller's transaction. */
export async function markRevoked(
  tx: Tx,
  platform: Platform,
  ids: readonly string[],
  by: { id: string; name: string; reason: string },
): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .withTables<LeakTables>()
    .updateTable('leak')
    .set({
      state: 'revoked',
      state_at: new Date(platform.clock.now()),
      state_by: by.id,
      state_by_name: by.name,
      state_reason: by.reason,
      until: null,
    })
    .where('id', 'in', ids)
    .execute();
}
