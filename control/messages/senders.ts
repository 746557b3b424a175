import { z } from 'zod';
import {
  type By,
  decodeCursor,
  newId,
  notFound,
  Problem,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import { type DeskDeps, rows } from './desk.ts';
import { openAddress, sealAddress } from './findings.ts';
import { vendorNames } from './read.ts';
import { countsBeside, type OwnSender } from './register.ts';
import type { SenderClass } from './tables.ts';

/** What the organisation says of senders, of its own addresses, and of where it looks after its accounts. */

export interface SenderDeps extends DeskDeps {
  /** Senders were changed: what was judged by them is judged again. In the transaction of the change. */
  changed: (tx: Tx, because: string) => Promise<void>;
}

export async function ownSenders(deps: Pick<DeskDeps, 'platform'>): Promise<OwnSender[]> {
  const found = await rows(deps.platform.db)
    .selectFrom('sender')
    .select(['vendor', 'is_', 'class'])
    .orderBy('made_at')
    .execute();
  return found.map(({ vendor, is_, class: kind }) => ({ vendor, is: is_, class: kind }));
}

/** Those of the organisation, then those of the packs. */
export async function listSenders(
  deps: SenderDeps,
  query: { limit: number; cursor?: string | undefined; vendor?: string | undefined },
) {
  const [own, facts] = await Promise.all([
    rows(deps.platform.db).selectFrom('sender').selectAll().orderBy('vendor').orderBy('is_').execute(),
    deps.facts(),
  ]);
  const names = new Map(facts.map(({ id, name }) => [id, name]));
  const counts = countsBeside(own.map(({ vendor, is_, class: kind }) => ({ vendor, is: is_, class: kind })));
  const all = [
    ...own.map((one) => ({
      id: one.id,
      vendor: { id: one.vendor, name: names.get(one.vendor) ?? one.vendor },
      is: one.is_,
      class: one.class,
      source: 'organisation' as const,
      reason: one.reason,
      by: one.made_by,
      at: one.made_at.toISOString(),
    })),
    ...facts.flatMap((vendor) =>
      (vendor.mail ?? [])
        .filter(({ is, kind }) => counts(is, kind))
        .map(({ is, kind }) => ({
          id: `pack:${is}`,
          vendor: { id: vendor.id, name: vendor.name },
          is,
          class: kind as SenderClass,
          source: 'pack' as const,
          reason: null,
          by: null,
          at: null,
        })),
    ),
  ].filter(({ vendor }) => query.vendor === undefined || vendor.id === query.vendor);
  const from =
    query.cursor === undefined ? 0 : (decodeCursor(query.cursor, z.tuple([z.int().min(0)]))[0] ?? 0);
  return page(
    all.slice(from, from + query.limit + 1).map((one, at) => ({ one, at: from + at + 1 })),
    query.limit,
    ({ at }) => [at],
    ({ one }) => one,
  );
}

/** Says what a sender is. Said again, it is changed. Throws Problem 422 for a vendor that nobody knows. */
export async function saySender(
  deps: SenderDeps,
  given: { vendor: string; is: string; class: SenderClass },
  by: By,
): Promise<string> {
  const { platform } = deps;
  if (!(await vendorNames(deps)).has(given.vendor))
    throw new Problem(422, 'invalid_request', 'vendor: nobody knows a vendor of this id.', [
      { field: 'vendor', message: 'nobody knows a vendor of this id' },
    ]);
  const id = newId(platform.clock, platform.random);
  const said = await platform.db.transaction().execute(async (tx) => {
    const { id: kept } = await rows(tx)
      .insertInto('sender')
      .values({
        id,
        vendor: given.vendor,
        is_: given.is,
        class: given.class,
        reason: by.reason,
        made_by: by.actor.name,
        made_at: new Date(platform.clock.now()),
      })
      .onConflict((conflict) =>
        conflict.column('is_').doUpdateSet((e) => ({
          vendor: e.ref('excluded.vendor'),
          class: e.ref('excluded.class'),
          reason: e.ref('excluded.reason'),
          made_by: e.ref('excluded.made_by'),
          made_at: e.ref('excluded.made_at'),
        })),
      )
      .returning('id')
      .executeTakeFirstOrThrow();
    await recordChange(tx, platform, {
      ...by,
      act: 'sender.say',
      subject: { kind: 'vendor', id: given.vendor },
      detail: { sender: given.is, class: given.class },
    });
    await deps.changed(tx, `What is known of ${given.is} was changed.`);
    return kept;
  });
  platform.events.publish('messages');
  return said;
}

/** Throws Problem 404. */
export async function dropSender(deps: SenderDeps, id: string, by: By): Promise<void> {
  const { platform } = deps;
  await platform.db.transaction().execute(async (tx) => {
    const gone = await rows(tx).deleteFrom('sender').where('id', '=', id).returningAll().executeTakeFirst();
    if (gone === undefined) throw notFound('sender');
    await recordChange(tx, platform, {
      ...by,
      act: 'sender.drop',
      subject: { kind: 'vendor', id: gone.vendor },
      detail: { sender: gone.is_ },
    });
    await deps.changed(tx, `What was said of ${gone.is_} was taken back.`);
  });
  platform.events.publish('messages');
}

const ReviewCursor = z.tuple([z.string(), z.uuid()]);

/** Open ones first by how lately they came. */
export async function listReviews(
  deps: DeskDeps,
  query: { limit: number; cursor?: string | undefined; state?: 'open' | 'decided' | undefined },
) {
  let asked = rows(deps.platform.db)
    .selectFrom('sender_review')
    .selectAll()
    .orderBy('last_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  asked =
    query.state === 'decided' ? asked.where('decided', 'is not', null) : asked.where('decided', 'is', null);
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, ReviewCursor);
    asked = asked.where((e) =>
      e.or([e('last_at', '<', new Date(at)), e.and([e('last_at', '=', new Date(at)), e('id', '<', id)])]),
    );
  }
  const [found, names] = await Promise.all([asked.execute(), vendorNames(deps)]);
  return page(
    found,
    query.limit,
    (row) => [row.last_at.toISOString(), row.id],
    (row) => ({
      id: row.id,
      domain: row.domain,
      vendor: { id: row.vendor, name: names.get(row.vendor) ?? row.vendor },
      messages: row.messages,
      first: row.first_at.toISOString(),
      last: row.last_at.toISOString(),
      state: row.decided ?? ('open' as const),
    }),
  );
}

/** Says what a sender under review is: it stands among the organisation's senders from then on. Throws Problem 404. */
export async function decideReview(deps: SenderDeps, id: string, as: SenderClass, by: By): Promise<void> {
  const row = await rows(deps.platform.db)
    .selectFrom('sender_review')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('sender review');
  await saySender(deps, { vendor: row.vendor, is: row.domain, class: as }, by);
  await rows(deps.platform.db)
    .updateTable('sender_review')
    .set({ decided: as })
    .where('id', '=', id)
    .execute();
}

const hashOf = async (deps: DeskDeps, vendor: string, address: string): Promise<Buffer> =>
  deps.keyed(Buffer.from(JSON.stringify(['vendor address', vendor, address.toLowerCase()])));

/** Whether one of the recipients is an address at which we are registered there; null: none is entered, or nobody is named. */
export async function isRegistered(
  deps: DeskDeps,
  vendor: string,
  recipients: readonly string[],
): Promise<boolean | null> {
  if (recipients.length === 0) return null;
  const kept = await rows(deps.platform.db)
    .selectFrom('vendor_address')
    .select('hash')
    .where('vendor', '=', vendor)
    .execute();
  if (kept.length === 0) return null;
  const hashes = await Promise.all(recipients.slice(0, 50).map((one) => hashOf(deps, vendor, one)));
  return kept.some(({ hash }) => hashes.some((one) => one.equals(hash)));
}

const AddressCursor = z.tuple([z.string(), z.uuid()]);

export async function listAddresses(
  deps: DeskDeps,
  query: { limit: number; cursor?: string | undefined; vendor?: string | undefined },
) {
  let asked = rows(deps.platform.db)
    .selectFrom('vendor_address')
    .selectAll()
    .orderBy('vendor')
    .orderBy('id')
    .limit(query.limit + 1);
  if (query.vendor !== undefined) asked = asked.where('vendor', '=', query.vendor);
  if (query.cursor !== undefined) {
    const [vendor, id] = decodeCursor(query.cursor, AddressCursor);
    asked = asked.where((e) =>
      e.or([e('vendor', '>', vendor), e.and([e('vendor', '=', vendor), e('id', '>', id)])]),
    );
  }
  const [found, names, seal] = await Promise.all([asked.execute(), vendorNames(deps), deps.sealer()]);
  return page(
    found,
    query.limit,
    (row) => [row.vendor, row.id],
    (row) => ({
      id: row.id,
      vendor: { id: row.vendor, name: names.get(row.vendor) ?? row.vendor },
      address: openAddress(seal, row.id, row.address),
      by: row.made_by,
      at: row.made_at.toISOString(),
    }),
  );
}

/** Throws Problem 409 where it is there already. */
export async function addAddress(
  deps: DeskDeps,
  given: { vendor: string; address: string },
  by: By,
): Promise<string> {
  const { platform } = deps;
  const seal = await deps.sealer();
  const id = newId(platform.clock, platform.random);
  const hash = await hashOf(deps, given.vendor, given.address);
  await platform.db.transaction().execute(async (tx) => {
    const added = await rows(tx)
      .insertInto('vendor_address')
      .values({
        id,
        vendor: given.vendor,
        address: sealAddress(seal, id, given.address),
        hash,
        subject: await deps.pseudonymOf(given.address),
        made_by: by.actor.name,
        made_at: new Date(platform.clock.now()),
      })
      .onConflict((conflict) => conflict.columns(['vendor', 'hash']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (added === undefined)
      throw new Problem(409, 'is_there', 'This address is entered for the vendor already.');
    await recordChange(tx, platform, {
      ...by,
      act: 'vendor_address.add',
      subject: { kind: 'vendor', id: given.vendor },
    });
  });
  return id;
}

/** Throws Problem 404. */
export async function dropAddress(deps: DeskDeps, id: string, by: By): Promise<void> {
  const { platform } = deps;
  await platform.db.transaction().execute(async (tx) => {
    const gone = await rows(tx)
      .deleteFrom('vendor_address')
      .where('id', '=', id)
      .returning('vendor')
      .executeTakeFirst();
    if (gone === undefined) throw notFound('vendor address');
    await recordChange(tx, platform, {
      ...by,
      act: 'vendor_address.drop',
      subject: { kind: 'vendor', id: gone.vendor },
    });
  });
}

export async function readDashboard(deps: DeskDeps, vendor: string) {
  const [own, facts] = await Promise.all([
    rows(deps.platform.db)
      .selectFrom('vendor_dashboard')
      .selectAll()
      .where('vendor', '=', vendor)
      .executeTakeFirst(),
    deps.facts(),
  ]);
  if (own !== undefined)
    return {
      vendor,
      url: own.url,
      source: 'organisation' as const,
      by: own.made_by,
      at: own.made_at.toISOString(),
    };
  const url = facts.find(({ id }) => id === vendor)?.urls?.admin?.is ?? null;
  return { vendor, url, source: url === null ? ('none' as const) : ('pack' as const), by: null, at: null };
}

/** `url`: null, the packs' word counts again. */
export async function sayDashboard(
  deps: DeskDeps,
  vendor: string,
  url: string | null,
  by: By,
): Promise<void> {
  const { platform } = deps;
  await platform.db.transaction().execute(async (tx) => {
    const values = {
      vendor,
      url: url ?? '',
      made_by: by.actor.name,
      made_at: new Date(platform.clock.now()),
    };
    await (url === null
      ? rows(tx).deleteFrom('vendor_dashboard').where('vendor', '=', vendor).execute()
      : rows(tx)
          .insertInto('vendor_dashboard')
          .values(values)
          .onConflict((conflict) => conflict.column('vendor').doUpdateSet(values))
          .execute());
    await recordChange(tx, platform, {
      ...by,
      act: 'vendor_dashboard.say',
      subject: { kind: 'vendor', id: vendor },
      detail: { url },
    });
  });
}
