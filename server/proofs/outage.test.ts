import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type MixpanelStandin,
  type OpenaiStandin,
  startMixpanelStandin,
  startOpenaiStandin,
} from '@drawbridge/standins';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type TestDeployment, testDeployment } from '../testing/deployment.ts';
import { issueKey, makeConnection } from './testing/connect.ts';
import { eventually } from './testing/eventually.ts';
import { freePort, type LoneGateway, startLoneGateway } from './testing/gateway-process.ts';
import { type Answer, bearer, send } from './testing/http.ts';
import { crossingsOf, exposuresOf } from './testing/ledger.ts';
import { markedBody } from './testing/load.ts';

/** A gateway whose control plane, database or disk is away, and comes back. All data is made up. */
let drawbridge: TestDeployment;
let openai: OpenaiStandin;
let mixpanel: MixpanelStandin;
let keys: string;
let folder: string;
let made = 0;
const gateways: LoneGateway[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-outage-'));
  [drawbridge, openai, mixpanel] = await Promise.all([
    testDeployment({ port: await freePort(), logLevel: 'error' }),
    startOpenaiStandin({ validKeys: ['sk-made-up-credential'] }),
    startMixpanelStandin({ validTokens: ['made-up-project-token'] }),
  ]);
  const file = (await readdir(drawbridge.keysDir)).find((name) => name.endsWith('.gateway-1.json'));
  keys = join(drawbridge.keysDir, file ?? 'no key file');
});
afterEach(() => Promise.all(gateways.splice(0).map((gateway) => gateway.stop())));
afterAll(async () => {
  await Promise.all([drawbridge?.remove(), openai?.stop(), mixpanel?.stop()]);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Connected {
  gateway: LoneGateway;
  connection: string;
  slug: string;
  key: { id: string; key: string };
  /** Sends the marked chat request with this number. */
  ask(number: number): Promise<Answer>;
}

/** A gateway of its own on `directory`, with a connection to OpenAI's stand-in whose key is in force. */
async function connected(directory: string): Promise<Connected> {
  const slug = `outage-${made++}`;
  const connection = await makeConnection(drawbridge.call, {
    slug,
    service: 'openai/api/global',
    url: openai.url,
    credential: 'sk-made-up-credential',
    contract: 'as_is',
  });
  const key = await issueKey(drawbridge.call, [connection]);
  const gateway = await startLoneGateway({ controlUrl: drawbridge.apiUrl, keys, directory });
  gateways.push(gateway);
  const url = `${gateway.url}/${slug}/v1/chat/completions`;
  await eventually(
    () => send(url, { headers: bearer(key.key), body: '{' }),
    (answer) => answer.headers['x-drawbridge-refusal'] === 'body_unreadable',
  );
  const ask = (number: number) => send(url, { headers: bearer(key.key), body: markedBody(number) });
  return { gateway, connection, slug, key, ask };
}

const idOf = (answer: Answer): string => String(answer.headers['x-drawbridge-crossing']);
const refusalOf = (answer: Answer): string => String(answer.headers['x-drawbridge-refusal']);

/** Waits until the control plane shows these crossings of the connection, and that it shows no others. */
async function expectForwarded(connection: string, ids: readonly string[]): Promise<void> {
  const forwarded = async () =>
    (await crossingsOf(drawbridge.call, connection))
      .filter((one) => one.decision === 'forwarded')
      .map((one) => one.id);
  const shown = await eventually(forwarded, (found) => found.length >= ids.length);
  expect(shown.sort()).toEqual([...ids].sort());
}

describe('control plane and database are down', () => {
  it('the gateway serves on from its snapshot, also after its own kill -9, and catches up afterwards', {
    timeout: 240_000,
  }, async () => {
    const { gateway, connection, key, slug, ask } = await connected(join(folder, 'outage'));
    const answers = [await ask(0)];
    await drawbridge.stop();
    await expect(send(`${drawbridge.apiUrl}/healthz`, { method: 'GET' })).rejects.toThrow(/ECONNREFUSED/);

    for (let number = 1; number < 15; number++) answers.push(await ask(number));
    await gateway.killAndStart();
    for (let number = 15; number < 30; number++) answers.push(await ask(number));
    expect(answers.map((answer) => answer.status)).toEqual(Array(30).fill(200));
    // It still knows who may not.
    const stranger = await send(`${gateway.url}/${slug}/v1/chat/completions`, {
      headers: bearer(`dbk_${'a'.repeat(16)}_${'b'.repeat(59)}`),
      body: markedBody(99),
    });
    expect([stranger.status, refusalOf(stranger)]).toEqual([401, 'key_unknown']);
    expect(openai.requests).toHaveLength(30);

    await drawbridge.restart();
    await expectForwarded(connection, answers.map(idOf));
    const exposures = await eventually(
      () => exposuresOf(drawbridge.call, 'openai', connection, 'person.id'),
      (found) => found.length >= 30,
    );
    expect(exposures.map((one) => one.crossings)).toEqual(Array(30).fill(1));

    // And it hears of changes again.
    await drawbridge.call('DELETE', `/keys/${key.id}`, { reason: 'a proof' });
    const after = await eventually(
      () => ask(30),
      (answer) => answer.status !== 200,
    );
    expect([after.status, refusalOf(after)]).toEqual([401, 'key_unknown']);
  });
});

/** Whether this process may mount a small file system of its own: root with the capability for it. */
function mayMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'drawbridge-mount-'));
  try {
    mount(probe);
    execFileSync('umount', [probe], { stdio: 'ignore' });
    return true;
  } catch {
    // No root, no such program, or not allowed in this container: then this proof can't be had here.
    return false;
  } finally {
    rmdirSync(probe);
  }
}

function mount(path: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'tmpfs', path], { stdio: 'ignore' });
}

/** Writes until the disk takes no more. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const size of [64 * 1024, 4096, 512]) {
      for (;;) {
        const { bytesWritten } = await file.write(Buffer.alloc(size));
        if (bytesWritten < size) break;
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await file.close();
  }
}

describe.skipIf(!mayMount())('the disk of the journal is full', () => {
  let disk = '';
  beforeAll(async () => {
    disk = join(folder, 'disk');
    await mkdir(disk);
    mount(disk);
  });
  // Lazily, as a gateway that did not end would keep the folder from being removed.
  afterAll(() => execFileSync('umount', ['-l', disk]));

  it('crossings are refused in the vendor’s shape, nothing goes out unrecorded, and it recovers by itself', {
    timeout: 240_000,
  }, async () => {
    const { gateway, connection, slug, key, ask } = await connected(join(disk, 'gateway'));
    const events = await makeConnection(drawbridge.call, {
      slug: `${slug}-events`,
      service: 'mixpanel/analytics/eu',
      url: mixpanel.url,
      credential: 'made-up-project-token',
      contract: 'recommended',
    });
    const eventKey = await issueKey(drawbridge.call, [events]);
    const track = () =>
      send(`${gateway.url}/${slug}-events/track?verbose=1`, {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([
          { event: 'made up', properties: { token: eventKey.key, distinct_id: 'someone-made-up' } },
        ]),
      });
    const tracked = [await eventually(track, (answer) => answer.status === 200)];
    const asked = [await ask(0)];
    const pid = gateway.pid();
    const before = openai.requests.length;

    await fill(join(disk, 'filler'));
    // The page that the journal's last record ends in may take a few more.
    const refused = await eventually(
      async () => {
        const answer = await ask(asked.length);
        asked.push(answer);
        return answer;
      },
      (answer) => answer.status === 503,
    );
    expect([refused.status, refusalOf(refused)]).toEqual([503, 'journal_unavailable']);
    const sdk = new OpenAI({ apiKey: key.key, baseURL: `${gateway.url}/${slug}/v1`, maxRetries: 0 });
    const shown = await sdk.chat.completions
      .create({ model: 'gpt-5', messages: [{ role: 'user', content: 'x'.repeat(5000) }] })
      .catch((error: unknown) => error);
    expect(shown).toBeInstanceOf(OpenAI.InternalServerError);
    expect(shown).toMatchObject({ status: 503, code: 'journal_unavailable' });
    for (let n = 0; n < 10; n++) {
      asked.push(await ask(asked.length));
      tracked.push(await track());
    }
    const keptBatch = tracked.find((answer) => answer.status === 503);
    expect(JSON.parse(keptBatch?.body ?? '{}')).toMatchObject({ status: 0, code: 'journal_unavailable' });
    const ready = await send(`${gateway.url}/readyz`, { method: 'GET' });
    expect([ready.status, ready.body]).toEqual([503, 'journal unavailable\n']);

    await rm(join(disk, 'filler'));
    const recovered = await eventually(
      async () => {
        const answer = await ask(asked.length);
        asked.push(answer);
        return answer;
      },
      (answer) => answer.status === 200,
    );
    expect(recovered.status).toBe(200);
    expect((await send(`${gateway.url}/readyz`, { method: 'GET' })).status).toBe(200);
    expect(gateway.pid()).toBe(pid);

    const passed = asked.filter((answer) => answer.status === 200);
    expect(openai.requests.length - before).toBe(passed.length - 1);
    expect(mixpanel.requests).toHaveLength(tracked.filter((answer) => answer.status === 200).length);
    expect(asked.filter((answer) => answer.status === 503).length).toBeGreaterThan(5);
    await expectForwarded(connection, passed.map(idOf));
  });
});
