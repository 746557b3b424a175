import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { raiseKeyAlarm } from '../key-alarms/index.ts';
import { type By, type Platform, recordChange, type Tx } from '../platform/index.ts';
import { sameValue } from './findings.ts';
import { fingerprintKeyReader, fingerprintOf, type Keyed } from './fingerprints.ts';
import { leakText, shownPlace } from './words.ts';

/** What who registers a secret does so that scans know it. */
export interface ScansOfSecrets {
  /** What the value is known by in reports. */
  hashOf(value: string): Promise<Buffer>;
  /**
   * What was told of before as a key that nobody knew is this secret from now on, with an alarm where it lies somewhere;
   * in the caller's transaction, who publishes `leaks` and `alarms`.
   */
  known(tx: Tx, secret: { id: string; label: string; owner: string; hash: Buffer }, by: By): Promise<void>;
  /** Its leak is one of a key that nobody knows, in the caller's transaction, who publishes `leaks`. */
  forgotten(tx: Tx, id: string): Promise<void>;
}

export function scansOfSecrets(platform: Platform, keyed: Keyed): ScansOfSecrets {
  const keyOf = fingerprintKeyReader(keyed);
  return {
    async hashOf(value) {
      return fingerprintOf(await keyOf(), createHash('sha256').update(value).digest('base64url'));
    },

    async known(tx, { id, label, owner, hash }, by) {
      const { rows } = await sql<{ id: string; place: string | null; source: string | null }>`
        WITH taken AS (
          UPDATE leak SET kind = 'registered_secret', about = ${id}, rank = 3
           WHERE same = ${sameValue(hash)} AND kind = 'unknown' RETURNING id)
        SELECT t.id, q.path || ':' || q.line AS place, o.name AS source
          FROM taken t
          LEFT JOIN LATERAL (SELECT * FROM leak_place WHERE leak = t.id AND gone_run IS NULL
                              ORDER BY history, path, line LIMIT 1) q ON true
          LEFT JOIN scan_source o ON o.id = q.source`.execute(tx);
      for (const { id: leak, place, source } of rows) {
        await recordChange(tx, platform, {
          ...by,
          act: 'leak.find',
          subject: { kind: 'leak', id: leak },
          detail: { kind: 'registered_secret', of: id, source },
        });
        if (place === null || source === null) continue;
        await raiseKeyAlarm(tx, platform, {
          kind: 'leaked',
          about: { kind: 'registered_secret', id },
          vendor: null,
          text: leakText('registered_secret', { name: label, owner }, `${source}, ${shownPlace(place)}`),
          evidence: { leak, source, place },
          at: new Date(platform.clock.now()),
          same: `leak ${leak} registered ${id}`,
        });
      }
    },

    async forgotten(tx, id) {
      await sql`
        UPDATE leak SET kind = 'unknown', about = NULL,
               rank = CASE confidence WHEN 'certain' THEN 2 WHEN 'likely' THEN 1 ELSE 0 END
         WHERE kind = 'registered_secret' AND about = ${id}`.execute(tx);
    },
  };
}
