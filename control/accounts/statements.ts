import {
  type By,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
} from '../platform/index.ts';
import { type Level, LONGEST_ATTESTATION_DAYS } from './levels.ts';
import type { AccountTables, AttestationRow } from './tables.ts';

const DAY_MS = 86_400_000;

export interface AskedAttestation {
  vendor: string;
  level: Exclude<Level, 'unknown'>;
  statement: string;
  evidence: string;
  seenAt: Date;
  expiresAt: Date;
}

/**
 * What people state of a vendor that exports nothing: a rule by which everyone signs in elsewhere, and dated attestations. Each is
 * a change, so that the signed log of changes vouches for who stated it and when.
 */
export function createStatements(platform: Platform) {
  const now = () => new Date(platform.clock.now());
  return {
    /** `provider` null: there is no such rule any more. Throws Problem 422 for a vendor that signs in through itself. */
    async setRule(vendor: string, rule: { provider: string; source: string } | null, by: By): Promise<void> {
      if (rule?.provider === vendor)
        throw invalid('provider', 'is the vendor itself; name where people sign in');
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<AccountTables>();
        if (rule === null) {
          const gone = await rows
            .deleteFrom('account_sign_in_rule')
            .where('vendor', '=', vendor)
            .executeTakeFirst();
          if (gone.numDeletedRows === 0n) throw notFound('rule');
        } else {
          const row = { ...rule, stated_at: now(), stated_by: by.actor.name };
          await rows
            .insertInto('account_sign_in_rule')
            .values({ vendor, ...row })
            .onConflict((conflict) => conflict.column('vendor').doUpdateSet(row))
            .execute();
        }
        await recordChange(tx, platform, {
          ...by,
          act: rule === null ? 'sign_in_rule.remove' : 'sign_in_rule.state',
          subject: { kind: 'vendor', id: vendor },
          detail: rule === null ? {} : { ...rule },
        });
      });
    },

    /** Throws Problem 422 for one that was seen in the future or would hold for over a year. */
    async attest(asked: AskedAttestation, by: By): Promise<AttestationRow> {
      const at = now();
      if (asked.seenAt.getTime() > at.getTime()) throw invalid('seenAt', 'lies ahead; say when it was seen');
      const longest = new Date(asked.seenAt.getTime() + LONGEST_ATTESTATION_DAYS * DAY_MS);
      if (asked.expiresAt > longest || asked.expiresAt <= at) {
        throw invalid(
          'expiresAt',
          `lies ahead, and at most ${LONGEST_ATTESTATION_DAYS} days after it was seen`,
        );
      }
      const row: AttestationRow = {
        id: newId(platform.clock, platform.random),
        vendor: asked.vendor,
        level: asked.level,
        statement: asked.statement,
        evidence: asked.evidence,
        seen_at: asked.seenAt,
        expires_at: asked.expiresAt,
        stated_at: at,
        stated_by: by.actor.name,
        withdrawn_at: null,
      };
      await platform.db.transaction().execute(async (tx) => {
        await tx.withTables<AccountTables>().insertInto('account_attestation').values(row).execute();
        const { level, evidence, statement } = asked;
        await recordChange(tx, platform, {
          ...by,
          act: 'attestation.state',
          subject: { kind: 'vendor', id: asked.vendor },
          detail: {
            attestation: row.id,
            level,
            statement,
            evidence,
            seenAt: row.seen_at.toISOString(),
            expiresAt: row.expires_at.toISOString(),
          },
        });
      });
      return row;
    },

    /** Throws Problem 404, 409 where it was withdrawn before. */
    async withdraw(id: string, by: By): Promise<void> {
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<AccountTables>();
        const found = await rows
          .selectFrom('account_attestation')
          .select(['vendor', 'withdrawn_at'])
          .where('id', '=', id)
          .forUpdate()
          .executeTakeFirst();
        if (found === undefined) throw notFound('attestation');
        if (found.withdrawn_at !== null) {
          throw new Problem(
            409,
            'already_withdrawn',
            'This attestation was withdrawn before; nothing was changed.',
          );
        }
        await rows
          .updateTable('account_attestation')
          .set({ withdrawn_at: now() })
          .where('id', '=', id)
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'attestation.withdraw',
          subject: { kind: 'vendor', id: found.vendor },
          detail: { attestation: id },
        });
      });
    },
  };
}
export type Statements = ReturnType<typeof createStatements>;
