import type { Exposed } from '../exposure/index.ts';
import { effectOf, type Falling, type LawFacts } from './flows.ts';
import { countryOf, type Place } from './place.ts';
import type { AffectedView, JudgedView, SeenView, WorldView } from './schemas.ts';
import { classesOf, type Stand } from './where.ts';

const SHOWN = 200;

/** The place on a map: regions of clouds stand in their country; groups, edges and what is unknown stand beside the map. */
const onMap = (place: Place): Place => countryOf(place) ?? place;

type Spot = WorldView['places'][number];
type Mark = Spot['vendors'][number];
interface Here {
  marks: Map<string, Mark>;
  crossings: number;
  against: number;
  verdicts: Record<string, number>;
}

/** By place: which vendors are said to be there and which were seen there. Pure. */
export function worldOf(wheres: readonly Stand[]): Omit<WorldView, 'home'> {
  const spots = new Map<Place, Here>();
  const spotAt = (place: Place) => {
    const empty: Here = { marks: new Map(), crossings: 0, against: 0, verdicts: {} };
    const known = spots.get(place) ?? empty;
    spots.set(place, known);
    return known;
  };
  const mark = (where: Stand, place: Place, layer: Mark['layers'][number]): void => {
    const { marks } = spotAt(place);
    const there = marks.get(where.vendor) ?? {
      vendor: where.vendor,
      name: where.name,
      layers: [],
      verdict: where.verdict,
    };
    if (!there.layers.includes(layer)) there.layers.push(layer);
    marks.set(where.vendor, there);
  };
  for (const where of wheres) {
    for (const { statement, verdict } of where.statements) {
      const place = onMap(statement.place);
      mark(where, place, 'declared');
      const { verdicts } = spotAt(place);
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    }
    for (const { verdict, seen } of where.statements)
      if (verdict === 'contradicts')
        for (const at of new Set(seen.map(({ found }) => onMap(found.place)))) spotAt(at).against += 1;
    for (const seen of where.seen) {
      const place = onMap(seen.found.place);
      mark(where, place, 'observed');
      spotAt(place).crossings += seen.crossings;
    }
    if (where.statements.length === 0 && where.seen.length === 0) mark(where, 'UNKNOWN', 'declared');
  }
  const places = [...spots].map(([place, { marks, crossings, against, verdicts }]): Spot => {
    const all = [...marks.values()];
    return {
      place,
      verdicts,
      observed: all.filter(({ layers }) => layers.includes('observed')).length,
      declared: all.filter(({ layers }) => layers.includes('declared')).length,
      crossings,
      against,
      vendors: all.slice(0, SHOWN),
    };
  });
  return {
    vendors: wheres.length,
    contradictions: contradictionsOf(wheres).length,
    places: places.sort((a, b) => b.vendors.length - a.vendors.length || (a.place < b.place ? -1 : 1)),
  };
}

/** Statements that what was seen contradicts, in the order of vendors. */
export function contradictionsOf(wheres: readonly Stand[]): (JudgedView & { name: string })[] {
  return wheres.flatMap(({ name, statements }) =>
    statements.filter(({ verdict }) => verdict === 'contradicts').map((one) => ({ ...one, name })),
  );
}

/** A flow that a basis carries, without whom it reached. `scope`: the connection that alone has the service; '': the vendor. */
export type Flow = Omit<AffectedView, 'classes' | 'people'> & { class: string | null; scope: string };

/** Every flow that a basis carries, once that basis is gone. Pure. */
export function affectedBy(falls: Falling, wheres: readonly Stand[], law: LawFacts): Flow[] {
  return wheres.flatMap((where) => {
    const declared = where.statements.flatMap(({ statement }): Flow[] => {
      const effect = effectOf(
        { place: statement.place, layer: 'declared', bases: statement.bases },
        falls,
        law,
      );
      if (effect === null) return [];
      return [
        {
          vendor: where.vendor,
          name: where.name,
          service: statement.service,
          class: statement.class,
          scope: scopeOf(where, statement.service),
          layer: 'declared',
          kind: statement.kind,
          statement: statement.id,
          ...effect,
        },
      ];
    });
    return [...declared, ...seenFlows(falls, where, law)];
  });
}

/** The flows with the kinds of data and the people that each is about. Pure. */
export function withPeople(flows: readonly Flow[], exposed: readonly Exposed[]): AffectedView[] {
  const exposedOf = Map.groupBy(exposed, ({ vendor }) => vendor);
  return flows.map(({ class: fieldClass, scope, ...flow }) => {
    const mine = (exposedOf.get(flow.vendor) ?? []).filter(({ connection }) => connection === scope);
    return {
      ...flow,
      classes: fieldClass === null ? classesOf(mine) : [fieldClass],
      people: peopleIn(mine, fieldClass ?? ''),
    };
  });
}

/** Endpoints that were seen, one for each service and place, with what was declared for that service. */
function seenFlows(falls: Falling, where: Stand, law: LawFacts): Flow[] {
  const byFlow = new Map<string, SeenView>();
  for (const seen of where.seen) byFlow.set(`${seen.service} ${onMap(seen.found.place)}`, seen);
  return [...byFlow.values()].flatMap((seen): Flow[] => {
    const place = onMap(seen.found.place);
    // The bases are declared for where data goes; a statement of another country says nothing of this endpoint.
    const bases = where.statements.flatMap(({ statement }) =>
      (statement.service === null || statement.service === seen.service) && onMap(statement.place) === place
        ? statement.bases
        : [],
    );
    const effect = effectOf({ place, layer: 'observed', bases }, falls, law);
    if (effect === null) return [];
    return [
      {
        vendor: where.vendor,
        name: where.name,
        service: seen.service,
        class: null,
        scope: scopeOf(where, seen.service),
        layer: 'observed',
        kind: null,
        statement: null,
        ...effect,
      },
    ];
  });
}

/** What is known of one service: where one connection alone has it, that connection; else the whole vendor, so never too few. */
function scopeOf(where: Stand, service: string | null): string {
  if (service === null) return '';
  const connections = new Set(
    where.seen.flatMap(({ connection, service: of }) =>
      of === service && connection !== null ? [connection.id] : [],
    ),
  );
  const [only] = connections;
  return connections.size === 1 && only !== undefined ? only : '';
}

function peopleIn(exposed: readonly Exposed[], fieldClass: string): number {
  return Math.max(0, ...exposed.filter((one) => one.class === fieldClass).map(({ people }) => people));
}
