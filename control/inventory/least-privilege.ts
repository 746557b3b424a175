import { within } from './cidr.ts';
import { NO_MODEL } from './key-use-projection.ts';

/** What a key may do. Null: any model, from anywhere. */
export interface Bounds {
  connections: readonly string[];
  classes: readonly string[];
  models: readonly string[] | null;
  networks: readonly string[] | null;
}

/** Crossings of a key that went out and are alike. `model`, `network`: `''` where the records do not say. */
export interface Used {
  connection: string;
  class: string;
  model: string;
  network: string;
  crossings: number;
}

/** What bounds would have done to crossings that went out. */
export interface Effect {
  crossings: number;
  refused: number;
  /** Of which the records do not say enough to tell. */
  unknown: number;
}

type Verdict = 'pass' | 'refuse' | 'unknown';

/** What tighter bounds would have done. Bounds that are left out stay as they are, and refused nothing of it. */
export function effectOf(used: readonly Used[], bounds: Partial<Bounds>): Effect {
  const effect = { crossings: 0, refused: 0, unknown: 0 };
  for (const use of used) {
    effect.crossings += use.crossings;
    const verdict = verdictOn(use, bounds);
    if (verdict === 'refuse') effect.refused += use.crossings;
    else if (verdict === 'unknown') effect.unknown += use.crossings;
  }
  return effect;
}

export function verdictOn(use: Used, { connections, classes, models, networks }: Partial<Bounds>): Verdict {
  if (connections !== undefined && !connections.includes(use.connection)) return 'refuse';
  if (classes !== undefined && !classes.includes(use.class)) return 'refuse';
  const verdicts = [modelVerdict(use.model, models ?? null), networkVerdict(use.network, networks ?? null)];
  if (verdicts.includes('refuse')) return 'refuse';
  return verdicts.includes('unknown') ? 'unknown' : 'pass';
}

/** A record's model may be a pattern itself: then it stands for a request that began so. */
function modelVerdict(model: string, models: readonly string[] | null): Verdict {
  if (models === null || model === NO_MODEL) return 'pass';
  if (model === '') return 'unknown';
  const start = model.replace(/\*$/, '');
  const isOpen = model.endsWith('*');
  let verdict: Verdict = 'refuse';
  for (const allowed of models) {
    const begins = allowed.replace(/\*$/, '');
    if (allowed.endsWith('*') && start.startsWith(begins)) return 'pass';
    if (allowed === model) return 'pass';
    if (isOpen && begins.startsWith(start)) verdict = 'unknown';
  }
  return verdict;
}

function networkVerdict(network: string, networks: readonly string[] | null): Verdict {
  if (networks === null) return 'pass';
  if (network === '') return 'unknown';
  const lies = within(network, networks);
  return lies === 'all' ? 'pass' : lies === 'some' ? 'unknown' : 'refuse';
}

/** Keys that are younger have not shown yet what they are for. */
export const LEAST_DAYS = 14;
/** A key that asks for more models than that chooses among them: a list would only be in its way. */
const MOST_MODELS = 10;

export interface KeyFacts extends Bounds {
  kind: 'secret' | 'publishable';
  isPersons: boolean;
  /** In days. */
  age: number;
}

/** Crossings by what they are alike in, most first. */
export type Count = { name: string; crossings: number };

export function countBy(
  used: readonly Used[],
  member: 'connection' | 'class' | 'model' | 'network',
): Count[] {
  const counts = new Map<string, number>();
  for (const use of used) counts.set(use[member], (counts.get(use[member]) ?? 0) + use.crossings);
  return [...counts]
    .map(([name, crossings]) => ({ name, crossings }))
    .sort((a, b) => b.crossings - a.crossings || (a.name < b.name ? -1 : 1));
}

/** What a key may do and did not do. */
export function unusedOf(
  key: Bounds,
  used: readonly Used[],
): { connections: string[]; classes: string[]; models: string[] } {
  const names = (member: 'connection' | 'class' | 'model') => new Set(used.map((use) => use[member]));
  const models = [...names('model')];
  return {
    connections: key.connections.filter((id) => !names('connection').has(id)),
    classes: key.classes.filter((name) => !names('class').has(name)),
    // The record has the entry of the list that fits.
    models: (key.models ?? []).filter((model) => !models.includes(model)),
  };
}

/** The tightest bounds that refuse nothing of what was used; only those that are tighter than now. Null: there are none. */
export function proposalFor(key: KeyFacts, used: readonly Used[]): Partial<Bounds> | null {
  if (used.length === 0 || key.age < LEAST_DAYS) return null;
  const proposal: { -readonly [Name in keyof Bounds]?: Bounds[Name] } = {};
  const unused = unusedOf(key, used);
  if (unused.connections.length > 0)
    proposal.connections = key.connections.filter((id) => !unused.connections.includes(id));
  if (unused.classes.length > 0 && key.kind === 'secret')
    proposal.classes = key.classes.filter((name) => !unused.classes.includes(name));
  if (key.kind === 'secret') {
    const models = modelsFor(key, used, unused.models);
    if (models !== null) proposal.models = models;
    const network = networkFor(key, used);
    if (network !== null) proposal.networks = [network];
  }
  // What was bound meanwhile may have been used before: such a list would be empty, and binds nothing.
  const isEmpty = Object.values(proposal).some((bound) => bound?.length === 0);
  return isEmpty || Object.keys(proposal).length === 0 ? null : proposal;
}

function modelsFor(
  key: KeyFacts,
  used: readonly Used[],
  unused: readonly string[],
): readonly string[] | null {
  if (used.some(({ model }) => model === '')) return null;
  if (key.models !== null)
    return unused.length === 0 ? null : key.models.filter((model) => !unused.includes(model));
  const asked = [...new Set(used.map(({ model }) => model))].filter((model) => model !== NO_MODEL).sort();
  return asked.length === 0 || asked.length > MOST_MODELS ? null : asked;
}

/** The one network that a workload was used from, where that is narrower than what it is bound to. */
function networkFor(key: KeyFacts, used: readonly Used[]): string | null {
  const [network, ...more] = [...new Set(used.map((use) => use.network))];
  if (key.isPersons || network === undefined || network === '' || more.length > 0) return null;
  if (key.networks === null) return network;
  const [bound, ...others] = key.networks;
  // Bound to this one, or to a part of it, already.
  const isTight = others.length === 0 && bound !== undefined && within(bound, [network]) === 'all';
  return isTight ? null : network;
}

export type Finding = 'idle' | 'never_used' | 'unused_grants' | 'one_network' | 'no_end' | 'old';

const OLD_DAYS = 180;

/** What a person should look at. `idleDays`: null where it was never used. */
export function findingsOf(
  key: KeyFacts & { expiresAt: string | null },
  used: readonly Used[],
  idleDays: number | null,
  days: number,
): Finding[] {
  const unused = unusedOf(key, used);
  const hasUse = used.length > 0;
  return [
    ...(idleDays === null && key.age >= LEAST_DAYS ? ['never_used' as const] : []),
    ...(idleDays !== null && idleDays >= days ? ['idle' as const] : []),
    ...(hasUse && key.age >= LEAST_DAYS && Object.values(unused).some((list) => list.length > 0)
      ? ['unused_grants' as const]
      : []),
    ...(hasUse && key.kind === 'secret' && key.age >= LEAST_DAYS && networkFor(key, used) !== null
      ? ['one_network' as const]
      : []),
    ...(key.expiresAt === null ? ['no_end' as const] : []),
    ...(key.age >= OLD_DAYS ? ['old' as const] : []),
  ];
}
