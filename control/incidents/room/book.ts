import { type By, type Caller, notFound, type Tx } from '../../platform/index.ts';
import { type FeedDeps, timeline } from './feed.ts';
import { type IncidentDeps, type Opening, openIncident } from './incidents.ts';
import { addLine, lockIncident, type NewLine } from './lines.ts';
import { expectVisible, type ReadDeps, readIncident } from './read.ts';
import type { FeedLineView, IncidentView } from './schemas.ts';
import type { EntryKind, IncidentRow, IncidentTables } from './tables.ts';
import { openTitle } from './words.ts';

/** An incident, as the rooms that work for it know it: clocks, notices, severances. */
export interface IncidentHead {
  id: string;
  number: number;
  title: string;
  /** The vendor, or the vendor behind a vendor; null: none. */
  party: string | null;
  state: IncidentRow['state'];
  /** Nothing of a drill may reach anybody but its own recipients. */
  drill: boolean;
  restricted: boolean;
  occurredFrom: Date | null;
  occurredTo: Date | null;
  openedAt: Date;
}

/** A line of a timeline without its words. */
export interface BareLine {
  n: number;
  kind: EntryKind;
  /** What kind of fact a claim is of, which task or rule it is about. */
  about: string | null;
  at: Date;
  byId: string;
  /** An earlier line that this one speaks of. */
  refers: number | null;
}

/** What other rooms may do with an incident: know it, see who may know of it, and add lines to its timeline. */
export interface IncidentBook {
  /** Throws Problem 404 where there is none, or who asks may not know of it. */
  expectVisible(id: string, who: Pick<Caller, 'id' | 'kind'>): Promise<void>;
  /** Throws Problem 404. Asks not who may know of it. */
  head(id: string): Promise<IncidentHead>;
  /** Of these, whatever their state; what is no incident is left out. Asks not who may know of them. */
  heads(ids: readonly string[]): Promise<IncidentHead[]>;
  /** All that stands in it. Throws Problem 404. Asks not who may know of it. */
  read(id: string): Promise<IncidentView>;
  /** Its timeline, the newest first: what was entered, changes and first crossings. Asks not who may know of it. */
  timeline(
    id: string,
    query: { limit: number; cursor?: string | undefined },
  ): Promise<{ items: FeedLineView[]; next: string | null }>;
  /** Those that are open or contained, drills among them, the oldest first. Asks not who may know of them. */
  open(): Promise<IncidentHead[]>;
  /** Who leads it. Asks not who may know of it. */
  leads(id: string): Promise<{ id: string; name: string }[]>;
  /**
   * Adds a line and records the change without its words. It locks the incident until the transaction ends, so that what is
   * written beside the line has the line's order. Throws Problem 404, and 409 for a merged incident.
   */
  tell(tx: Tx, id: string, line: NewLine, by: By): Promise<IncidentHead>;
  /** Opens a drill with the tasks and questions of a playbook. Returns its id. Throws Problem 422. */
  openDrill(tx: Tx, given: Omit<Opening, 'drill' | 'restricted'>, by: By): Promise<string>;
  /** Opens an incident with the tasks and questions of a playbook; whoever opens it leads it. Returns its id. Throws Problem 422. */
  openAs(tx: Tx, given: Omit<Opening, 'drill'>, by: By): Promise<string>;
  /** All lines, in their order. Asks not who may know of the incident. */
  lines(id: string): Promise<BareLine[]>;
}

export function incidentBook(deps: IncidentDeps & ReadDeps & FeedDeps): IncidentBook {
  const { db } = deps.platform;
  const rows = () => db.withTables<IncidentTables>().selectFrom('incident').selectAll();
  const headOf = async (row: IncidentRow): Promise<IncidentHead> => ({
    id: row.id,
    number: row.number,
    title: openTitle(await deps.sealer(), row.id, row.title),
    party: row.party,
    state: row.state,
    drill: row.drill,
    restricted: row.restricted,
    occurredFrom: row.occurred_from,
    occurredTo: row.occurred_to,
    openedAt: row.opened_at,
  });
  return {
    expectVisible: (id, who) => expectVisible(deps, id, who),
    head: async (id) => {
      const row = await rows().where('id', '=', id).executeTakeFirst();
      if (row === undefined) throw notFound('incident');
      return headOf(row);
    },
    heads: async (ids) => {
      if (ids.length === 0) return [];
      const found = await rows()
        .where('id', 'in', [...ids])
        .orderBy('number')
        .execute();
      return Promise.all(found.map(headOf));
    },
    read: (id) => readIncident(deps, id),
    timeline: (id, query) => timeline(deps, id, query),
    open: async () => {
      const found = await rows().where('state', 'in', ['open', 'contained']).orderBy('number').execute();
      return Promise.all(found.map(headOf));
    },
    leads: async (id) => {
      const members = await db
        .withTables<IncidentTables>()
        .selectFrom('incident_member')
        .select(['person', 'name', 'roles'])
        .where('incident', '=', id)
        .orderBy('since')
        .execute();
      return members
        .filter(({ roles }) => roles.includes('lead'))
        .map(({ person, name }) => ({ id: person, name }));
    },
    tell: async (tx, id, line, by) => {
      const row = await lockIncident(tx, id);
      await addLine(tx, deps, row, line, by);
      return headOf(row);
    },
    openDrill: (tx, given, by) => openIncident(tx, deps, { ...given, drill: true, restricted: false }, by),
    openAs: (tx, given, by) => openIncident(tx, deps, { ...given, drill: false }, by),
    lines: async (id) => {
      const found = await db
        .withTables<IncidentTables>()
        .selectFrom('incident_entry')
        .select(['n', 'kind', 'about', 'at', 'by_id', 'refers'])
        .where('incident', '=', id)
        .orderBy('n')
        .execute();
      return found.map(({ by_id, ...line }) => ({ ...line, byId: by_id }));
    },
  };
}
