import type {
  AffectedFlow,
  JudgedStatement,
  ProviderRanges,
  RegionDemand,
  ResidencyContradiction,
  ResidencyStatement,
  SeenPlace,
  TransferBasis,
  TransferLaw,
  Verdict,
  WhereVendorIs,
  World,
} from '../api/residency-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

const day = 86_400_000;
const ago = (days: number): string => new Date(Date.now() - days * day).toISOString();

/** Made-up statements and endpoints. */
export interface FakeResidency {
  home: string | null;
  wheres: WhereVendorIs[];
  demands: RegionDemand[];
  /** Versions of a statement that are no longer in force, the latest first. */
  earlier: Map<string, ResidencyStatement[]>;
  ranges: ProviderRanges[];
}

const law: TransferLaw = {
  asOf: '2026-11-22',
  eu: ['DE', 'FR', 'IE', 'NL', 'SE', 'IT', 'ES', 'PL', 'FI', 'AT'],
  eea: ['NO', 'IS', 'LI'],
  adequacy: [
    {
      country: 'JP',
      name: 'Japan',
      covers: 'whole',
      scope: null,
      decision: '(EU) 2019/419',
      validFrom: '2019-01-23',
      validUntil: null,
      status: 'in_force',
      note: null,
      source: 'https://example.org/japan',
      asOf: '2026-11-22',
    },
    {
      country: 'US',
      name: 'United States',
      covers: 'part',
      scope: 'Certified companies',
      decision: '(EU) 2023/1795',
      validFrom: '2023-07-10',
      validUntil: null,
      status: 'challenged',
      note: 'An appeal is pending',
      source: 'https://example.org/framework',
      asOf: '2026-11-22',
    },
  ],
};

function seenAt(place: string, host: string, by: SeenPlace['found']['by'] = 'vendor_rule'): SeenPlace {
  return {
    source: 'gateway',
    evidence: null,
    connection: { id: `conn-${host}`, name: host },
    service: 'api',
    host,
    address: '192.0.2.7',
    found: {
      place,
      by,
      says: `The vendor says that ${host} is in ${place} (https://docs.example, 2026-11-22).`,
    },
    crossings: 1204,
    firstAt: ago(20),
    lastAt: ago(0.02),
    lastCrossing: '0199c0de-0000-7000-8000-000000000001',
  };
}

function stated(
  vendor: string,
  place: string,
  verdict: Verdict,
  part: Partial<JudgedStatement['statement']> = {},
): JudgedStatement {
  return {
    statement: {
      id: `statement-${vendor}-${part.kind ?? 'processing'}`,
      version: 1,
      vendor,
      service: null,
      class: null,
      kind: 'processing',
      place,
      jurisdiction: 'US',
      bases: [],
      conditions: {},
      source: 'https://example.com/dpa',
      asOf: '2026-10-01',
      withdrawn: false,
      statedAt: ago(30),
      statedBy: 'Ada Example',
      reason: 'Read in the contract',
      ...part,
    },
    verdict,
    says: verdict === 'contradicts' ? `Said: ${place}. The endpoint is in US.` : 'Made up.',
    seen: [],
  };
}

function whereOf(
  vendor: string,
  name: string,
  statements: JudgedStatement[],
  seen: SeenPlace[],
): WhereVendorIs {
  const order: Verdict[] = ['contradicts', 'unknown', 'not_provable', 'consistent'];
  return {
    vendor,
    name,
    verdict: order.find((verdict) => statements.some((one) => one.verdict === verdict)) ?? null,
    statements,
    seen,
    classes: ['person.email', 'event.name'],
    people: 1204,
  };
}

const dpf: TransferBasis = { kind: 'dpf', certified: true, active: true, coversHr: false };
const scc: TransferBasis = { kind: 'scc', modules: [2], assessedOn: '2026-01-15' };

/** Ten of them by hand; `many` fills up to sixty with the same few places. */
export function makeFakeResidency(empty: boolean, many = false): FakeResidency {
  if (empty) return { home: null, wheres: [], demands: [], earlier: new Map(), ranges: [] };
  const wheres = [
    whereOf(
      'mixpanel',
      'Mixpanel',
      [
        stated('mixpanel', 'EU', 'contradicts'),
        stated('mixpanel', 'US', 'not_provable', { kind: 'support', bases: [dpf, scc] }),
      ],
      [seenAt('US', 'api.mixpanel.com')],
    ),
    whereOf(
      'openai',
      'OpenAI',
      [stated('openai', 'US', 'consistent', { bases: [dpf] })],
      [seenAt('US', 'api.openai.com')],
    ),
    whereOf('mistral', 'Mistral', [stated('mistral', 'EU', 'consistent')], [seenAt('FR', 'api.mistral.ai')]),
    whereOf(
      'sentry',
      'Sentry',
      [stated('sentry', 'DE', 'not_provable')],
      [seenAt('EDGE', 'o1.sentry.io', 'edge')],
    ),
    whereOf('deepseek', 'DeepSeek', [], [seenAt('CN', 'api.deepseek.com')]),
    whereOf('segment', 'Segment', [stated('segment', 'UNKNOWN', 'unknown')], []),
    whereOf('langfuse', 'Langfuse', [stated('langfuse', 'JP', 'unknown')], []),
    whereOf('upstash', 'Upstash', [stated('upstash', 'SG', 'unknown', { kind: 'backup' })], []),
  ];
  const places = ['US', 'IE', 'DE', 'GB', 'IN', 'AU', 'BR', 'CA', 'EU', 'GLOBAL', 'UNKNOWN', 'SE', 'NL'];
  for (let n = wheres.length; many && n < 60; n += 1) {
    const place = places[n % places.length] ?? 'US';
    const name = `Vendor ${n}`;
    const seen = n % 3 === 0 ? [] : [seenAt(place, `api.vendor-${n}.example`)];
    wheres.push(
      whereOf(
        `vendor-${n}`,
        name,
        [stated(`vendor-${n}`, place, seen.length === 0 ? 'unknown' : 'consistent')],
        seen,
      ),
    );
  }
  return { home: 'DE', wheres, demands: [], earlier: new Map(), ranges: [] };
}

function demandOf(id: string, place: string): RegionDemand {
  const found = { place: 'US', by: 'vendor_rule', says: 'Made up.' } as const;
  return {
    connection: { id, name: id },
    vendor: 'mixpanel',
    place,
    host: 'api.mixpanel.com',
    found,
    met: false,
    instead: { host: 'api-eu.mixpanel.com', place: 'EU' },
    says: `This connection has to be in ${place}, and api.mixpanel.com is in US. The vendor’s host in EU is api-eu.mixpanel.com: use that.`,
    demandedAt: ago(0),
    demandedBy: 'Ada Example',
    reason: 'Made up',
  };
}

function worldOf({ home, wheres }: FakeResidency): World {
  const spots = new Map<string, World['places'][number]>();
  const spotAt = (place: string) => {
    const empty = { place, verdicts: {}, observed: 0, declared: 0, crossings: 0, against: 0, vendors: [] };
    const spot: World['places'][number] = spots.get(place) ?? empty;
    spots.set(place, spot);
    return spot;
  };
  for (const where of wheres) {
    const { vendor, name, verdict } = where;
    for (const { statement, verdict: one } of where.statements) {
      const spot = spotAt(statement.place);
      spot.declared += 1;
      spot.verdicts[one] = (spot.verdicts[one] ?? 0) + 1;
      spot.vendors.push({ vendor, name, layers: ['declared'], verdict });
    }
    for (const seen of where.seen) {
      const spot = spotAt(seen.found.place);
      spot.observed += 1;
      spot.crossings += seen.crossings;
      spot.against += where.statements.filter(({ verdict: one }) => one === 'contradicts').length;
      const there = spot.vendors.find((one) => one.vendor === vendor);
      if (there === undefined) spot.vendors.push({ vendor, name, layers: ['observed'], verdict });
      else there.layers.push('observed');
    }
  }
  return {
    home,
    vendors: wheres.length,
    contradictions: wheres
      .flatMap(({ statements }) => statements)
      .filter(({ verdict }) => verdict === 'contradicts').length,
    places: [...spots.values()].sort((a, b) => b.vendors.length - a.vendors.length),
  };
}

function affectedBy({ wheres }: FakeResidency, falls: string): AffectedFlow[] {
  if (falls !== 'dpf') return [];
  return wheres.flatMap(({ vendor, name, classes, people, statements, seen }) => [
    ...statements
      .filter(({ statement }) => statement.bases.some(({ kind }) => kind === 'dpf'))
      .map(
        ({ statement }): AffectedFlow => ({
          vendor,
          name,
          service: statement.service,
          classes,
          people,
          layer: 'declared',
          kind: statement.kind,
          place: statement.place,
          why: 'declared',
          fallback: statement.bases.some(({ kind }) => kind === 'scc') ? 'scc' : null,
          says: 'Made up.',
          statement: statement.id,
        }),
      ),
    ...seen
      .filter(({ found }) => found.place === 'US')
      .map(
        ({ service }): AffectedFlow => ({
          vendor,
          name,
          service,
          classes,
          people,
          layer: 'observed',
          kind: null,
          place: 'US',
          why: 'place',
          fallback: null,
          says: 'Made up.',
          statement: null,
        }),
      ),
  ]);
}

/** Another version of a statement, or its end; null: it is neither. */
function changeStatement(
  world: FakeResidency,
  { method, path, body }: Pick<Asked, 'method' | 'path' | 'body'>,
): Answer | null {
  const [, id, withdraw] = /^\/residency\/statements\/([^/]+)(\/withdraw)?$/.exec(path) ?? [];
  if (id === undefined || method === 'GET') return null;
  const where = world.wheres.find(({ statements }) =>
    statements.some(({ statement }) => statement.id === id),
  );
  const judged = where?.statements.find(({ statement }) => statement.id === id);
  if (where === undefined || judged === undefined)
    return {
      status: 404,
      body: { title: 'Not found', code: 'not_found', detail: 'There is no such statement.' },
    };
  if (withdraw !== undefined) {
    where.statements = where.statements.filter((one) => one !== judged);
    return { status: 204 };
  }
  const { basedOn, ...given } = body as ResidencyStatement & { basedOn: number };
  const { version } = judged.statement;
  if (basedOn !== version) {
    const detail = `It was changed since it was read (version ${version} holds). Read it again, and repeat.`;
    return { status: 409, body: { title: 'Changed meanwhile', code: 'changed_meanwhile', detail } };
  }
  world.earlier.set(id, [judged.statement, ...(world.earlier.get(id) ?? [])]);
  judged.statement = { ...judged.statement, service: null, class: null, ...given, version: version + 1 };
  judged.verdict = 'unknown';
  return { status: 200, body: judged.statement };
}

/** Reads a table as far as a made-up one needs: its first line, and networks. */
function bringRanges(world: FakeResidency, { table, reason }: { table: string; reason: string }): Answer {
  const lines = table.split('\n').map((line) => line.trim());
  const isWrong = (line: string, index: number): boolean =>
    index === 0 ? line !== 'drawbridge.ranges/1' : !/^$|^#|^source |^at |^[\d.]+\/\d+$/.test(line);
  const at = lines.findIndex(isWrong);
  if (at >= 0) {
    const message = `line ${at + 1}: ${at === 0 ? 'format is not drawbridge.ranges/1' : 'range is no network such as 192.0.2.0/24'}`;
    return {
      status: 422,
      body: {
        title: 'The request is not right',
        code: 'invalid',
        detail: `table: ${message}`,
        errors: [{ field: 'table', message }],
      },
    };
  }
  const sources = lines
    .filter((line) => line.startsWith('source '))
    .map((line) => {
      const [, provider = '', asOf = '', sha256 = '', url = ''] = line.split(/\s+/);
      return { provider, asOf, sha256, url };
    });
  const made: ProviderRanges = {
    version: (world.ranges[0]?.version ?? 0) + 1,
    sha256: 'cd34'.repeat(16),
    sources,
    ranges: lines.filter((line) => /^[\d.]+\//.test(line)).length,
    broughtAt: ago(0),
    broughtBy: 'Ada Example',
    reason,
  };
  world.ranges = [made, ...world.ranges].slice(0, 5);
  return { status: 201, body: made };
}

/** What the made-up control plane answers about residency; null: it is about something else. */
export function answerResidency(
  world: FakeResidency,
  { method, path, query, body, tell }: Asked,
): Answer | null {
  const ok = (answer: unknown): Answer => ({ status: 200, body: answer });
  if (method === 'PUT' && path === '/residency/home') {
    world.home = (body as { country: string | null }).country;
    tell('residency');
    return { status: 204 };
  }
  const held = /^\/residency\/demands\/([^/]+)$/.exec(path)?.[1];
  if (held !== undefined && method !== 'GET') {
    world.demands = world.demands.filter(({ connection }) => connection.id !== held);
    if (method === 'PUT') world.demands.push(demandOf(held, (body as { place: string }).place));
    tell('residency');
    return {
      status: method === 'PUT' ? 200 : 204,
      body: method === 'PUT' ? world.demands.at(-1) : undefined,
    };
  }
  if (method === 'POST' && path === '/residency/statements') {
    const given = body as JudgedStatement['statement'];
    const where = world.wheres.find(({ vendor }) => vendor === given.vendor);
    const made = stated(given.vendor, given.place, 'unknown', { ...given, id: `statement-${Date.now()}` });
    where?.statements.push(made);
    tell('residency');
    return { status: 201, body: made.statement };
  }
  const changed = changeStatement(world, { method, path, body });
  if (changed !== null) {
    tell('residency');
    return changed;
  }
  const bound = /^\/residency\/statements\/([^/]+)\/versions$/.exec(path)?.[1];
  if (bound !== undefined) {
    const latest = world.wheres
      .flatMap(({ statements }) => statements)
      .find(({ statement }) => statement.id === bound)?.statement;
    return ok({ items: [...(latest === undefined ? [] : [latest]), ...(world.earlier.get(bound) ?? [])] });
  }
  if (path === '/residency/ranges') {
    if (method === 'GET') return ok({ items: world.ranges });
    const answer = bringRanges(world, body as { table: string; reason: string });
    tell('residency');
    return answer;
  }
  if (path === '/residency/demands' && method === 'GET') return ok({ items: world.demands, next: null });
  if (method !== 'GET' || !path.startsWith('/residency/')) return null;
  if (path === '/residency/world') return ok(worldOf(world));
  if (path === '/residency/law') return ok(law);
  if (path === '/residency/contradictions') {
    const items = world.wheres.flatMap(({ name, statements, seen }) =>
      statements
        .filter(({ verdict }) => verdict === 'contradicts')
        .map((one): ResidencyContradiction => ({ ...one, name, seen })),
    );
    return ok({ items, next: null });
  }
  if (path === '/residency/what-if') {
    const falls = query.get('falls') ?? 'dpf';
    const items = affectedBy(world, falls);
    return ok({
      items,
      next: null,
      falls,
      affected: items.length,
      vendors: new Set(items.map(({ vendor }) => vendor)).size,
      uncovered: items.filter(({ fallback }) => fallback === null).length,
    });
  }
  const vendor = /^\/residency\/vendors\/([^/]+)$/.exec(path)?.[1];
  if (vendor === undefined) return null;
  const nothing = { vendor, name: vendor, verdict: null, statements: [], seen: [], classes: [], people: 0 };
  return ok(world.wheres.find((one) => one.vendor === vendor) ?? nothing);
}
