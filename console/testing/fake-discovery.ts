import type { Candidate, EvidenceFile, EvidenceRun, EvidenceTrace } from '../api/discovery-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

/** Made-up evidence of a made-up organisation. */
export interface FakeDiscovery {
  candidates: Candidate[];
  runs: EvidenceRun[];
}

const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
const ok = (body: unknown): Answer => ({ status: 200, body });
const MANY = 1_000;

const candidate = (key: string, given: Partial<Candidate>): Candidate => ({
  key,
  vendor: null,
  name: key.slice(key.indexOf(':') + 1),
  sure: false,
  perhaps: null,
  registered: false,
  grade: 'observed',
  confidence: 0.95,
  kinds: ['host'],
  sources: 1,
  sightings: 2,
  gone: false,
  first: ago(40),
  last: ago(1),
  since: ago(2),
  state: 'open',
  decision: null,
  ...given,
});

const run = (number: number, given: Partial<EvidenceRun>): EvidenceRun => ({
  id: `run_${number}`,
  source: 'Squid, office Berlin',
  number,
  by: 'Ada Example',
  state: 'ended',
  startedAt: ago(10 - number),
  endedAt: ago(10 - number),
  whole: true,
  files: 3,
  refused: 0,
  bytes: 120_000_000,
  sightings: 420,
  fresh: 3,
  gone: 1,
  changed: 2,
  ...given,
});

export function makeFakeDiscovery(empty: boolean): FakeDiscovery {
  if (empty) return { candidates: [], runs: [] };
  const named = [
    candidate('vendor:datadog', {
      vendor: 'datadog',
      name: 'Datadog',
      sure: true,
      kinds: ['host', 'package', 'variable'],
      confidence: 0.983,
    }),
    // Markup in a name is text.
    candidate('app:<img src=x onerror=alert(1)>', {
      kinds: ['oauth_app'],
      name: '<img src=x onerror=alert(1)>',
    }),
    candidate('vendor:intercom', { vendor: 'intercom', name: 'Intercom', kinds: ['payee'], confidence: 0.8 }),
    candidate('domain:collector.example', { name: 'collector.example' }),
    candidate('domain:orbit-cdn.example', {
      perhaps: { name: 'Orbit, Inc.', vendor: 'orbit', said: catalogue },
      confidence: 0.6,
    }),
    candidate('domain:tracker.example', {
      perhaps: { name: 'Tracker Works', vendor: null, said: catalogue },
      confidence: 0.6,
    }),
    candidate('vendor:statsig', {
      vendor: 'statsig',
      name: 'Statsig',
      sure: true,
      grade: 'capable',
      kinds: ['package'],
      confidence: 0.3,
      last: null,
    }),
  ];
  const many = Array.from({ length: MANY }, (_, index) =>
    candidate(`domain:host-${index}.example`, { grade: 'configured', kinds: ['dns'], confidence: 0.7 }),
  );
  return {
    candidates: [...named, ...many],
    runs: [run(3, {}), run(2, { refused: 1 }), run(1, { fresh: 60 })],
  };
}

/** Whose word a suggestion is, with its terms. */
const catalogue = 'DuckDuckGo Tracker Radar 2026.10, imported 2026-11-22, CC BY-NC-SA 4.0: your use';

const sighting = (id: number, key: string, given: Partial<EvidenceTrace>): EvidenceTrace => ({
  id: String(id),
  source: 'Squid, office Berlin',
  file: 'access.log.3.gz',
  lines: [118, 240],
  kind: 'host',
  value: `api.${key.slice(key.indexOf(':') + 1)}`,
  grade: 'observed',
  detail: { port: '443' },
  count: 1_204,
  first: ago(40),
  last: ago(1),
  bytesOut: 91_000,
  bytesIn: 4_100_000,
  addresses: ['192.0.2.7'],
  fields: [],
  vendor: null,
  by: null,
  sure: false,
  perhaps: null,
  service: null,
  region: null,
  run: 3,
  runId: 'run_3',
  gone: false,
  ...given,
});

/** Of each run the same: one read whole, one with places that could not be read, one that was skipped. */
const filesOf = (runId: string): EvidenceFile[] => [
  { ...file('access.log.3.gz'), bytes: 90_000_000, lines: 400_000, sightings: 3 },
  {
    ...file('broken.log'),
    name: `broken-${runId}.log`,
    unread: [{ line: 12, field: 'bytes', why: 'is no number' }],
    unreadCount: 40,
  },
  file('picture.bin'),
];

const file = (name: string): EvidenceFile => ({
  name,
  format: 'squid',
  formatName: 'Squid access log',
  bytes: 20,
  lines: 2,
  sha256: 'ab'.repeat(32),
  sightings: name.endsWith('.bin') ? 0 : 2,
  unread: [],
  unreadCount: name.includes('broken') ? 1 : 0,
  refused: name.endsWith('.bin') ? 'unknown_format' : null,
  refusedWhy: name.endsWith('.bin') ? 'is no evidence that is understood' : null,
  at: ago(0),
});

function paged<Item>(items: readonly Item[], query: URLSearchParams): Answer {
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('limit') ?? 50);
  return ok({ items: items.slice(start, end), next: end < items.length ? String(end) : null });
}

/** What the API answers of discovery; null where the path is none of it. */
export function answerDiscovery(
  fake: FakeDiscovery,
  { method, path, query, body, tell }: Asked,
): Answer | null {
  if (path === '/known-vendors')
    return ok({
      items: [{ id: 'datadog', name: 'Datadog', category: 'observability', domains: [] }],
      next: null,
    });
  if (!path.startsWith('/discovery/')) return null;
  const given = (body ?? {}) as Record<string, unknown>;
  const [, readOf, isFiles] = /^\/discovery\/runs\/([^/]+?)(\/files)?$/.exec(path) ?? [];
  if (method === 'GET' && readOf !== undefined) {
    const one = fake.runs.find((other) => other.id === readOf);
    if (one === undefined) {
      return {
        status: 404,
        body: { status: 404, code: 'not_found', title: 'Not found', detail: 'No such run.' },
      };
    }
    return isFiles === undefined ? ok(one) : paged(filesOf(one.id), query);
  }
  const [, id, of] = /^\/discovery\/runs\/([^/]+)\/(file|end)$/.exec(path) ?? [];
  const current = fake.runs.find((one) => one.id === id);
  if (method === 'PUT' && of === 'file' && current !== undefined) {
    current.files += 1;
    return ok(file(query.get('name') ?? ''));
  }
  if (method === 'POST' && of === 'end' && current !== undefined) {
    Object.assign(current, { state: 'ended', endedAt: ago(0), whole: given.whole, fresh: 2 });
    tell('discovery');
    return ok(current);
  }
  if (method === 'POST' && path === '/discovery/runs') {
    const begun = run(fake.runs.length + 1, {
      ...{ source: String(given.source), state: 'running', endedAt: null, whole: null, files: 0 },
      ...{ startedAt: ago(0), fresh: 0, gone: 0, changed: 0 },
    });
    fake.runs.unshift(begun);
    return { status: 201, body: begun };
  }
  if (method === 'POST' && path === '/discovery/decisions') {
    const items = (given.items ?? []) as { candidate: string; act: string; vendor?: string }[];
    for (const { candidate: key, act, vendor } of items) {
      const one = fake.candidates.find((other) => other.key === key);
      if (one === undefined) continue;
      one.state = act === 'confirm' ? 'confirmed' : act === 'reject' ? 'rejected' : 'open';
      one.decision =
        act === 'confirm' || act === 'reject'
          ? {
              ...{ act, vendor: vendor ?? one.vendor, vendorName: one.name },
              ...{ reason: String(given.reason), by: 'Ada Example', at: ago(0) },
            }
          : null;
    }
    return ok({ items: fake.candidates.filter(({ key }) => items.some((one) => one.candidate === key)) });
  }
  const open = fake.candidates.filter(({ state }) => state === 'open');
  switch (path) {
    case '/discovery/summary':
      return ok({
        open: open.length,
        week: open.length,
        sources: fake.runs.length === 0 ? 0 : 1,
        lastRun: fake.runs[0]?.endedAt ?? null,
      });
    case '/discovery/formats':
      return ok({
        items: [
          { id: 'squid', name: 'Squid access log' },
          { id: 'har', name: 'HAR recording' },
        ],
        next: null,
      });
    case '/discovery/runs':
      return paged(fake.runs, query);
    case '/discovery/traces': {
      const key = query.get('candidate') ?? 'domain:collector.example';
      return ok({
        items: [
          sighting(1, key, {
            fields: ['user.email'],
            ...(key === 'domain:orbit-cdn.example'
              ? {
                  by: 'imported' as const,
                  perhaps: { name: 'Orbit, Inc.', vendor: 'orbit', said: catalogue },
                }
              : {}),
          }),
          sighting(2, key, { gone: true }),
        ],
        next: null,
      });
    }
    case '/discovery/candidates': {
      const state = query.get('state') ?? 'open';
      const part = (query.get('q') ?? '').toLowerCase();
      const kind = query.get('kind');
      return paged(
        fake.candidates.filter(
          (one) =>
            (state === 'all' || one.state === state) &&
            one.name.toLowerCase().includes(part) &&
            (kind === null || one.kinds.some((other) => other === kind)),
        ),
        query,
      );
    }
    default:
      return null;
  }
}
