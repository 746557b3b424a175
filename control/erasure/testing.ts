import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Leaf, PayloadItem } from '@drawbridge/protocol';
import { Hono } from 'hono';
import { crossingProjection, projectOnce, rebuildProjection } from '../crossings/index.ts';
import { type MadeUpLog, madeUpCrossing, madeUpIngest, madeUpItem, part } from '../crossings/testing.ts';
import { exposureProjection } from '../exposure/index.ts';
import { projectedRows } from '../exposure/testing-rows.ts';
import { type HttpEnv, handleErrors, type Platform } from '../platform/index.ts';
import { type TestPlatform, testCaller, testPlatform } from '../platform/testing.ts';
import { reviewProjection } from '../review/index.ts';
import { createSecrets, ledgerPseudonyms, openPayloadKey, startVault } from '../vault/index.ts';
import { createErasure } from './index.ts';
import type { Erasure, Hold, Preview } from './schemas.ts';

/** A control plane's erasures on a real database and a real vault, with journals to erase from. All data is made up. */
export const projections = [crossingProjection, exposureProjection, reviewProjection];

/** What the routes answer, as far as tests look into it: a preview, an erasure, a hold, a page or a problem. */
type Answered = Preview &
  Erasure &
  Omit<Hold, keyof Erasure> & {
    report: NonNullable<Erasure['report']>;
    items: Erasure[];
    code: string;
    erasure: string;
    errors: { field: string }[];
  };

export async function erasureHouse() {
  const platform = await testPlatform();
  const keysDir = await mkdtemp(join(tmpdir(), 'drawbridge-erasures-'));
  const { db, clock, log, deployment } = platform;
  const vault = await startVault({ db, clock, log, keysDir, deploymentId: deployment.id });
  const secrets = createSecrets(platform, vault);
  const payloadKey = await openPayloadKey(platform, vault);
  const pseudonymOf = ledgerPseudonyms(vault, secrets);
  const file = join(keysDir, `${deployment.id}.erasures`);
  const names = { connections: async () => new Map(), apps: async () => new Map() };
  const gateways = async () => [{ name: 'gateway-1', lastSeenAt: new Date(clock.now()).toISOString() }];
  /** As after a start: it knows what file and database know. */
  const starting = (on: Platform = platform) =>
    createErasure({ platform: on, pseudonymOf, payloadKey, projections, names, gateways, file });
  let erasure = starting();
  const ingest = await madeUpIngest(platform, { asOf: (client) => erasure.erased.asOf(client) });
  const next = new Map<string, number>();
  const house = {
    platform,
    file,
    keysDir,
    starting,
    ingest,
    async restart(): Promise<{ done: number }> {
      erasure = starting();
      return erasure.replay();
    },
    async pseudonym(identifier: string): Promise<string> {
      const { wrapped, context } = await secrets.get('ledger');
      const hash = await vault.keyedHash(wrapped, context, `id\n${identifier}`);
      return hash.toString('base64url').slice(0, 22);
    },
    log: (origin: string): MadeUpLog => ingest.log(origin),
    /** Ships one crossing. Times are milliseconds before now. */
    async cross(log: MadeUpLog, items: readonly PayloadItem[], ago = 60_000, leaf: Partial<Leaf> = {}) {
      const made = madeUpCrossing(clock.now() - ago, items, leaf);
      next.set(log.origin, await ingest.ship(log, next.get(log.origin) ?? 0, [part(made.leaf, made.items)]));
      return made;
    },
    async project(): Promise<void> {
      for (let applied = 1; applied > 0; ) applied = await projectOnce(platform, projections, 100);
    },
    async call(method: string, path: string, body?: unknown, on = erasure) {
      const app = new Hono<HttpEnv>();
      app.onError(handleErrors(platform.log));
      app.use(async (c, go) => {
        c.set('actor', testCaller({ id: 'person:ada', name: 'Ada Example' }));
        await go();
      });
      app.route('/', on.routes);
      const answer = await app.request(path, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Answered };
    },
    /** Every projection's rows as texts, and how many rows each table has: also those that no text shows. */
    async rows(): Promise<Record<string, unknown>> {
      const counts: Record<string, number> = {};
      for (const table of projections.flatMap((projection) => projection.tables)) {
        if (table === 'crossing_kind') continue;
        const found = await platform.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
        counts[table] = found.rows[0]?.n ?? 0;
      }
      return { ...(await projectedRows(platform)), counts };
    },
    async rebuilt(): Promise<Record<string, unknown>> {
      for (const projection of projections) await rebuildProjection(platform, projection);
      return house.rows();
    },
    async remove(): Promise<void> {
      await vault.stop();
      await platform.close();
      await rm(keysDir, { recursive: true });
    },
  };
  return house;
}
export type ErasureHouse = Awaited<ReturnType<typeof erasureHouse>>;

/** An item about a person or group with fields of the given classes that were passed on. */
export function itemOf(
  subject: string | null,
  kind: PayloadItem['k'],
  links: readonly string[] = [],
  extra: Partial<PayloadItem> = {},
): PayloadItem {
  return madeUpItem({
    s: subject,
    k: kind,
    l: [...links],
    f: [['p.email', 'person.email', 'pass', 'email', 1]],
    ...extra,
  });
}

/** All rows of all tables as text, but for the advisory bookkeeping of PostgreSQL itself. */
export async function everyRow({ pool }: Pick<TestPlatform, 'pool'>): Promise<string> {
  const tables = await pool.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  let all = '';
  for (const { name } of tables.rows) {
    const rows = await pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    all += rows.rows.map(({ row }) => `${name} ${row}\n`).join('');
    if (name === 'payload_item') {
      const texts = await pool.query<{ text: string | null }>(
        "SELECT convert_from(coalesce(bytes, remainder), 'UTF8') AS text FROM payload_item",
      );
      all += texts.rows.map(({ text }) => `${text}\n`).join('');
    }
  }
  return all;
}
