import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenaiStandin, startOpenaiStandin } from '@drawbridge/standins';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseStrace, syncs, tracedCalls, writesTo } from '../../gateway/journal/testing/strace.ts';
import { type TestDeployment, testDeployment } from '../testing/deployment.ts';
import { issueKey, makeConnection } from './testing/connect.ts';
import { openEmbedded, postmasterPid } from './testing/database.ts';
import { eventually } from './testing/eventually.ts';
import { bearer, send } from './testing/http.ts';
import { crossingsOf, exposuresOf, repeated } from './testing/ledger.ts';
import { markedBody, numberByLength, numberOf, startLoad } from './testing/load.ts';

/** What crossed is recorded first, whenever the gateway or the database is killed. All data is made up. */
const SOAK = process.env.DRAWBRIDGE_SOAK === '1';
const KILLS = SOAK ? 100 : 3;
const DATABASE_KILLS = SOAK ? 20 : 1;
const CLIENTS = 12;
const hasStrace = spawnSync('strace', ['--version']).status === 0;

let drawbridge: TestDeployment;
let vendor: OpenaiStandin;
let made = 0;
beforeAll(async () => {
  drawbridge = await testDeployment({ logLevel: 'error' });
});
afterAll(() => drawbridge?.remove());
beforeEach(async () => {
  vendor = await startOpenaiStandin({ validKeys: ['sk-made-up-credential'] });
});
afterEach(() => vendor.stop());

/** A connection of its own to a stand-in of its own, whose key is in force. Nothing has crossed yet. */
async function connected(): Promise<{ connection: string; key: string; url: string }> {
  const slug = `proof-${made++}`;
  const connection = await makeConnection(drawbridge.call, {
    slug,
    service: 'openai/api/global',
    url: vendor.url,
    credential: 'sk-made-up-credential',
    contract: 'as_is',
  });
  const { key } = await issueKey(drawbridge.call, [connection]);
  const url = `${drawbridge.gatewayUrl}/${slug}/v1/chat/completions`;
  // A body that can't be read is refused once the key is known, and goes nowhere.
  const refused = await eventually(
    () => send(url, { headers: bearer(key), body: '{' }),
    (answer) => answer.status === 400,
  );
  expect(refused.headers['x-drawbridge-refusal']).toBe('body_unreadable');
  return { connection, key, url };
}

/** Kills the worker as it is, and waits until another one runs in its place. */
async function killWorker(): Promise<void> {
  const before = drawbridge.gatewayPid();
  if (before === undefined) throw new Error('the gateway has no process');
  process.kill(before, 'SIGKILL');
  await eventually(drawbridge.gatewayPid, (pid) => pid !== undefined && pid !== before);
}

/**
 * Everything that the vendor got is in the journal of the control plane, once, and everything there is counted once.
 * Returns how many crossings there are.
 */
async function expectEachRecordedOnce(
  connection: string,
  answered: ReadonlyMap<number, string>,
): Promise<number> {
  const arrived = vendor.requests.map(numberOf);
  const inJournal = async (): Promise<{ id: string; received: number }[]> => {
    const database = await openEmbedded(drawbridge.dataDir);
    try {
      const { rows } = await database.pool.query<{ leaf: string }>(
        `SELECT convert_from(bytes, 'UTF8') AS leaf FROM journal_entry WHERE kind = 'crossing'`,
      );
      return rows
        .map(({ leaf }) => JSON.parse(leaf))
        .filter((leaf) => leaf.connection === connection && leaf.decision === 'forwarded')
        .map((leaf) => ({ id: leaf.id, received: numberByLength(leaf.bytes.received) }));
    } finally {
      await database.close();
    }
  };
  const lost = (leaves: { received: number }[]): number[] => {
    const recorded = new Set(leaves.map((leaf) => leaf.received));
    return arrived.filter((number) => !recorded.has(number));
  };
  const leaves = await eventually(inJournal, (found) => lost(found).length === 0);
  const lostAnswers = [...answered].filter(([, id]) => !leaves.some((leaf) => leaf.id === id));
  expect({ lost: lost(leaves), lostAnswers }).toEqual({ lost: [], lostAnswers: [] });
  expect(repeated(arrived)).toEqual([]);
  expect(repeated(leaves.map((leaf) => leaf.received))).toEqual([]);

  const forwarded = async () =>
    (await crossingsOf(drawbridge.call, connection)).filter((one) => one.decision === 'forwarded');
  const crossings = await eventually(forwarded, (found) => found.length >= leaves.length);
  expect(crossings.map((one) => one.id).sort()).toEqual(leaves.map((leaf) => leaf.id).sort());
  // Each request was of a user of its own: whoever is counted twice was projected twice.
  const exposures = await eventually(
    () => exposuresOf(drawbridge.call, 'openai', connection, 'person.id'),
    (found) => found.length >= leaves.length,
  );
  expect(exposures.filter((one) => one.crossings !== 1)).toEqual([]);
  expect(new Set(exposures.map((one) => one.subject)).size).toBe(leaves.length);
  expect(exposures).toHaveLength(leaves.length);
  return leaves.length;
}

describe('kill -9 under load', () => {
  it(`of the gateway, ${KILLS} times: what reached the vendor is recorded, and counted once`, {
    timeout: 120_000 + KILLS * 10_000,
  }, async () => {
    const { connection, key, url } = await connected();
    const load = startLoad(url, key, CLIENTS);
    try {
      for (let kill = 0; kill < KILLS; kill++) {
        const enough = vendor.requests.length + 30 + ((kill * 37) % 60);
        const arrivals = await eventually(
          () => vendor.requests.length,
          (count) => count >= enough,
        );
        expect(arrivals).toBeGreaterThanOrEqual(enough);
        await killWorker();
      }
      const again = vendor.requests.length + 20;
      await eventually(
        () => vendor.requests.length,
        (count) => count >= again,
      );
    } finally {
      await load.stop();
    }
    const crossings = await expectEachRecordedOnce(connection, load.answered);
    expect(load.sent()).toBeGreaterThanOrEqual(crossings);
    // Recorded but never sent is at most what was under way at a kill.
    expect(crossings - vendor.requests.length).toBeLessThanOrEqual(KILLS * CLIENTS);
  });

  it(`of the database, ${DATABASE_KILLS} times: the gateway goes on, and all is counted once`, {
    timeout: 120_000 + DATABASE_KILLS * 20_000,
  }, async () => {
    const { connection, key, url } = await connected();
    const load = startLoad(url, key, 4);
    try {
      for (let kill = 0; kill < DATABASE_KILLS; kill++) {
        const enough = vendor.requests.length + 40;
        await eventually(
          () => vendor.requests.length,
          (count) => count >= enough,
        );
        const before = await postmasterPid(drawbridge.dataDir);
        process.kill(before, 'SIGKILL');
        const afterKill = vendor.requests.length + 40;
        const arrivals = await eventually(
          () => vendor.requests.length,
          (count) => count >= afterKill,
        );
        expect(arrivals).toBeGreaterThanOrEqual(afterKill);
        await eventually(
          () => postmasterPid(drawbridge.dataDir).catch(() => before),
          (pid) => pid !== before,
        );
        // The API answers again: the next kill falls into work, not into recovery.
        await eventually(
          () =>
            drawbridge.api('GET', '/overview').then(
              (answer) => answer.status,
              () => 0,
            ),
          (status) => status === 200,
        );
      }
    } finally {
      await load.stop();
    }
    await expectEachRecordedOnce(connection, load.answered);
  });
});

describe('the order of system calls', () => {
  let folder = '';
  let tracer: ChildProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drawbridge-trace-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  afterEach(() => {
    if (tracer?.exitCode === null) tracer.kill('SIGKILL');
  });

  /** Attaches to the worker and all its threads. Returns how to detach: what it saw till then. */
  async function trace(): Promise<() => Promise<string>> {
    const file = join(folder, 'trace');
    const pid = String(drawbridge.gatewayPid());
    const flags = ['-f', '-y', '-s', '4096', '-e', `trace=${tracedCalls}`, '-o', file, '-p', pid];
    const child = spawn('strace', flags, { stdio: ['ignore', 'ignore', 'pipe'] });
    tracer = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8');
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await eventually(
      () => said,
      (text) => text.includes('attached') || child.exitCode !== null,
    );
    expect(said, 'strace could not attach').toContain('attached');
    return async () => {
      child.kill('SIGINT');
      await ended;
      return readFile(file, 'utf8');
    };
  }

  it('shows fdatasync of the journal returning before the first byte goes to the vendor', {
    skip: !hasStrace && process.env.CI !== 'true',
  }, async () => {
    const { key, url } = await connected();
    const detach = await trace();
    const answer = await send(url, { headers: bearer(key), body: markedBody(7) });
    const calls = parseStrace(await detach());
    expect(answer.status).toBe(200);
    expect(vendor.requests.map(numberOf)).toEqual([7]);

    const [first] = writesTo(calls, vendor.port);
    expect(first?.args).toContain('/v1/chat/completions');
    const crossing = String(answer.headers['x-drawbridge-crossing']);
    const leaf = calls.find(
      ({ name, args }) => name === 'pwrite64' && args.includes(crossing) && args.includes('forwarded'),
    );
    const journal = /^\d+<([^>]+)>/.exec(leaf?.args ?? '')?.[1];
    expect(journal).toContain(join(drawbridge.dataDir, 'gateway-1', 'journal'));
    const kept = syncs(calls).find(
      ({ args, began }) => args.includes(`<${journal}>`) && began > (leaf?.ended ?? Number.POSITIVE_INFINITY),
    );
    expect(kept?.ended, 'the leaf was written and not made durable').toBeDefined();
    expect(kept?.ended, 'the vendor was written to before the leaf was durable').toBeLessThan(
      first?.began ?? 0,
    );
  });
});
