import type { Connection } from '@drawbridge/protocol';
import { z } from 'zod';
import { type ConnectionRow, lockConnection, readConnection } from '../connections/index.ts';
import {
  type By,
  type Db,
  decodeCursor,
  invalid,
  notFound,
  type Platform,
  page,
  recordChange,
  type Tx,
} from '../platform/index.ts';
import type { Catalogue, Known } from '../vendors/index.ts';
import { hostWithin, type OtherHost, rulesOf } from './hosts.ts';
import { type Groups, type Place, relation } from './place.ts';
import { type Found, placeOf } from './place-of.ts';
import type { DemandView } from './schemas.ts';
import type { ResidencyTables } from './tables.ts';

export interface DemandDeps {
  platform: Platform;
  catalogue: Catalogue;
  known: () => Promise<Known>;
  groups: Groups;
}

type Aimed = Pick<ConnectionRow, 'id' | 'vendor' | 'service' | 'host'>;

interface Assessed {
  found: Found;
  met: boolean;
  instead: OtherHost | null;
  says: string;
}

/** Places that connections have to be in. What is not known to be there does not cross. */
export interface Demands {
  list(query: {
    cursor?: string | undefined;
    limit: number;
  }): Promise<{ items: DemandView[]; next: string | null }>;
  set(connection: string, place: Place, by: By): Promise<DemandView>;
  lift(connection: string, by: By): Promise<void>;
  /** Throws Problem 422 where a connection would go to a host outside of what is demanded of it. */
  expectWithin(tx: Tx, connection: Aimed): Promise<void>;
  /** What gateways have to hold connections to, by their ids. */
  forSnapshot(
    tx: Tx,
    connections: readonly Aimed[],
  ): Promise<Map<string, NonNullable<Connection['residency']>>>;
}

export function createDemands({ platform, catalogue, known, groups }: DemandDeps): Demands {
  async function assess(place: Place, connection: Aimed): Promise<Assessed> {
    const public_ = await known();
    const found = placeOf(connection.host, null, {
      rules: rulesOf(connection.vendor, catalogue, public_),
      ranges: null,
    });
    const met = relation(found.place, place, groups) === 'inside';
    const instead = met ? null : hostWithin(place, connection, { catalogue, known: public_, groups });
    return { found, met, instead, says: textOf(place, connection.host, { found, met, instead }) };
  }

  function view(row: DemandRow, connection: ConnectionRow, assessed: Assessed): DemandView {
    return {
      connection: { id: connection.id, name: connection.name },
      vendor: connection.vendor,
      place: row.place,
      host: connection.host,
      ...assessed,
      demandedAt: row.demanded_at.toISOString(),
      demandedBy: row.demanded_by,
      reason: row.reason,
    };
  }

  const told = (): void => {
    // Gateways get it with the connections.
    platform.events.publish('connections');
    platform.events.publish('residency');
  };

  return {
    async list({ cursor, limit }) {
      let query = select(platform.db)
        .orderBy('connection')
        .limit(limit + 1);
      if (cursor !== undefined)
        query = query.where('connection', '>', decodeCursor(cursor, z.tuple([z.string()]))[0]);
      const { items, next } = page(
        await query.execute(),
        limit,
        (row) => [row.connection],
        (row) => row,
      );
      const views = await Promise.all(
        items.map(async (row) => {
          const connection = await readConnection(platform.db, row.connection);
          return view(row, connection, await assess(row.place, connection));
        }),
      );
      return { items: views, next };
    },

    async set(id, place, by) {
      const set = await platform.db.transaction().execute(async (tx) => {
        const connection = await lockConnection(tx, id);
        const row = {
          place,
          demanded_at: new Date(platform.clock.now()),
          demanded_by: by.actor.name,
          reason: by.reason,
        };
        await tx
          .withTables<ResidencyTables>()
          .insertInto('residency_demand')
          .values({ connection: id, ...row })
          .onConflict((conflict) => conflict.column('connection').doUpdateSet(row))
          .execute();
        const assessed = await assess(place, connection);
        await recordChange(tx, platform, {
          ...by,
          act: 'residency.demand',
          subject: { kind: 'connection', id },
          detail: { place, host: connection.host, met: assessed.met },
        });
        return view({ connection: id, ...row }, connection, assessed);
      });
      told();
      return set;
    },

    async lift(id, by) {
      await platform.db.transaction().execute(async (tx) => {
        await lockConnection(tx, id);
        const gone = await tx
          .withTables<ResidencyTables>()
          .deleteFrom('residency_demand')
          .where('connection', '=', id)
          .executeTakeFirst();
        if (gone.numDeletedRows === 0n) throw notFound('demand');
        await recordChange(tx, platform, {
          ...by,
          act: 'residency.lift',
          subject: { kind: 'connection', id },
        });
      });
      told();
    },

    async expectWithin(tx, connection) {
      const row = await select(tx).where('connection', '=', connection.id).executeTakeFirst();
      if (row === undefined) return;
      const { met, says } = await assess(row.place, connection);
      if (!met) throw invalid('upstream.host', says);
    },

    async forSnapshot(tx, connections) {
      const rows = await select(tx).orderBy('connection').execute();
      const demanded = new Map(rows.map((row) => [row.connection, row.place]));
      const entries = await Promise.all(
        connections.flatMap((connection) => {
          const place = demanded.get(connection.id);
          return place === undefined
            ? []
            : [assess(place, connection).then((found) => [connection.id, place, found] as const)];
        }),
      );
      return new Map(
        entries.map(([id, place, { found, met, instead }]) => [
          id,
          { demands: place, place: found.place, within: met, ...(instead === null ? {} : { instead }) },
        ]),
      );
    },
  };
}

type DemandRow = ResidencyTables['residency_demand'];

const select = (db: Db | Tx) => db.withTables<ResidencyTables>().selectFrom('residency_demand').selectAll();

function textOf(place: Place, host: string, { found, met, instead }: Omit<Assessed, 'says'>): string {
  if (met) return `${host} is in ${found.place}, as demanded.`;
  const where =
    found.place === 'UNKNOWN' || found.place === 'EDGE'
      ? `where ${host} is, nothing shows`
      : `${host} is in ${found.place}`;
  const other =
    instead === null
      ? 'No host of this service is known to be there: ask the vendor for one.'
      : `The vendor’s host in ${instead.place} is ${instead.host}: use that.`;
  return `This connection has to be in ${place}, and ${where}. ${other}`;
}
