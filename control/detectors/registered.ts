import { knownRun } from '@drawbridge/scan';
import {
  type By,
  invalid,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Secrets, Vault } from '../vault/index.ts';
import type { RegisterAsked } from './schemas.ts';
import type { DetectorTables, RegisteredRow } from './tables.ts';

const MOST = 2000;

/** A registered secret without its hashes. */
export type RegisteredView = Omit<RegisteredRow, 'hash' | 'leak_hash'> & { in_scans: boolean };

/** How reports of scans know registered secrets. */
export interface InScans {
  hashOf(value: string): Promise<Buffer>;
  /** What lay somewhere before is this one. */
  known(tx: Tx, secret: { id: string; label: string; owner: string; hash: Buffer }, by: By): Promise<void>;
  forgotten(tx: Tx, id: string): Promise<void>;
}

/** Secrets that people registered, so that they are known in texts. Of the secret a keyed hash is kept, and its length. */
export interface Registered {
  list(): Promise<RegisteredView[]>;
  /** Throws Problem 409, 422. */
  register(asked: RegisterAsked, by: By): Promise<RegisteredView>;
  /** Gateways forget it. Throws Problem 404. */
  remove(id: string, by: By): Promise<void>;
  /** The keyed hash of what stands in a text, as gateways make it. */
  hashOf(run: string): Promise<Buffer>;
}

export function createRegistered(
  platform: Platform,
  vault: Pick<Vault, 'keyedHash'>,
  secrets: Pick<Secrets, 'get'>,
  scans: InScans,
): Registered {
  const rows = platform.db.withTables<DetectorTables>();
  async function hashOf(run: string): Promise<Buffer> {
    const { wrapped, context } = await secrets.get('scan');
    return vault.keyedHash(wrapped, context, run);
  }
  return {
    hashOf,

    list: () =>
      rows
        .selectFrom('registered_secret')
        .select(['id', 'label', 'owner', 'class', 'length', 'registered_at', 'registered_by'])
        .select((eb) => eb('leak_hash', 'is not', null).$castTo<boolean>().as('in_scans'))
        .orderBy('label')
        .execute(),

    async register({ label, owner, class: name, value }, by) {
      const run = knownRun(value);
      if (run === null)
        throw invalid(
          'value',
          'has no 8 letters, digits, - or _ in a row, or white space: scanners could not tell it',
        );
      if (/^(?:\p{L}+|\d+)$/u.test(run.run))
        throw invalid(
          'value',
          'is a word or a number: it would be found in texts that have nothing to do with it',
        );
      // Scans tell no hash of a password, and one that is kept could be tried out by reports.
      const leakHash = name === 'secret.password' ? null : await scans.hashOf(value);
      const view = await platform.db.transaction().execute(async (tx) => {
        const tables = tx.withTables<DetectorTables>();
        const { count } = await tables
          .selectFrom('registered_secret')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST)
          throw new Problem(
            409,
            'too_many_secrets',
            `There are ${MOST} registered secrets. Remove some first.`,
          );
        const row = {
          id: newId(platform.clock, platform.random),
          label,
          owner,
          class: name,
          hash: await hashOf(run.run),
          length: run.run.length,
          leak_hash: leakHash,
          registered_at: new Date(platform.clock.now()),
          registered_by: by.actor.name,
        };
        const added = await tables
          .insertInto('registered_secret')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (added.numInsertedOrUpdatedRows === 0n)
          throw new Problem(
            409,
            'secret_registered',
            'A secret with this label, or this secret itself, is registered.',
          );
        await recordChange(tx, platform, {
          ...by,
          act: 'registered_secret.add',
          subject: { kind: 'registered_secret', id: row.id },
          detail: { label, owner, class: name },
        });
        if (leakHash !== null) await scans.known(tx, { id: row.id, label, owner, hash: leakHash }, by);
        const { hash: _, leak_hash: inScans, ...rest } = row;
        return { ...rest, in_scans: inScans !== null };
      });
      for (const topic of ['connections', 'leaks', 'alarms'] as const) platform.events.publish(topic);
      return view;
    },

    async remove(id, by) {
      await platform.db.transaction().execute(async (tx) => {
        const gone = await tx
          .withTables<DetectorTables>()
          .deleteFrom('registered_secret')
          .where('id', '=', id)
          .returning('label')
          .executeTakeFirst();
        if (gone === undefined) throw notFound('registered secret');
        await scans.forgotten(tx, id);
        await recordChange(tx, platform, {
          ...by,
          act: 'registered_secret.remove',
          subject: { kind: 'registered_secret', id },
          detail: { label: gone.label },
        });
      });
      for (const topic of ['connections', 'leaks'] as const) platform.events.publish(topic);
    },
  };
}
