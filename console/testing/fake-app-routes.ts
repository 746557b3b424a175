import type { AppRoute, RecoveryDrill, RouteMember } from '../api/route-types.ts';
import type { Answer, Asked } from './fake-routes.ts';

/** Routes of made-up apps, and drills in which a made-up vendor is lost. */
export interface FakeAppRoutes {
  routes: AppRoute[];
  drills: RecoveryDrill[];
}

const DRILL = '0199c0de-0000-7000-8000-0000000000d1';
const shop = { id: 'app_1', name: 'web-shop' };
const mixpanel = { id: 'mixpanel', name: 'Mixpanel' };
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const member = (connection: string, name: string, vendor: string): RouteMember => ({
  connection,
  name,
  vendor,
  state: 'open',
  models: null,
  resting: [],
  held: { requests: 0, bytes: 0 },
  ended: {},
});
const counts = { requests: 415, answered: 400, held: 12, dropped: 0, failed: 3, open: 0 };

export function makeFakeAppRoutes(empty: boolean): FakeAppRoutes {
  if (empty) return { routes: [], drills: [] };
  return {
    routes: [
      {
        id: 'route_1',
        app: shop.id,
        slug: 'events',
        members: [
          {
            ...member('mixpanel_eu', 'Mixpanel EU', 'mixpanel'),
            resting: ['gateway-2'],
            held: { requests: 1240, bytes: 3_400_000 },
            ended: { sent: 88_000, expired: 2 },
          },
          { ...member('openai', 'OpenAI API', 'openai'), models: { '*': 'other' } },
        ],
        payTwice: false,
        firstByteMs: 2500,
        breaker: { failures: 5, openMs: 10_000 },
        oneWay: { do: 'hold', bytes: 1_000_000_000, days: 7, inDoubt: 'repeat' },
        revision: 3,
        changedAt: ago(90),
        changedBy: 'Ada Example',
      },
    ],
    drills: [
      {
        ...drillOf({ vendor: 'mixpanel', app: shop.id, share: 100, minutes: 10 }),
        id: DRILL,
        state: 'time',
        beganAt: ago(3000),
        startsAt: ago(3000),
        until: ago(2990),
        endedAt: ago(2990),
        reportHash: 'ab'.repeat(32),
        report: {
          format: 'drawbridge.recovery-report/2',
          drill: DRILL,
          vendor: mixpanel,
          app: shop,
          share: 100,
          from: ago(3000),
          until: ago(2990),
          ended: 'time',
          madeAt: ago(2989),
          verdict: 'breaks',
          counts,
          apps: [{ app: shop, ...counts }],
          egress: { refused: 17, ended: 2, apps: [{ app: shop, refused: 17, ended: 2 }] },
          answeredBy: [{ connection: { id: 'openai', name: 'OpenAI API' }, answered: 400 }],
          firstAnswerAfterMs: 210,
          answerMs: { median: 41.2, p95: 96.5, longest: 1204 },
          before: {
            from: ago(3010),
            until: ago(3000),
            requests: 402,
            answered: 402,
            answerMs: { median: 22.1, p95: 61, longest: 540 },
          },
        },
      },
    ],
  };
}

interface Begun {
  vendor: string;
  app: string | null;
  share: number;
  minutes: number;
  startsAt?: string;
  everyDays?: number;
  reason?: string;
}

function drillOf(given: Begun): RecoveryDrill {
  const now = new Date().toISOString();
  const isNow = given.startsAt === undefined;
  return {
    id: '0199c0de-0000-7000-8000-0000000000d2',
    vendor: { id: given.vendor, name: given.vendor === 'mixpanel' ? 'Mixpanel' : given.vendor },
    app: given.app === null ? null : shop,
    share: given.share,
    minutes: given.minutes,
    state: isNow ? 'running' : 'planned',
    startsAt: given.startsAt ?? now,
    everyDays: given.everyDays ?? null,
    inTrouble: false,
    reason: given.reason ?? 'Quarterly test',
    plannedBy: 'Ada Example',
    beganAt: isNow ? now : null,
    until: isNow ? new Date(Date.now() + given.minutes * 60_000).toISOString() : null,
    endedAt: null,
    endedBy: null,
    endReason: null,
    report: null,
    reportHash: null,
  };
}

const ok = (body: unknown): Answer => ({ status: 200, body });

export function answerAppRoutes(
  made: FakeAppRoutes,
  { method, path, query, body, tell }: Asked,
): Answer | null {
  const [, app, route] = /^\/apps\/([^/]+)\/routes(?:\/([^/]+))?$/.exec(path) ?? [];
  if (app !== undefined) {
    if (method === 'GET') return ok({ items: made.routes.filter((one) => one.app === app), next: null });
    return changeRoute(made, { method, app, route, body: body as Partial<AppRoute>, tell });
  }
  if (path === '/recovery-drills') {
    if (method === 'POST') {
      const drill = drillOf(body as Begun);
      made.drills.unshift(drill);
      tell('severances');
      return { status: 201, body: drill };
    }
    const [vendor, of] = [query.get('vendor'), query.get('app')];
    const items = made.drills
      .filter((one) => vendor === null || one.vendor.id === vendor)
      .filter((one) => of === null || one.app === null || one.app.id === of);
    return ok({ items, next: null });
  }
  const [, id, rest] = /^\/recovery-drills\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  const drill = made.drills.find((one) => one.id === id);
  if (drill === undefined) return null;
  if (rest === '/report') return ok(drill.report);
  if (rest === '/stop') {
    Object.assign(drill, {
      state: drill.state === 'planned' ? 'cancelled' : 'stopped',
      endedAt: new Date().toISOString(),
      endedBy: 'Ada Example',
      endReason: 'It is enough',
    });
    tell('severances');
  }
  return ok(drill);
}

function changeRoute(
  made: FakeAppRoutes,
  {
    method,
    app,
    route,
    body,
    tell,
  }: {
    method: string;
    app: string;
    route: string | undefined;
    body: Partial<AppRoute>;
    tell: (topic: string) => void;
  },
): Answer {
  tell('keys');
  if (method === 'DELETE') {
    made.routes = made.routes.filter(({ id }) => id !== route);
    return { status: 204 };
  }
  const there = made.routes.find(({ id }) => id === route);
  const members = (body.members ?? []).map(({ connection, models }) => ({
    ...member(connection, connection, connection),
    models: models ?? null,
  }));
  const rules = { ...body, members } as AppRoute;
  if (there !== undefined) {
    Object.assign(there, rules, { revision: there.revision + 1 });
    return ok(there);
  }
  const fresh = {
    ...rules,
    id: `route_${made.routes.length + 1}`,
    app,
    revision: 1,
    changedAt: new Date().toISOString(),
    changedBy: 'Ada Example',
  };
  made.routes.push(fresh);
  return { status: 201, body: fresh };
}
