import { type ContractScan, readContractScans } from '../connections/index.ts';
import { carriedByDay, type Names, nameAll } from '../crossings/index.ts';
import type { Platform } from '../platform/index.ts';
import type { AppPrivacy } from './schemas.ts';

const DAY_MS = 24 * 3600_000;

/** Whether free text was looked through all day; `partly`: the contract was changed on that day. */
export type Looked = 'yes' | 'partly' | 'no';

/** By the contracts that were in force at any time of a day (`2026-11-22`, UTC). Oldest first, of one connection. */
export function lookedThrough(scans: readonly Pick<ContractScan, 'at' | 'looks'>[], day: string): Looked {
  const begin = Date.parse(`${day}T00:00:00Z`);
  const end = begin + DAY_MS;
  const inForce = scans.filter(({ at }, index) => {
    const next = scans[index + 1]?.at.getTime() ?? Number.POSITIVE_INFINITY;
    return at.getTime() < end && next > begin;
  });
  const looks = inForce.filter((one) => one.looks).length;
  return looks === 0 ? 'no' : looks === inForce.length ? 'yes' : 'partly';
}

/**
 * What an app's crossings carried in the last days, today among them: kinds of data and what became of them, and of how
 * many crossings free text was not looked through, so that nothing found is told from nothing looked for.
 */
export async function appPrivacy(
  platform: Platform,
  names: Names,
  app: string,
  days: number,
): Promise<AppPrivacy> {
  const now = platform.clock.now();
  const all = Array.from({ length: days }, (_, index) =>
    new Date(now - (days - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
  const [from = '', to = ''] = [all[0], all.at(-1)];
  const { carried, connections } = await carriedByDay(platform, app, from, to);
  const ids = [...new Set(connections.map(({ connection }) => connection))];
  const [scans, named] = await Promise.all([
    readContractScans(platform.db, ids),
    nameAll(
      names,
      ids.map((connection) => ({ connection, app })),
    ),
  ]);
  const scansOf = Map.groupBy(scans, ({ connection }) => connection);
  const looked = connections.map((one) => ({
    ...one,
    looked: lookedThrough(scansOf.get(one.connection) ?? [], one.day),
  }));
  const byDay = Map.groupBy(looked, ({ day }) => day);
  const sum = (rows: readonly (typeof looked)[number][], of: Looked): number =>
    rows.filter((row) => row.looked === of).reduce((total, row) => total + row.crossings - row.unread, 0);
  return {
    days: all.map((day) => {
      const rows = byDay.get(day) ?? [];
      return {
        day,
        crossings: rows.reduce((total, { crossings }) => total + crossings, 0),
        looked: sum(rows, 'yes'),
        partly: sum(rows, 'partly'),
        notLooked: sum(rows, 'no'),
        unread: rows.reduce((total, { unread }) => total + unread, 0),
      };
    }),
    items: carried,
    connections: ids.map((id) => {
      const rows = looked.filter(({ connection }) => connection === id);
      return {
        ...named.connection(id),
        crossings: rows.reduce((total, { crossings }) => total + crossings, 0),
        notLooked: sum(rows, 'no') + sum(rows, 'partly'),
      };
    }),
  };
}
