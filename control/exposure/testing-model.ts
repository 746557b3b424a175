import type { Leaf, PayloadItem, Settlement } from '@drawbridge/protocol';

/**
 * The projections as their definitions say, worked out from all entries at once, without batches, cursors or counting:
 * what the real ones are compared with. Rows are texts, in any order.
 */
export interface ModelEntry {
  log: string;
  index: number;
  entry: Leaf | Settlement;
  items: readonly PayloadItem[];
}

const sent = new Set(['pass', 'generalise', 'pseudonymise', 'tokenise']);
const iso = (ms: number): string => new Date(ms).toISOString();
const dayOf = (ms: number): string => iso(ms).slice(0, 10);

interface Seen {
  crossing: ModelEntry & { entry: Leaf };
  item: PayloadItem;
  subject: string;
  class: string;
  treatment: string;
}

function subjectOf(item: PayloadItem): string {
  if (item.s === null) return 'nobody ';
  return `${item.k === 'group' ? 'organisation' : 'person'} ${item.s}`;
}

function allSeen(entries: readonly ModelEntry[]): Seen[] {
  const seen: Seen[] = [];
  for (const one of entries) {
    if (one.entry.type !== 'crossing') continue;
    const crossing = { ...one, entry: one.entry };
    for (const item of one.items) {
      for (const [, fieldClass, treatment] of item.f) {
        const effective = one.entry.decision === 'refused' ? 'refuse' : treatment;
        seen.push({ crossing, item, subject: subjectOf(item), class: fieldClass, treatment: effective });
      }
    }
  }
  return seen;
}

/** Everyone's person: the smallest pseudonym that can be reached over links. */
function personsOf(entries: readonly ModelEntry[]): Map<string, string> {
  const near = new Map<string, Set<string>>();
  const meet = (a: string, b: string) => near.set(a, (near.get(a) ?? new Set()).add(b));
  for (const { entry, items } of entries) {
    if (entry.type !== 'crossing') continue;
    for (const item of items) {
      const who = subjectOf(item);
      meet(who, who);
      if (!who.startsWith('person ') || entry.decision !== 'forwarded') continue;
      for (const link of item.l) {
        meet(who, `person ${link}`);
        meet(`person ${link}`, who);
      }
    }
  }
  const persons = new Map<string, string>();
  for (const start of near.keys()) {
    const reached = new Set([start]);
    for (const one of reached) for (const next of near.get(one) ?? []) reached.add(next);
    persons.set(start, [...reached].sort()[0] ?? start);
  }
  return persons;
}

const grouped = <T>(list: readonly T[], key: (one: T) => string): Map<string, T[]> => Map.groupBy(list, key);

function exposures(seen: readonly Seen[]): string[] {
  const rows = grouped(seen, ({ crossing: { entry }, subject, class: c, treatment }) =>
    [entry.vendor, entry.connection, entry.app, c, treatment, subject].join('|'),
  );
  return [...rows].map(([key, list]) => {
    const times = list.map((one) => one.crossing.entry.at);
    const crossings = new Set(list.map((one) => `${one.crossing.log} ${one.crossing.index}`)).size;
    return `${key}|${iso(Math.min(...times))}|${iso(Math.max(...times))}|${crossings}`;
  });
}

function peopleCounts(seen: readonly Seen[], persons: ReadonlyMap<string, string>): string[] {
  const people = new Map<string, Set<string>>();
  for (const { crossing, subject, class: c, treatment } of seen) {
    if (subject.startsWith('nobody')) continue;
    const { vendor, connection } = crossing.entry;
    const about = subject.split(' ')[0];
    const scopes = [`${vendor}||${c}|${treatment}`, `${vendor}|${connection}|${c}|${treatment}`];
    if (sent.has(treatment)) scopes.push('|||', `${vendor}|||`, `${vendor}|${connection}||`);
    for (const scope of scopes) {
      const key = `${about}|${scope}`;
      people.set(key, (people.get(key) ?? new Set()).add(persons.get(subject) ?? ''));
    }
  }
  return [...people].map(([key, set]) => `${key}|${set.size}`);
}

function peopleDays(seen: readonly Seen[], persons: ReadonlyMap<string, string>): string[] {
  const rows = grouped(
    seen.filter((one) => one.subject.startsWith('person') && sent.has(one.treatment)),
    ({ crossing: { entry }, class: c }) => `${entry.vendor}|${c}|${dayOf(entry.at)}`,
  );
  return [...rows].map(
    ([key, list]) => `${key}|${new Set(list.map((one) => persons.get(one.subject))).size}`,
  );
}

function crossings(entries: readonly ModelEntry[]): string[] {
  const rows: string[] = [];
  for (const { log, index, entry } of entries) {
    if (entry.type !== 'crossing') continue;
    const after = entries
      .filter((one) => one.log === log && one.index > index)
      .sort((a, b) => a.index - b.index)
      .find((one) => one.entry.type === 'settlement' && one.entry.crossing === entry.id);
    const settlement = after?.entry.type === 'settlement' ? after.entry : null;
    rows.push(
      [
        `${log}|${index}|${entry.id}|${iso(entry.at)}|${entry.connection}|${entry.app}|${entry.decision}`,
        `${after?.index ?? ''}|${settlement?.outcome ?? ''}|${settlement?.status ?? ''}`,
      ].join('|'),
    );
  }
  return rows;
}

function crossingSubjects(entries: readonly ModelEntry[]): string[] {
  const rows = new Set<string>();
  for (const { log, index, items } of entries) {
    for (const item of items) if (item.s !== null) rows.add(`${item.s}|${log}|${index}`);
  }
  return [...rows];
}

function days(entries: readonly ModelEntry[]): string[] {
  const leaves = entries.flatMap(({ entry }) => (entry.type === 'crossing' ? [entry] : []));
  const rows = grouped(leaves, (leaf) => `${leaf.connection}|${leaf.app}|${leaf.decision}|${dayOf(leaf.at)}`);
  return [...rows].map(([key, list]) => `${key}|${list.length}`);
}

function names(entries: readonly ModelEntry[]): string[] {
  const sightings = entries.flatMap(({ log, index, entry, items }) =>
    entry.type !== 'crossing'
      ? []
      : items.flatMap((item) =>
          item.r.map((r) => ({ where: `${log} ${index}`, leaf: entry, subject: item.s, r })),
        ),
  );
  const rows = grouped(sightings, ({ leaf, r }) => `${leaf.connection}|${r.k}|${r.h}`);
  return [...rows].map(([key, list]) => {
    const times = list.map((one) => one.leaf.at);
    const subjects = [...new Set(list.flatMap((one) => one.subject ?? []))].sort().slice(0, 50);
    const shown = list.flatMap((one) => one.r.n ?? []).sort()[0] ?? '';
    const seen = new Set(list.map((one) => one.where)).size;
    return `${key}|${seen}|${iso(Math.min(...times))}|${iso(Math.max(...times))}|${subjects.join(' ')}|${shown}`;
  });
}

/** Every projection's rows. */
export function modelRows(entries: readonly ModelEntry[]): Record<string, string[]> {
  const seen = allSeen(entries);
  const persons = personsOf(entries);
  const rows = {
    exposures: exposures(seen),
    persons: [...persons].map(([subject, person]) => `${subject}|${person}`),
    people: peopleCounts(seen, persons),
    peopleDays: peopleDays(seen, persons),
    crossings: crossings(entries),
    crossingSubjects: crossingSubjects(entries),
    days: days(entries),
    names: names(entries),
  };
  return Object.fromEntries(Object.entries(rows).map(([name, list]) => [name, list.sort()]));
}
