import { z } from '@hono/zod-openapi';
import { edgesAt } from '../chain/index.ts';
import type { ConnectionView } from '../connections/index.ts';
import type { GatewayOverview } from '../fleet/index.ts';
import type { IncidentHead } from '../incidents/index.ts';
import { type Caller, type Db, decodeCursor, Problem, page } from '../platform/index.ts';
import { dependentsOf } from './dependents.ts';
import type { Target } from './facts.ts';
import { type Asked, factsOf, targetOf } from './gather.ts';
import { consequencesOf, type Lists, listsOf } from './lists.ts';
import type { Plan, Severance, SeveranceRowView, SeverLine } from './schemas.ts';
import type { SeverDeps } from './severances.ts';
import { changedContracts, readSeverance, tables, vendorsOf } from './store.ts';
import type { SeveranceRow } from './tables.ts';
import { openMarked } from './words.ts';

export interface ReadDeps extends SeverDeps {
  gateways(): Promise<readonly GatewayOverview[]>;
}
type Who = Pick<Caller, 'id' | 'kind'>;

/** What cutting something off would do. Throws Problem 404 and 422. */
export async function planOf(deps: ReadDeps, asked: Asked): Promise<Plan> {
  const target = await targetOf(deps, asked);
  const facts = await factsOf(deps, target);
  const edges = edgesAt(await deps.edges(), deps.platform.clock.now());
  const dependents = asked.kind === 'party' ? dependentsOf(asked.id, edges) : [];
  const names = await deps.namesOf([...new Set(dependents.flatMap(({ through }) => through))]);
  const named = (id: string) => ({ id, name: names.get(id) ?? facts.named(id) });
  return {
    target: shown(target),
    vendors: target.vendors.map((id) => ({ id, name: facts.named(id) })),
    dependents: dependents.map(({ vendor, through, layer, grade, scopes }) => ({
      vendor: named(vendor),
      through: through.map(named),
      layer,
      grade,
      scopes: scopes === null ? null : [...scopes],
    })),
    ...listsOf(facts),
    consequences: consequencesOf(facts),
    alreadyHeldBy: await holdersOf(deps.platform.db, target, null),
  };
}

const shown = ({ kind, id, name, field }: Target): Plan['target'] => ({
  kind,
  id,
  name,
  fieldClass: field?.class ?? null,
  treatment: field?.treatment ?? null,
});

/** Other severances in force that hold some of the same. */
async function holdersOf(
  db: Db,
  { kind, id, field, vendors }: Pick<Target, 'kind' | 'id' | 'field' | 'vendors'>,
  but: string | null,
): Promise<Severance['heldBy']> {
  if (vendors.length === 0) return [];
  let found = tables(db)
    .selectFrom('severance')
    .innerJoin('severance_vendor', 'severance_vendor.severance', 'severance.id')
    .select(['severance.id', 'kind', 'target', 'field_class', 'began_by_name', 'began_at'])
    .distinct()
    .where('ended_at', 'is', null)
    .where('rehearsal', '=', false)
    .where('vendor', 'in', [...vendors])
    .orderBy('began_at');
  if (but !== null) found = found.where('severance.id', '<>', but);
  return (await found.execute())
    .filter((one) => one.field_class === null || one.field_class === field?.class)
    .filter((one) => !(one.kind === 'connection' && kind === 'connection' && one.target !== id))
    .map((one) => ({ id: one.id, by: one.began_by_name, since: one.began_at.toISOString() }));
}

const Cursor = z.tuple([z.int(), z.string()]);

/** The newest first. */
export async function listSeverances(
  deps: ReadDeps,
  who: Who,
  query: {
    limit: number;
    cursor?: string | undefined;
    incident?: string | undefined;
    vendor?: string | undefined;
    open?: boolean;
  },
): Promise<{ items: SeveranceRowView[]; next: string | null }> {
  const { db } = deps.platform;
  let asked = tables(db)
    .selectFrom('severance')
    .selectAll()
    .orderBy('began_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit + 1);
  if (query.incident !== undefined) asked = asked.where('incident', '=', query.incident);
  if (query.open === true) asked = asked.where('ended_at', 'is', null);
  const { vendor } = query;
  if (vendor !== undefined) {
    asked = asked.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('severance_vendor')
          .select('vendor')
          .whereRef('severance_vendor.severance', '=', 'severance.id')
          .where('vendor', '=', vendor),
      ),
    );
  }
  if (query.cursor !== undefined) {
    const [at, id] = decodeCursor(query.cursor, Cursor);
    asked = asked.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('began_at', 'id'), '<', tuple(new Date(at), id)),
    );
  }
  const rows = await asked.execute();
  const heads = await headsOf(deps, rows, who);
  return page(
    rows,
    query.limit,
    (row) => [row.began_at.getTime(), row.id],
    (row) => heads(row),
  );
}

/** What severances have in common, with what is read once for all of them. */
async function headsOf(
  deps: ReadDeps,
  rows: readonly SeveranceRow[],
  who: Who,
): Promise<(row: SeveranceRow) => SeveranceRowView> {
  const [vendors, gateways, connections] = await Promise.all([
    vendorsOf(
      deps.platform.db,
      rows.map(({ id }) => id),
    ),
    deps.gateways(),
    deps.connections(),
  ]);
  const incidents = new Map(
    await Promise.all(
      [...new Set(rows.flatMap(({ incident }) => incident ?? []))].map(
        async (id) => [id, await visibleHead(deps, id, who)] as const,
      ),
    ),
  );
  const ids = [...vendors.values()].flat().map(({ vendor }) => vendor);
  const names = await deps.namesOf([...new Set([...ids, ...rows.map(({ target }) => target)])]);
  return (row) => {
    const incident = row.incident === null ? null : (incidents.get(row.incident) ?? null);
    return {
      id: row.id,
      target: {
        kind: row.kind,
        id: row.target,
        name: targetName(row, connections, names),
        fieldClass: row.field_class,
        treatment: row.treatment,
      },
      vendors: (vendors.get(row.id) ?? []).map(({ vendor }) => ({
        id: vendor,
        name: names.get(vendor) ?? vendor,
      })),
      state: stateOf(row, gateways),
      since: row.began_at.toISOString(),
      until: row.until?.toISOString() ?? null,
      by: row.began_by_name,
      reason: row.reason,
      incident:
        incident === null
          ? null
          : { id: incident.id, number: incident.number, title: incident.title, drill: incident.drill },
      ended:
        row.ended_at === null
          ? null
          : { at: row.ended_at.toISOString(), by: row.ended_by_name ?? '', reason: row.end_reason ?? '' },
    };
  };
}

const targetName = (
  { kind, target }: SeveranceRow,
  connections: readonly ConnectionView[],
  names: ReadonlyMap<string, string>,
): string =>
  (kind === 'connection' ? connections.find(({ id }) => id === target)?.name : names.get(target)) ?? target;

/** Null for one that who asks may not know of. */
async function visibleHead({ book }: ReadDeps, id: string, who: Who): Promise<IncidentHead | null> {
  try {
    await book.expectVisible(id, who);
    return await book.head(id);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

/** A gateway runs on a severance when it says that it runs on a version that has it; one that is away has not said so. */
export const isInForceAt = (
  { version }: Pick<SeveranceRow, 'version'>,
  gateway: Pick<GatewayOverview, 'snapshotVersion'>,
): boolean => version !== null && (gateway.snapshotVersion ?? 0) >= version;

export function stateOf(
  row: Pick<SeveranceRow, 'rehearsal' | 'ended_at' | 'by_time' | 'version'>,
  gateways: readonly Pick<GatewayOverview, 'snapshotVersion'>[],
): Severance['state'] {
  if (row.rehearsal) return 'rehearsal';
  if (row.ended_at !== null) return row.by_time ? 'ended' : 'reopened';
  return row.version !== null && gateways.every((one) => isInForceAt(row, one)) ? 'in_force' : 'partly';
}

/** One severance as it stands now. Throws Problem 404. */
export async function severanceOf(deps: ReadDeps, id: string, who: Who): Promise<Severance> {
  const { db } = deps.platform;
  const row = await readSeverance(db, id);
  const head = (await headsOf(deps, [row], who))(row);
  const [gateways, said, kept, all, changed] = await Promise.all([
    deps.gateways(),
    tables(db).selectFrom('severance_gateway').selectAll().where('severance', '=', id).execute(),
    vendorsOf(db, [id]),
    deps.connections(),
    changedContracts(db, id),
  ]);
  const vendors = (kept.get(id) ?? []).map(({ vendor }) => vendor);
  const target: Target = {
    kind: row.kind,
    id: row.target,
    name: head.target.name,
    field:
      row.field_class === null || row.treatment === null
        ? null
        : { class: row.field_class, treatment: row.treatment },
    vendors,
    connections: all.filter((one) =>
      row.kind === 'connection' ? one.id === row.target : vendors.includes(one.vendor),
    ),
  };
  const facts = await factsOf(deps, target);
  const inForce = row.rehearsal
    ? []
    : gateways.map((gateway) => ({
        gateway: gateway.id,
        workers: gateway.about?.workers.serving ?? null,
        at: isInForceAt(row, gateway)
          ? (said.find((one) => one.gateway === gateway.id)?.at.toISOString() ?? gateway.lastSeenAt)
          : null,
        lastSeenAt: gateway.lastSeenAt,
      }));
  const lists = await withMarks(deps, id, listsOf(facts));
  return {
    ...head,
    ...lists,
    cutNow: lists.cutNow.map((line) => cutLine(line, head, inForce)),
    consequences: consequencesOf(facts),
    inForce,
    pseudonyms: (kept.get(id) ?? []).flatMap(({ vendor, epoch, destroyed_at: at }) =>
      epoch === null
        ? []
        : [
            {
              vendor: { id: vendor, name: facts.named(vendor) },
              epoch,
              destroyedAt: at?.toISOString() ?? null,
            },
          ],
    ),
    heldBy: await holdersOf(db, target, id),
    waits:
      row.ended_at !== null || changed.length === 0
        ? null
        : {
            why: 'contract_changed',
            text: 'Contracts were changed while the class was cut off. What opens is what they say now: look at them, and reopen it with the versions that you looked at.',
            contracts: changed.map(({ connection, name, was, now }) => ({
              connection: { id: connection, name },
              was,
              now,
            })),
          },
  };
}

/** What is cut here is proven by what gateways said. */
function cutLine(line: SeverLine, head: SeveranceRowView, inForce: Severance['inForce']): SeverLine {
  const href = '/settings/configuration';
  if (head.state === 'rehearsal')
    return { ...line, proof: { text: 'A rehearsal: nothing was cut', href: line.proof?.href ?? href } };
  if (head.ended !== null) return line;
  const parts = inForce.map(({ gateway, workers, at, lastSeenAt }) =>
    at === null
      ? `not yet at ${gateway}, ${lastSeenAt === null ? 'which was never seen' : `last seen ${lastSeenAt}`}`
      : `at ${gateway}${workers === null ? '' : ` (${workers} ${workers === 1 ? 'worker' : 'workers'})`} since ${at}`,
  );
  const text =
    parts.length === 0 ? 'No gateway is enrolled: nothing crosses' : `In force ${parts.join('; ')}`;
  const times = inForce.flatMap(({ at }) => at ?? []).sort();
  const latest = times.at(-1);
  return {
    ...line,
    proof: { text, href },
    done:
      head.state === 'in_force' && latest !== undefined
        ? { at: latest, by: 'Drawbridge', proof: text }
        : null,
  };
}

/** Puts what people marked to its lines; a line that is not there any more stays as it was marked. */
async function withMarks(deps: ReadDeps, severance: string, lists: Lists): Promise<Lists> {
  const rows = await tables(deps.platform.db)
    .selectFrom('severance_line')
    .selectAll()
    .where('severance', '=', severance)
    .orderBy('done_at')
    .execute();
  if (rows.length === 0) return lists;
  const sealer = await deps.sealer();
  const marked = rows.map((row) => {
    const words = openMarked(sealer, severance, row.line, row.sealed);
    return {
      line: row.line,
      words,
      done: { at: row.done_at.toISOString(), by: row.done_by_name, proof: words.proof },
    };
  });
  const known = new Set(Object.values(lists).flatMap((list) => list.map(({ id }) => id)));
  const put = (list: 'revokeThere' | 'notOurs' | 'unknown'): SeverLine[] => [
    ...lists[list].map((line) => ({
      ...line,
      done: marked.find((one) => one.line === line.id)?.done ?? null,
    })),
    ...marked.flatMap(({ line, words, done }): SeverLine[] =>
      words.list !== list || known.has(line)
        ? []
        : [
            {
              id: line,
              what: words.what,
              kind: words.kind,
              owner: words.owner,
              layer: 'unknown',
              proof: null,
              done,
            },
          ],
    ),
  ];
  return {
    cutNow: lists.cutNow,
    revokeThere: put('revokeThere'),
    notOurs: put('notOurs'),
    unknown: put('unknown'),
  };
}
