import type { Canary, HeldKey, KeyInventory, KeyUse, KeyUseList } from '../api/key-types.ts';
import type { Answer, Asked } from './fake-routes.ts';
import type { World } from './fake-world.ts';

/** Made-up answers about keys: how they are used, those held elsewhere, and canaries. */

const DAY_MS = 86_400_000;
const ok = (body: unknown): Answer => ({ status: 200, body });
const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

export interface KeyWorld {
  held: HeldKey[];
  canaries: Canary[];
}

export function makeKeyWorld(empty: boolean): KeyWorld {
  if (empty) return { held: [], canaries: [] };
  const held = (label: string, given: Partial<HeldKey> & Pick<HeldKey, 'ageDays' | 'findings'>): HeldKey => ({
    id: `held_${label.replaceAll(/\W+/g, '_')}`,
    source: 'AWS 123456789012',
    externalId: label,
    label,
    kind: 'access_key',
    owner: null,
    place: null,
    scopes: [],
    madeAt: null,
    rotatedAt: ago(given.ageDays ?? 0),
    lastUsedAt: ago(3),
    use: 'used',
    expiresAt: null,
    active: true,
    listedAt: ago(1),
    goneAt: null,
    ...given,
  });
  return {
    held: [
      held('deploy, access key 1', {
        ageDays: 412,
        findings: ['never_rotated', 'no_owner', 'stored_outside'],
      }),
      held('reports, access key 1', { ageDays: 31, owner: 'Bo Example', findings: ['stored_outside'] }),
      held('laptop of Cy Example', {
        source: 'OpenAI',
        ageDays: 200,
        owner: 'Cy Example',
        place: 'laptop',
        lastUsedAt: null,
        use: 'unknown',
        findings: ['never_rotated', 'stored_outside'],
      }),
    ],
    canaries: [
      {
        id: 'canary_1',
        vendor: 'openai',
        vendorName: 'OpenAI',
        form: 'Project key',
        place: 'The wiki page "Deploying the shop"',
        owner: 'Security team',
        plantedAt: ago(20),
        plantedBy: 'Local administrator',
        retiredAt: null,
        uses: 1,
        lastUsedAt: ago(1),
      },
    ],
  };
}

function usesIn(world: World, days: number): KeyUseList {
  const living = world.keys.filter((key) => key.revokedAt === null);
  const items = living.map((key, index): KeyUse => {
    const crossings = key.crossings24h * days;
    const [kept = '', ...rest] = key.classes;
    const loose = key.kind === 'secret' && rest.length > 0 && crossings > 0;
    return {
      id: key.id,
      app: key.app,
      kind: key.kind,
      person: key.person,
      createdAt: key.createdAt,
      expiresAt: key.expiresAt,
      ageDays: 20 + index * 9,
      lastUsedAt: key.lastUsedAt,
      crossings,
      refused: key.refused24h,
      granted: {
        connections: key.connections,
        classes: key.classes,
        models: key.models,
        networks: key.networks,
      },
      unused: { connections: [], classes: loose ? rest : [], models: [] },
      findings: [
        ...(crossings === 0 ? ['never_used' as const] : []),
        ...(loose ? ['unused_grants' as const, 'one_network' as const] : []),
        ...(key.expiresAt === null ? ['no_end' as const] : []),
      ],
      proposal: loose ? { classes: [kept], networks: ['10.1.2.0/24'] } : null,
      effect: loose ? { crossings, refused: 0, unknown: 0 } : null,
    };
  });
  return { days, since: ago(days), items, apps: [] };
}

function inventory({ keyWorld, keys }: World): KeyInventory {
  const { held } = keyWorld;
  const ages = [30, 90, 180, 365, null];
  const findings = ['never_rotated', 'no_owner', 'stored_outside', 'idle'] as const;
  const isIn = (age: number, at: number) => age > (ages[at - 1] ?? -1) && age <= (ages[at] ?? 1e9);
  return {
    sources: [...new Set(held.map(({ source }) => source))].map((source) => ({
      source,
      format: 'csv',
      importedAt: ago(1),
      importedBy: 'Local administrator',
      keys: held.filter((key) => key.source === source).length,
      refused: 0,
    })),
    ages: ages.map((upToDays, at) => ({
      upToDays,
      held: held.filter((key) => isIn(key.ageDays ?? 0, at)).length,
      virtual: keys.filter((_, index) => isIn(20 + index * 9, at)).length,
    })),
    unknownAge: 0,
    findings: Object.fromEntries(
      findings.map((name) => [name, held.filter((key) => key.findings.includes(name)).length]),
    ) as KeyInventory['findings'],
  };
}

/** What is read; null where the path is none of keys. */
export function readKeys(world: World, { path, query }: Asked): Answer | null {
  const { held, canaries } = world.keyWorld;
  const detail = canaries.find((canary) => path === `/canaries/${canary.id}`);
  if (detail !== undefined) {
    const use = {
      crossing: world.crossings[0]?.id ?? '',
      at: ago(1),
      address: '203.0.113.5',
      client: 'python',
      connection: 'openai',
      endpoint: '/v1/models',
    };
    return ok({ ...detail, latestUses: detail.uses > 0 ? [use] : [] });
  }
  const wanted = held.filter(
    (key) =>
      (query.get('source') ?? key.source) === key.source &&
      (query.get('finding') === null || key.findings.some((one) => one === query.get('finding'))),
  );
  switch (path) {
    case '/key-use':
      return ok(usesIn(world, Number(query.get('days') ?? 30)));
    case '/key-inventory':
      return ok(inventory(world));
    case '/held-keys':
      return ok({ items: wanted, next: null });
    case '/canaries':
      return ok({ items: canaries, next: null });
    case '/canary-forms':
      return ok({
        items: [
          { vendor: 'drawbridge', vendorName: 'Drawbridge', id: 'virtual', name: 'Virtual key' },
          { vendor: 'openai', vendorName: 'OpenAI', id: 'project', name: 'Project key' },
        ],
      });
    default:
      return null;
  }
}

/** What changes nothing and needs no reason; null where it is something else. */
export function previewOf(world: World, { path }: Asked, body: Record<string, unknown>): Answer | null {
  const id = /^\/keys\/([^/]+)\/bounds\/preview$/.exec(path)?.[1];
  if (id === undefined) return null;
  const days = Number(body.days ?? 30);
  const crossings = usesIn(world, days).items.find((key) => key.id === id)?.crossings ?? 0;
  const text = `Would have refused 0 of ${crossings.toLocaleString('en-US')} crossings of the last ${days} days.`;
  return ok({ crossings, refused: 0, unknown: 0, days, text, refusals: [] });
}

/** What is written; null where the path is none of these. */
export function writeKeys(
  world: World,
  { method, path, tell }: Asked,
  body: Record<string, unknown>,
): Answer | null {
  const { held, canaries } = world.keyWorld;
  const key = held.find((one) => path === `/held-keys/${one.id}`);
  if (method === 'PATCH' && key !== undefined) {
    Object.assign(key, { owner: body.owner, place: body.place });
    return ok(key);
  }
  if (path === '/held-keys/imports') {
    const refusals = [
      { line: 3, column: 'note', message: 'looks like a whole key: this row was not taken in' },
    ];
    return ok({ source: body.source, taken: 2, fresh: 1, gone: 0, refused: 1, refusals });
  }
  if (method === 'POST' && path === '/canaries') {
    const canary: Canary = {
      id: `canary_${canaries.length + 1}`,
      vendor: String(body.vendor),
      vendorName: body.vendor === 'openai' ? 'OpenAI' : 'Drawbridge',
      form: 'Project key',
      place: String(body.place),
      owner: String(body.owner),
      plantedAt: ago(0),
      plantedBy: 'Local administrator',
      retiredAt: null,
      uses: 0,
      lastUsedAt: null,
    };
    canaries.unshift(canary);
    tell('keys');
    return { status: 201, body: { ...canary, key: `sk-proj-${'made-up'.repeat(8)}` } };
  }
  const [, id, act] = /^\/canaries\/([^/]+)\/(retire|reports)$/.exec(path) ?? [];
  const canary = canaries.find((one) => one.id === id);
  if (canary === undefined) return null;
  if (act === 'reports') return { status: 204 };
  canary.retiredAt = ago(0);
  tell('keys');
  return ok(canary);
}
