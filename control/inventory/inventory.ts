import { sql } from 'kysely';
import type { Apps } from '../apps/index.ts';
import { type By, invalid, type Platform } from '../platform/index.ts';
import type { ReadList } from './held-key.ts';
import { changeHeld, importHeld, inventoryOf, listHeld } from './held-store.ts';
import {
  type Bounds,
  countBy,
  effectOf,
  findingsOf,
  type KeyFacts,
  proposalFor,
  type Used,
  unusedOf,
  verdictOn,
} from './least-privilege.ts';
import { readAwsReport, readMappedCsv } from './read-csv.ts';
import { readJsonList } from './read-json.ts';
import type {
  HeldKeyChange,
  HeldKeyImport,
  HeldKeyQuery,
  HeldKeyView,
  ImportAnswer,
  InventoryView,
  KeyUseDetail,
  KeyUseList,
  KeyUseView,
  Preview,
  PreviewAnswer,
} from './schemas.ts';

const DAY_MS = 24 * 3600_000;
const MOST_REFUSALS = 20;

type Key = Awaited<ReturnType<Apps['find']>>;

/** What keys may do against what they did, and keys that are held elsewhere. */
export interface Inventory {
  /** All virtual keys that can be used, with what they were used for. */
  use(days: number): Promise<KeyUseList>;
  /** One of them. Throws Problem 404. */
  useOf(key: string, days: number): Promise<KeyUseDetail>;
  /** What other bounds would have done to what went out. Throws Problem 404. */
  preview(key: string, given: Preview): Promise<PreviewAnswer>;
  inventory(): Promise<InventoryView>;
  listHeld(query: HeldKeyQuery): Promise<{ items: HeldKeyView[]; next: string | null }>;
  /** Takes a list in, whole or not at all, but for rows that hold keys. Throws Problem 422 with line and column. */
  importHeld(given: HeldKeyImport, by: By): Promise<ImportAnswer>;
  changeHeld(id: string, given: HeldKeyChange, by: By): Promise<HeldKeyView>;
}

interface UsedByKey {
  used: Used[];
  refused: number;
}

export function createInventory(deps: { platform: Platform; apps: Apps }): Inventory {
  const { platform, apps } = deps;
  const now = () => platform.clock.now();
  const firstDay = (days: number) => new Date(now() - (days - 1) * DAY_MS).toISOString().slice(0, 10);

  async function read(keys: readonly string[], since: string): Promise<Map<string, UsedByKey>> {
    const found = await sql<Used & { key: string; decision: string }>`
      SELECT key, connection, class, model, network, decision, sum(crossings)::bigint AS crossings
      FROM key_use_day WHERE key = ANY (${keys}) AND day >= ${since}::date
      GROUP BY key, connection, class, model, network, decision`.execute(platform.db);
    const byKey = new Map<string, UsedByKey>();
    for (const { key, decision, ...use } of found.rows) {
      const of = byKey.get(key) ?? { used: [], refused: 0 };
      if (decision === 'forwarded') of.used.push(use);
      else of.refused += use.crossings;
      byKey.set(key, of);
    }
    return byKey;
  }

  function viewOf(key: Key, { used, refused }: UsedByKey, days: number): KeyUseView {
    const facts = factsOf(key, now());
    const idleDays =
      key.lastUsedAt === null ? null : Math.floor((now() - new Date(key.lastUsedAt).getTime()) / DAY_MS);
    const proposal = proposalFor(facts, used);
    const { connections, classes, models, networks } = key;
    return {
      id: key.id,
      app: key.app,
      kind: key.kind,
      person: key.person,
      createdAt: key.createdAt,
      expiresAt: key.expiresAt,
      ageDays: facts.age,
      lastUsedAt: key.lastUsedAt,
      crossings: used.reduce((sum, use) => sum + use.crossings, 0),
      refused,
      granted: { connections, classes, models, networks },
      unused: unusedOf(facts, used),
      findings: findingsOf({ ...facts, expiresAt: key.expiresAt }, used, idleDays, days),
      proposal: proposal as KeyUseView['proposal'],
      effect: proposal === null ? null : effectOf(used, proposal),
    };
  }

  return {
    async use(days) {
      const since = firstDay(days);
      const keys = await apps.living();
      const byKey = await read(
        keys.map(({ id }) => id),
        since,
      );
      const items = keys.map((key) => viewOf(key, byKey.get(key.id) ?? nothing, days));
      return { days, since, items, apps: appsOf(items, byKey) };
    },

    async useOf(id, days) {
      const since = firstDay(days);
      const key = await apps.find(id);
      const of = (await read([id], since)).get(id) ?? nothing;
      return {
        ...viewOf(key, of, days),
        days,
        since,
        used: {
          connections: countBy(of.used, 'connection'),
          classes: countBy(of.used, 'class'),
          models: countBy(of.used, 'model'),
          networks: countBy(of.used, 'network'),
        },
      };
    },

    async preview(id, { days, ...given }) {
      await apps.find(id);
      const { used } = (await read([id], firstDay(days))).get(id) ?? nothing;
      const bounds = given as Partial<Bounds>;
      const effect = effectOf(used, bounds);
      const refusals = used
        .filter((use) => verdictOn(use, bounds) === 'refuse')
        .sort((a, b) => b.crossings - a.crossings)
        .slice(0, MOST_REFUSALS);
      return { ...effect, days, text: effectText(effect, days), refusals };
    },

    async inventory() {
      const keys = await apps.living();
      return inventoryOf(
        platform,
        keys.map(({ createdAt }) => ageOf(createdAt, now())),
      );
    },

    listHeld: (query) => listHeld(platform, query),

    async importHeld(given, by) {
      const { source, format } = given;
      return importHeld(platform, { source, format }, listOf(given), by);
    },

    changeHeld: (id, given, by) => changeHeld(platform, id, given, by),
  };
}

const nothing: UsedByKey = { used: [], refused: 0 };

const ageOf = (since: string, now: number): number =>
  Math.max(0, Math.floor((now - new Date(since).getTime()) / DAY_MS));

function factsOf(key: Key, now: number): KeyFacts {
  const { kind, person, connections, classes, models, networks } = key;
  return {
    kind,
    isPersons: person !== null,
    age: ageOf(key.createdAt, now),
    connections,
    classes,
    models,
    networks,
  };
}

function listOf({ format, content, mapping }: HeldKeyImport): ReadList {
  if (format === 'aws_credential_report') return readAwsReport(content);
  if (format !== 'csv') return readJsonList(format, content);
  if (mapping === undefined)
    throw invalid('mapping', 'say which columns of the table hold what; "id" is needed');
  return readMappedCsv(content, mapping);
}

/** `would have refused 0 of 3,200 crossings of the last 30 days`. */
function effectText(
  { crossings, refused, unknown }: PreviewAnswer | ReturnType<typeof effectOf>,
  days: number,
): string {
  const count = (value: number) => value.toLocaleString('en-US');
  if (crossings === 0) return `Nothing crossed with this key in the last ${days} days, so this says nothing.`;
  const rest = unknown === 0 ? '' : `; of ${count(unknown)} the records do not say enough to tell`;
  return `Would have refused ${count(refused)} of ${count(crossings)} crossings of the last ${days} days${rest}.`;
}

/** What no key of an app used, though one of them may. */
function appsOf(items: readonly KeyUseView[], byKey: ReadonlyMap<string, UsedByKey>): KeyUseList['apps'] {
  const apps = Map.groupBy(items, ({ app }) => app.id);
  return [...apps.values()].flatMap((keys) => {
    const [first] = keys;
    if (first === undefined) return [];
    const used = keys.flatMap(({ id }) => byKey.get(id)?.used ?? []);
    const granted = {
      connections: [...new Set(keys.flatMap(({ granted }) => granted.connections))],
      classes: [...new Set(keys.flatMap(({ granted }) => granted.classes))],
    };
    const { connections, classes } = unusedOf({ ...granted, models: null, networks: null }, used);
    return [
      {
        ...first.app,
        keys: keys.length,
        crossings: keys.reduce((sum, key) => sum + key.crossings, 0),
        idleKeys: keys.filter(({ findings }) => findings.includes('idle') || findings.includes('never_used'))
          .length,
        unused: { connections, classes },
      },
    ];
  });
}
