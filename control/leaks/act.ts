import { sql } from 'kysely';
import { revokeKeysIn } from '../apps/index.ts';
import { raiseKeyAlarm } from '../key-alarms/index.ts';
import { type By, type Platform, recordChange, type Tx } from '../platform/index.ts';
import { recordSeenElsewhere } from '../rotation/index.ts';
import { revokeTokensIn } from '../tokens/index.ts';
import { markRevoked, type TouchedLeak } from './findings.ts';
import { readLeakPolicy } from './policy.ts';
import { leakText, shownPlace } from './words.ts';

/**
 * Revokes virtual keys and API tokens where the policy says so, makes a credential due for rotation, and raises an alarm for each key of
 * ours that is new here; in the caller's transaction, who publishes `keys`, `alarms` and `rotations`.
 */
export async function actOnLeaks(
  tx: Tx,
  platform: Platform,
  run: { source: string; number: number },
  leaks: readonly TouchedLeak[],
  by: By,
): Promise<{ revoked: number; alarms: boolean }> {
  const ours = leaks.filter(({ kind }) => kind !== 'unknown' && kind !== 'canary');
  if (ours.length === 0) return { revoked: 0, alarms: false };
  const policy = await readLeakPolicy(tx);
  // A person's word, such as that it is only an example, does not make a key that works harmless: no state is asked.
  const isRevoked = policy.virtualKeys === 'revoke';
  const reason = `Found in ${run.source} by its scan ${run.number}`;
  const idsOf = (wanted: TouchedLeak['kind']): string[] =>
    isRevoked ? ours.flatMap(({ kind, about }) => (kind === wanted && about !== null ? [about] : [])) : [];
  const keys = await revokeKeysIn(tx, platform, idsOf('virtual_key'), { ...by, reason });
  const tokens = await revokeTokensIn(tx, platform, idsOf('api_token'), { ...by, reason });
  const gone = new Set([...keys.map((id) => `virtual_key ${id}`), ...tokens.map((id) => `api_token ${id}`)]);
  const revoked = ours.filter(({ kind, about }) => gone.has(`${kind} ${about}`));
  await markRevoked(
    tx,
    platform,
    revoked.map(({ id }) => id),
    { ...by.actor, reason },
  );
  // What was known from prompts alone lies in a file now: who can read that file is another matter, and news.
  const told = ours.filter(({ placed, id }) => !placed || revoked.some((one) => one.id === id));
  const subjects = await subjectsOf(tx, told);
  for (const leak of told) {
    const subject = subjects.get(`${leak.kind} ${leak.about}`);
    const wasRevoked = gone.has(`${leak.kind} ${leak.about}`);
    await recordChange(tx, platform, {
      ...by,
      reason,
      act: 'leak.find',
      subject: { kind: 'leak', id: leak.id },
      detail: { kind: leak.kind, of: leak.about, source: run.source, run: run.number },
    });
    if (subject === undefined || (subject.ended && !wasRevoked)) continue;
    if (subject.connection !== null) {
      await recordSeenElsewhere(tx, platform, subject.connection, { ...by, reason });
    }
    const place = shownPlace(leak.place);
    await raiseKeyAlarm(tx, platform, {
      kind: 'leaked',
      about: { kind: leak.kind, id: leak.about ?? leak.id },
      vendor: null,
      text: leakText(
        leak.kind,
        subject,
        `${run.source}, ${place}`,
        wasRevoked ? 'It was revoked: make a new one for who used it.' : undefined,
      ),
      evidence: { leak: leak.id, source: run.source, run: run.number, place, revoked: wasRevoked },
      at: new Date(platform.clock.now()),
      same: `leak ${leak.id}${wasRevoked ? ' revoked' : leak.fresh ? '' : ' placed'}`,
    });
  }
  return { revoked: revoked.length, alarms: told.length > 0 };
}

interface Subject {
  name: string;
  owner: string;
  /** Whose credential in force it is: one that is being replaced makes not its successor due. */
  connection: string | null;
  ended: boolean;
}

async function subjectsOf(tx: Tx, leaks: readonly TouchedLeak[]): Promise<Map<string, Subject>> {
  if (leaks.length === 0) return new Map();
  const { rows } = await sql<Subject & { kind: string; about: string }>`
    SELECT kind, about, name, owner, ended_at IS NOT NULL AS ended,
           CASE WHEN EXISTS (SELECT FROM credential c WHERE c.id = about AND c.role = 'in_force') THEN connection END AS connection
      FROM leak_subject
     WHERE about = ANY (${leaks.flatMap(({ about }) => about ?? [])})`.execute(tx);
  return new Map(rows.map(({ kind, about, ...subject }) => [`${kind} ${about}`, subject]));
}
