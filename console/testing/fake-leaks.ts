import type { Leak, LeakPlace, OneLeak, ScanRun } from '../api/leak-types.ts';
import type { Answer, Asked } from './fake-routes.ts';
import type { World } from './fake-world.ts';

/** Made-up answers about leaked keys and scans. */

const DAY_MS = 86_400_000;
const ok = (body: unknown): Answer => ({ status: 200, body });
const ago = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString();

export interface LeakWorld {
  leaks: Leak[];
  places: Map<string, LeakPlace[]>;
  runs: ScanRun[];
  policy: 'revoke' | 'tell';
}

const SHOP = 'git.example.com/acme/shop';
const since = { commit: '3f1c0a9b77de4c21a0b5d6e7f8091a2b3c4d5e6f', at: '2025-03-03T09:12:44.000Z' };

export function makeLeakWorld(
  empty: boolean,
  keys: World['keys'],
  connection: string | undefined,
): LeakWorld {
  if (empty) return { leaks: [], places: new Map(), runs: [], policy: 'revoke' };
  const [used] = keys.filter(({ revokedAt, replacedBy }) => revokedAt === null && replacedBy === null);
  const leak = (id: string, given: Partial<Leak>): Leak => ({
    id,
    kind: 'unknown',
    severity: 'high',
    of: null,
    owner: null,
    class: 'secret.api_key',
    detector: 'github.personal_token',
    confidence: 'certain',
    places: 1,
    gonePlaces: 0,
    prompts: 0,
    place: `deploy/old.env:4 in ${SHOP}`,
    since,
    firstAt: ago(2),
    lastAt: ago(1),
    state: 'open',
    decided: null,
    ...given,
  });
  const leaks = [
    leak('leak_key', {
      kind: 'virtual_key',
      severity: 'critical',
      detector: 'drawbridge.virtual_key',
      of: {
        id: used?.id ?? 'key_1',
        name: used?.app.name ?? 'web-shop',
        app: used?.app.id ?? 'app_1',
        connection: null,
      },
      owner: 'Ada Example',
      places: 2,
      gonePlaces: 1,
      place: `config/<img src=x onerror=alert(1)>.env:12 in ${SHOP}`,
    }),
    leak('leak_credential', {
      kind: 'credential',
      severity: 'critical',
      detector: 'known',
      of: { id: 'cred_1', name: 'OpenAI', app: null, connection: connection ?? 'openai' },
      owner: 'Platform team',
      prompts: 1,
      place: `(commit message):3 in ${SHOP}`,
    }),
    leak('leak_registered', {
      kind: 'registered_secret',
      severity: 'critical',
      of: { id: 'secret-deploy', name: 'Deploy key', app: null, connection: null },
      owner: 'Platform team',
    }),
    leak('leak_unknown', {}),
    leak('leak_done', {
      severity: 'medium',
      confidence: 'likely',
      detector: 'contextual',
      class: 'secret.password',
      state: 'false_alarm',
      since: null,
      places: 0,
      gonePlaces: 1,
      decided: { at: ago(1), by: 'Ada Example', reason: 'Of the documentation', until: null },
    }),
  ];
  const place = (given: Partial<LeakPlace>): LeakPlace => ({
    source: SHOP,
    path: 'config/<img src=x onerror=alert(1)>.env',
    history: false,
    line: 12,
    column: 9,
    commit: null,
    since,
    firstRun: 6,
    lastRun: 7,
    seenAt: ago(1),
    goneRun: null,
    ...given,
  });
  const run = (number: number, given: Partial<ScanRun> = {}): ScanRun => ({
    id: `run_${number}`,
    source: SHOP,
    number,
    commit: since.commit,
    by: 'Ada Example',
    state: 'ended',
    startedAt: ago(8 - number),
    heardAt: ago(8 - number),
    endedAt: ago(8 - number),
    whole: true,
    files: 1_204,
    blobs: 18_311,
    bytes: 61_400_000,
    findings: 4,
    fresh: 0,
    gone: 0,
    revoked: 0,
    ...given,
  });
  return {
    leaks,
    places: new Map([
      [
        'leak_key',
        [
          place({}),
          place({ path: 'deploy/old.env', history: true, line: 4, commit: '3f1c0a9b77de' }),
          place({ path: 'notes.md', line: 90, since: null, goneRun: 7 }),
        ],
      ],
      [
        'leak_credential',
        [place({ path: '(commit message)', history: true, line: 3, commit: '3f1c0a9b77de' })],
      ],
      ['leak_unknown', [place({ path: 'deploy/old.env', history: true, line: 4, commit: '3f1c0a9b77de' })]],
    ]),
    runs: [
      run(8, {
        state: 'running',
        endedAt: null,
        whole: null,
        findings: 0,
        files: 310,
        blobs: 0,
        bytes: 9_100_000,
      }),
      run(7, { gone: 1 }),
      run(6, { fresh: 4, revoked: 1 }),
      run(5, { state: 'silent', endedAt: null, whole: null, findings: 0 }),
    ],
    policy: 'revoke',
  };
}

const seenIn = ({ prompts, lastAt, firstAt }: Leak): OneLeak['seenIn'] =>
  prompts === 0
    ? []
    : [
        {
          app: { id: 'app_1', name: 'web-shop' },
          connection: { id: 'openai', name: 'OpenAI' },
          crossings: 3,
          crossing: '0192f0c1-2345-7abc-8def-0123456789ab',
          firstAt,
          lastAt,
        },
      ];

/** What is read; null where the path is none of leaks. */
export function readLeaks(
  { leakWorld: { leaks, places, runs, policy } }: World,
  { path, query }: Asked,
): Answer | null {
  const state = query.get('state') ?? 'open';
  const open = leaks.filter((leak) => leak.state === 'open');
  const wanted = (
    state === 'all' ? leaks : leaks.filter((leak) => (leak.state === 'open') === (state === 'open'))
  ).filter((leak) => (query.get('kind') ?? leak.kind) === leak.kind);
  const [, id, of] = /^\/leaks\/([^/]+)(\/places)?$/.exec(path) ?? [];
  if (id !== undefined) {
    const leak = leaks.find((one) => one.id === id);
    if (leak === undefined)
      return { status: 404, body: { title: 'Not found', code: 'not_found', detail: '' } };
    return ok(
      of === undefined ? { ...leak, seenIn: seenIn(leak) } : { items: places.get(id) ?? [], next: null },
    );
  }
  switch (path) {
    case '/leaks':
      return ok({ items: wanted, next: null });
    case '/leak-counts':
      return ok({
        open: open.length,
        critical: open.filter(({ severity }) => severity === 'critical').length,
        sources: [...new Set(runs.map(({ source }) => source))],
      });
    case '/leak-policy':
      return ok({ virtualKeys: policy });
    case '/scan-runs':
      return ok({ items: runs, next: null });
    default:
      return null;
  }
}

/** What is written; null where the path is none of these. */
export function writeLeaks(
  { leakWorld }: World,
  { method, path, tell }: Asked,
  body: Record<string, unknown>,
): Answer | null {
  if (method === 'PUT' && path === '/leak-policy') {
    leakWorld.policy = body.virtualKeys === 'tell' ? 'tell' : 'revoke';
    return ok({ virtualKeys: leakWorld.policy });
  }
  const id = /^\/leaks\/([^/]+)\/decision$/.exec(path)?.[1];
  const leak = leakWorld.leaks.find((one) => one.id === id);
  if (leak === undefined) return null;
  leak.state = body.state as Leak['state'];
  leak.decided = { at: ago(0), by: 'Ada Example', reason: String(body.reason), until: null };
  tell('leaks');
  return ok(leak);
}
