import { secretContext } from '@drawbridge/protocol';
import { type By, type Platform, Problem, recordChange } from '../platform/index.ts';
import type { Vault } from './client.ts';
import type { VaultTables } from './tables.ts';

/** Random secrets of the deployment by use. `ledger`, `review` and `scan` travel to gateways; `requests` never leaves. */
export const secretUses = ['ledger', 'review', 'scan', 'requests'] as const;
export type SecretUse = (typeof secretUses)[number];

/** A random secret, wrapped by the vault with `context`. */
export interface WrappedSecret {
  wrapped: Buffer;
  context: Uint8Array;
}

/**
 * The deployment's random secrets: made inside the vault when first asked for, kept wrapped in the database. Several
 * control processes that ask at once get the same one.
 */
export interface Secrets {
  get(use: SecretUse): Promise<WrappedSecret>;
  /** The vendor's current pseudonym secret. */
  forVendor(vendor: string): Promise<WrappedSecret & { epoch: number }>;
  /**
   * Destroys the vendor's current secret and begins the next epoch: nothing that the vendor gets from now on can be
   * joined with what it got before, by anyone. Throws Problem 404 where the vendor has no secret yet.
   */
  beginEpoch(vendor: string, by: By): Promise<{ epoch: number }>;
  /** The epoch whose secret is in use; null: nothing was pseudonymised for the vendor yet. */
  currentEpoch(vendor: string): Promise<number | null>;
  /** Ends one epoch as `beginEpoch` does, if it is still the current one: asked again, it does nothing. */
  endEpoch(vendor: string, epoch: number, by: By): Promise<void>;
  /** HMAC-SHA256 under the `requests` secret, which never leaves the vault: 32 bytes. */
  hashRequest(bytes: Uint8Array): Promise<Buffer>;
}

export function createSecrets(platform: Platform, vault: Vault): Secrets {
  const db = platform.db.withTables<VaultTables>();
  const now = () => new Date(platform.clock.now());

  async function readVendor(vendor: string) {
    return db
      .selectFrom('vendor_secret')
      .select(['epoch', 'wrapped'])
      .where('vendor', '=', vendor)
      .where('destroyed_at', 'is', null)
      .executeTakeFirst();
  }

  /** Made once, but wrapped anew when data keys change: as long as the vault opens what it opened when it was read. */
  const kept = new Map<SecretUse, { secret: WrappedSecret; opened: number }>();
  async function get(use: SecretUse): Promise<WrappedSecret> {
    const known = kept.get(use);
    const { opened } = vault;
    if (known?.opened === opened) return known.secret;
    const secret = await readOrMake(use);
    kept.set(use, { secret, opened });
    return secret;
  }

  async function readOrMake(use: SecretUse): Promise<WrappedSecret> {
    const context = secretContext(use);
    const read = () =>
      db.selectFrom('deployment_secret').select('wrapped').where('use', '=', use).executeTakeFirst();
    const known = await read();
    if (known !== undefined) return { wrapped: known.wrapped, context };
    await db
      .insertInto('deployment_secret')
      .values({ use, wrapped: await vault.generate(context), public_key: null, created_at: now() })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    const made = await read();
    if (made === undefined) throw new Error(`the ${use} secret was stored and is not there`);
    return { wrapped: made.wrapped, context };
  }

  return {
    get,

    async forVendor(vendor) {
      const known = await readVendor(vendor);
      if (known?.wrapped !== undefined && known.wrapped !== null) {
        return {
          epoch: known.epoch,
          wrapped: known.wrapped,
          context: secretContext('vendor', vendor, known.epoch),
        };
      }
      await db
        .insertInto('vendor_secret')
        .values({
          vendor,
          epoch: 1,
          wrapped: await vault.generate(secretContext('vendor', vendor, 1)),
          created_at: now(),
          destroyed_at: null,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const made = await readVendor(vendor);
      if (made?.wrapped === undefined || made.wrapped === null) {
        throw new Error('a vendor secret was stored and is not there');
      }
      return {
        epoch: made.epoch,
        wrapped: made.wrapped,
        context: secretContext('vendor', vendor, made.epoch),
      };
    },

    beginEpoch: async (vendor, by) => ({ epoch: await nextEpoch(vendor, null, by) }),

    currentEpoch: async (vendor) => (await readVendor(vendor))?.epoch ?? null,

    endEpoch: async (vendor, epoch, by) => void (await nextEpoch(vendor, epoch, by)),

    async hashRequest(bytes) {
      const { wrapped, context } = await get('requests');
      return vault.keyedHash(wrapped, context, bytes);
    },
  };

  /** `only`: the epoch that is to end; where another one is current, nothing is done. */
  async function nextEpoch(vendor: string, only: number | null, by: By): Promise<number> {
    const epoch = await platform.db.transaction().execute(async (tx) => {
      const rows = tx.withTables<VaultTables>();
      const current = await rows
        .selectFrom('vendor_secret')
        .select('epoch')
        .where('vendor', '=', vendor)
        .where('destroyed_at', 'is', null)
        .forUpdate()
        .executeTakeFirst();
      if (current === undefined) {
        throw new Problem(
          404,
          'not_found',
          'Nothing was pseudonymised for this vendor yet: it has no secret to end.',
        );
      }
      if (only !== null && current.epoch !== only) return current.epoch;
      const next = current.epoch + 1;
      await rows
        .updateTable('vendor_secret')
        .set({ wrapped: null, destroyed_at: now() })
        .where('vendor', '=', vendor)
        .where('epoch', '=', current.epoch)
        .execute();
      await rows
        .insertInto('vendor_secret')
        .values({
          vendor,
          epoch: next,
          wrapped: await vault.generate(secretContext('vendor', vendor, next)),
          created_at: now(),
          destroyed_at: null,
        })
        .execute();
      await recordChange(tx, platform, {
        ...by,
        act: 'vendor.begin_epoch',
        subject: { kind: 'vendor', id: vendor },
        detail: { destroyed: current.epoch, current: next },
      });
      return next;
    });
    platform.events.publish('connections');
    return epoch;
  }
}
