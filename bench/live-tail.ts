import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { chromium } from 'playwright-core';
import { request } from 'undici';
import { z } from 'zod';
import { buildConsole } from '../console/build.ts';
import { SHIPMENT_TYPE } from '../control/crossings/ingest.ts';
import { MadeUpLog } from '../control/crossings/testing.ts';
import { SESSION_COOKIE } from '../control/identity/index.ts';
import { consoleFiles } from '../server/console-files.ts';
import { startDeployment } from '../server/deployment.ts';
import { enrolledSession } from '../server/testing/enrolled.ts';
import { traffic } from './ledger/traffic.ts';

/**
 * The live page of crossings beside a made-up gateway that ships many a second to a real control plane, in a real
 * browser: `node bench/live-tail.ts [--rate 1000] [--seconds 60] [--json]`. Says whether rows keep coming, the longest
 * task of the page's main thread, and its heap after garbage collection at a third of the time and at the end.
 */
const { values: options } = parseArgs({
  options: {
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
});
const rate = Number(options.rate);
const seconds = Number(options.seconds);
/** Shipments a second: a gateway ships what it has every so often. */
const SHIPMENTS = 5;

const folder = await mkdtemp(join(tmpdir(), 'drawbridge-live-'));
const [dataDir, keysDir] = [join(folder, 'data'), join(folder, 'keys')];
// PostgreSQL runs as a user of its own where we are root: it must be able to pass through.
await chmod(folder, 0o711);
await mkdir(dataDir, { mode: 0o711 });
const deployment = await startDeployment({
  config: {
    port: 0,
    network: { host: '127.0.0.1', beyond: null, localPort: 0 },
    gatewayHost: '127.0.0.1',
    gatewayPort: 0,
    dataDir,
    keysDir,
    keySource: { kind: 'file' },
    databaseUrl: null,
    packsDir: null,
    exportCa: null,
    witnessCa: null,
    issuerCa: null,
    mailCa: null,
    gatewayScheme: 'http',
    gatewayEnv: { DRAWBRIDGE_EGRESS_PORT: '0' },
    logLevel: 'error',
  },
  log: pino({ level: 'silent' }),
  console: await consoleFiles(await buildConsole()),
});

const keyFile = (await readdir(keysDir)).find((name) => name.endsWith('.gateway-1.json')) ?? '';
const { token } = z
  .object({ token: z.string() })
  .parse(JSON.parse(await readFile(join(keysDir, keyFile), 'utf8')));
const authorization = `Bearer ${token}`;
const snapshot = await request(`${deployment.apiUrl}/fleet/v1/snapshot?after=0`, {
  headers: { authorization },
});
const { payload_key: payloadKey } = z.object({ payload_key: z.string() }).parse(await snapshot.body.json());
const log = new MadeUpLog('made-up/live-tail', Buffer.from(payloadKey, 'base64url'));

/** Ships `rate` crossings a second until told to stop; how many went. */
async function ship(stop: AbortSignal): Promise<number> {
  let next = 0;
  let shipped = 0;
  const began = performance.now();
  for (let tick = 1; !stop.aborted; tick++) {
    const crossings = Math.round((tick * rate) / SHIPMENTS) - shipped;
    const to = Date.now();
    const parts = [...traffic({ people: 20_000, from: to - 1000 / SHIPMENTS, to, crossings, seed: tick })];
    const answer = await request(`${deployment.apiUrl}/fleet/v1/journal`, {
      method: 'POST',
      headers: { authorization, 'content-type': SHIPMENT_TYPE, 'x-drawbridge-origin': log.origin },
      body: await log.ship(next, parts),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`the journal was answered ${answer.statusCode}: ${text}`);
    next += parts.length;
    shipped += crossings;
    const ahead = began + (tick * 1000) / SHIPMENTS - performance.now();
    if (ahead > 0) await wait(ahead);
  }
  return shipped / ((performance.now() - began) / 1000);
}

const stopping = new AbortController();
const shipping = ship(stopping.signal);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const enrolled = await enrolledSession({
  apiUrl: deployment.apiUrl,
  call: async <T>(method: string, path: string, body?: unknown) =>
    (await deployment.api(method, path, body)).body as T,
});
const cookie = { name: SESSION_COOKIE, value: enrolled.secret, url: deployment.apiUrl, secure: true };
await page.context().addCookies([cookie]);
await page.goto(`${deployment.apiUrl}/crossings?live=1`);
await page.getByText(/^Live: /).waitFor();
await page.evaluate(`
  globalThis.long = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) long.push(entry.duration);
  }).observe({ type: 'longtask' });
`);

const devtools = await page.context().newCDPSession(page);
await devtools.send('HeapProfiler.enable');
async function heapMb(): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

/** Looks twice a second whether the row on top is another one. */
let looks = 0;
let moved = 0;
let last: string | null = null;
const heaps: number[] = [];
const began = performance.now();
while (performance.now() - began < seconds * 1000) {
  await wait(500);
  const top = await page.getByRole('row').nth(1).getByRole('link').getAttribute('href');
  looks += 1;
  if (top !== last) moved += 1;
  last = top;
  if (heaps.length === 0 && performance.now() - began > (seconds * 1000) / 3) heaps.push(await heapMb());
}
heaps.push(await heapMb());
const long = z.array(z.number()).parse(await page.evaluate('long'));
const says = await page.getByText(/^Live: /).textContent();
stopping.abort();
const result = {
  shippedPerSecond: Math.round(await shipping),
  says,
  movedAt: `${moved} of ${looks} looks`,
  longTasks: long.length,
  longestTaskMs: Math.max(0, ...long),
  heapMb: heaps.map((heap) => Number(heap.toFixed(1))),
};
await browser.close();
await deployment.stop();
await rm(folder, { recursive: true, force: true });
process.stdout.write(
  options.json
    ? `${JSON.stringify(result)}\n`
    : `${result.shippedPerSecond} crossings/s shipped; the page says "${says}"; another row on top at ${result.movedAt}; ${result.longTasks} tasks over 50 ms, the longest ${result.longestTaskMs} ms; heap ${result.heapMb.join(' MB, then ')} MB\n`,
);
