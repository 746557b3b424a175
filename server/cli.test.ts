import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type OpenaiStandin, startOpenaiStandin } from '@drawbridge/standins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askOver, enrol } from '../control/identity/testing.ts';
import { issueKey, makeConnection } from './proofs/testing/connect.ts';
import { type DeploymentProcess, startDeploymentProcess } from './proofs/testing/deployment-process.ts';
import { eventually } from './proofs/testing/eventually.ts';
import { bearer, send } from './proofs/testing/http.ts';

/** The commands as people and scripts call them, beside a deployment that runs. All data is made up. */
const cli = fileURLToPath(new URL('./cli.ts', import.meta.url));
const shippedPack = fileURLToPath(new URL('../packs/vendors/openai.yaml', import.meta.url));

let drawbridge: DeploymentProcess;
let openai: OpenaiStandin;
let folder: string;
beforeAll(async () => {
  [drawbridge, openai, folder] = await Promise.all([
    startDeploymentProcess(),
    startOpenaiStandin({ validKeys: ['sk-made-up-credential'] }),
    mkdtemp(join(tmpdir(), 'drawbridge-cli-test-')),
  ]);
}, 240_000);
afterAll(async () => {
  await Promise.all([drawbridge?.remove(), openai?.stop()]);
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

interface Done {
  code: number | null;
  out: string;
  err: string;
}

function run(...args: string[]): Promise<Done> {
  const child = spawn(process.execPath, [cli, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)),
    },
  });
  const done: Done = { code: null, out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    done.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    done.err += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...done, code })));
}

const beside = (...args: string[]): Promise<Done> =>
  run('--data', drawbridge.dataDir, '--keys', drawbridge.keysDir, ...args);

const madeUpUser = 'made-up-user-of-the-command';

describe('beside a deployment that runs', () => {
  test('status says what crossed, what was refused, and that the gateway is up to date', async () => {
    const connection = await makeConnection(drawbridge.call, {
      slug: 'ai',
      service: 'openai/api/global',
      url: openai.url,
      credential: 'sk-made-up-credential',
      contract: 'recommended',
    });
    const { key } = await issueKey(drawbridge.call, [connection]);
    const ask = (body: string) =>
      send(`${drawbridge.note.gatewayUrl}/ai/v1/chat/completions`, { headers: bearer(key), body });
    await eventually(
      () => ask('{'),
      (answer) => answer.headers['x-drawbridge-refusal'] === 'body_unreadable',
    );
    const question = { model: 'gpt-5', user: madeUpUser, messages: [{ role: 'user', content: 'Hello' }] };
    expect((await ask(JSON.stringify(question))).status).toBe(200);

    const done = await eventually(
      () => beside('status', '--json'),
      ({ out }) => {
        const { totals, gateways } = JSON.parse(out);
        return totals.crossed24h === 1 && gateways[0]?.snapshotVersion === gateways[0]?.wantedVersion;
      },
    );
    expect(done).toMatchObject({ code: 0, err: '' });
    const { totals, gateways, apiUrl } = JSON.parse(done.out);
    expect(apiUrl).toBe(drawbridge.note.apiUrl);
    expect(totals).toMatchObject({ crossed24h: 1, connections: 1, apps: 1 });
    expect(totals.refused24h).toBeGreaterThan(0);
    expect(totals.crossings24h).toBe(totals.crossed24h + totals.refused24h);
    expect(gateways).toMatchObject([{ id: 'gateway-1', snapshotVersion: gateways[0].wantedVersion }]);

    const text = await beside('status');
    expect(text.code).toBe(0);
    expect(text.out).toContain(`Gateway   ${drawbridge.note.gatewayUrl}\n`);
    expect(text.out).toMatch(/^24 hours {2}1 crossed, \d+ refused; 1 connections, 1 apps$/m);
    expect(text.out).toMatch(/^gateway-1 snapshot (\d+) of \1, \d+ journal entries to ship/m);
  });

  test('sign-in prints a link that lets the first administrator in, and then one for a named person only', async () => {
    const printed = await beside('sign-in', '--json');
    expect(printed.code).toBe(0);
    const link = new URL(JSON.parse(printed.out).url);
    // At a name, as passkeys need one, and with the token where it reaches no server's log.
    expect(`${link.origin}${link.pathname}`).toBe(`${drawbridge.note.consoleUrl}/sign-in`);
    expect([link.hostname, link.search]).toEqual(['localhost', '']);
    const token = link.hash.slice('#token='.length);
    const ask = askOver(drawbridge.note.apiUrl);
    const first = await enrol(ask, { token, email: 'first@example.com' });
    expect((await ask('GET', '/overview', undefined, first.secret)).status).toBe(200);
    expect((await ask('POST', '/session/invitation', { token })).status).toBe(401);

    const nameless = await beside('sign-in');
    expect([nameless.code, nameless.err]).toEqual([1, expect.stringContaining('--email')]);
    const named = await beside('sign-in', '--email', 'first@example.com', '--json');
    expect(named.code).toBe(0);
    expect((await ask('GET', '/overview', undefined, first.secret)).status).toBe(401);
  });

  test('policies apply puts a folder in force, and deactivate takes them out again', async () => {
    const shipped = fileURLToPath(new URL('../packs/policies', import.meta.url));
    const applied = await beside('policies', 'apply', shipped, '--reason', 'A test', '--json');
    expect(applied).toMatchObject({ code: 0, err: '' });
    const { activated } = JSON.parse(applied.out);
    expect(activated).toContain('only-approved-vendors');
    const again = await beside('policies', 'apply', shipped, '--reason', 'A test');
    expect(again.out).toContain('unchanged    only-approved-vendors\n');
    expect((await beside('policies', 'deactivate', '--reason', 'A test')).err).toContain('--all');
    const off = await beside('policies', 'deactivate', '--all', '--reason', 'A test', '--json');
    expect(JSON.parse(off.out)).toEqual({ deactivated: activated });
    const { items } = await drawbridge.call<{ items: { active: number | null }[] }>('GET', '/policies');
    expect(items.filter(({ active }) => active !== null)).toEqual([]);
  });

  test('projections rebuild reads the whole journal again', async () => {
    const before = await drawbridge.call('GET', '/crossings');
    const { code, out, err } = await beside('projections', 'rebuild', '--json');
    expect(code).toBe(0);
    expect(err).toContain('exposure ledger');
    const { entries, seconds } = JSON.parse(out);
    expect(entries).toBeGreaterThanOrEqual(3);
    expect(seconds).toBeGreaterThan(0);
    expect(await drawbridge.call('GET', '/crossings')).toEqual(before);
  });

  test('erase finds whom a gateway recorded, minds a hold, and says what persists', async () => {
    const about = ['--subject', madeUpUser];
    const shown = await beside('erase', ...about, '--dry-run', '--json');
    expect([shown.code, JSON.parse(shown.out).counts]).toMatchObject([0, { identifiers: 1, items: 1 }]);
    expect((await beside('erase', ...about)).code).toBe(2);

    const held = await beside('hold', 'set', ...about, '--reason', 'a dispute', '--json');
    const { id } = JSON.parse(held.out);
    const refused = await beside('erase', ...about, '--reason', 'asked for by letter');
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining(id)]);
    expect((await beside('hold', 'list')).out).toContain(`${id}  stands`);
    const lifted = await beside('hold', 'lift', id, '--reason', 'settled');
    const request = /--request (\S+)/.exec(lifted.out)?.[1] ?? '';

    const done = await beside('erase', '--request', request, '--reason', 'the hold was lifted');
    expect(done.code).toBe(0);
    expect(done.out).toContain(`Erased, recorded as ${request}.\n  1 payload items in 1 crossings`);
    expect(done.out).toContain('openai, connection');
    expect(done.out).toContain('What persists, and why:');
    const after = await beside('erase', ...about, '--dry-run');
    expect(after.out).toContain('0 payload items in 0 crossings');
    expect(after.out).toContain('Nothing that is recorded here names it');
    for (const { out, err } of [held, refused, lifted, done]) expect(out + err).not.toContain(madeUpUser);
  }, 60_000);

  test('export writes one event per line, and goes on from the cursor that it ends with', async () => {
    const whole = await beside('export', '--format', 'ocsf');
    expect(whole.code).toBe(0);
    const lines = whole.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const codes = lines.map((line) => line.metadata.event_code);
    expect(codes).toEqual(
      expect.arrayContaining(['crossing.forwarded', 'crossing.refused', 'crossing.settled', 'session.open']),
    );
    expect(whole.out).not.toContain('sk-made-up-credential');
    const cursor = /^cursor: (\S+)$/m.exec(whole.err)?.[1] ?? '';
    expect(cursor).toBe(lines.at(-1).unmapped.cursor);
    const half = lines[Math.floor(lines.length / 2)];
    const rest = await beside('export', '--format', 'ocsf', '--since', half.unmapped.cursor);
    expect(whole.out.endsWith(rest.out)).toBe(true);
    expect(rest.out.trimEnd().split('\n')).toHaveLength(lines.length - 1 - Math.floor(lines.length / 2));
    const none = await beside('export', '--format', 'ecs', '--since', cursor);
    expect([none.code, none.out, none.err]).toEqual([0, '', `cursor: ${cursor}\n`]);
    expect(await beside('export', '--format', 'cef')).toMatchObject({ code: 2, out: '' });
    expect((await beside('export', '--format', 'ocsf', '--since', 'yesterday')).err).toContain('cursor');
  });

  test('export --follow goes on with what comes, and ends with its cursor when it is stopped', async () => {
    const place = ['--data', drawbridge.dataDir, '--keys', drawbridge.keysDir];
    const child = spawn(process.execPath, [cli, ...place, 'export', '--format', 'ecs', '--follow'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      },
    });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const code = new Promise((resolve) => child.once('close', resolve));
    const links = () => out.split('"person.recover"').length;
    await expect.poll(links).toBeGreaterThan(1);
    const before = links();
    expect((await beside('sign-in', '--email', 'first@example.com')).code).toBe(0);
    await expect.poll(links).toBe(before + 1);
    child.kill('SIGINT');
    expect(await code).toBe(0);
    const last = out.trimEnd().split('\n').at(-1) ?? '';
    expect(err).toBe(`cursor: ${JSON.parse(last).drawbridge.cursor}\n`);
  });

  test('sever cuts a vendor off, says where it is in force and what is left, and until when', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const wrong = await beside('sever', 'mixpanel', '--reason', 'a test', '--until', 'tomorrow');
    expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining('--until')]);
    const done = await beside('sever', 'mixpanel', '--reason', 'a test', '--until', until, '--json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.out)).toMatchObject({
      state: 'in_force',
      until,
      reason: 'a test',
      inForce: [{ gateway: 'gateway-1' }],
    });
    const { id } = JSON.parse(done.out);
    await drawbridge.call('POST', `/severances/${id}/reopen`, { reason: 'a test' });
    const text = await beside('sever', 'mixpanel', '--reason', 'a test');
    expect(text.out).toMatch(/^Mixpanel is cut off, until somebody reopens it\. In force at every gateway\./);
    expect(text.out).toContain('Not ours to cut');
  });

  test('start refuses what it can not use, by name, and starts nothing', async () => {
    const elsewhere = ['--data', join(folder, 'data'), '--keys', join(folder, 'keys')];
    const { port } = new URL(drawbridge.note.gatewayUrl);
    const taken = await run(...elsewhere, '--port', '0', '--gateway-port', port, 'start');
    expect([taken.code, taken.out]).toEqual([2, '']);
    expect(taken.err).toContain(`DRAWBRIDGE_GATEWAY_PORT: port ${port} of 127.0.0.1 is taken`);
    const nowhere = await run(...elsewhere, '--gateway-host', '192.0.2.1', 'start');
    expect(nowhere.code).toBe(2);
    expect(nowhere.err).toContain('DRAWBRIDGE_GATEWAY_HOST: 192.0.2.1 is reached from other machines');
    const twice = await run(
      '--data',
      drawbridge.dataDir,
      '--keys',
      drawbridge.keysDir,
      '--port',
      '0',
      'start',
    );
    expect(twice.code).toBe(1);
    expect(twice.err).toContain(String(drawbridge.note.pid));
  }, 90_000);
});

describe('without one', () => {
  test.each([['status'], ['projections', 'rebuild']])('%s says so, and what to do', async (...args) => {
    const nowhere = ['--data', join(folder, 'nothing'), '--keys', join(folder, 'no-keys')];
    const { code, out, err } = await run(...nowhere, ...args);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('Start it with "npm start"');
  });

  test('packs lint passes what is shipped, and points into what is wrong', async () => {
    const whole = await run('packs', 'lint', '--json');
    const shipped = (await readdir(dirname(shippedPack))).filter((name) => name.endsWith('.yaml')).length;
    expect([whole.code, JSON.parse(whole.out)]).toEqual([
      0,
      { packs: shipped, vendors: expect.any(Number), problems: [] },
    ]);
    const path = join(folder, 'wrong.yaml');
    const text = await readFile(shippedPack, 'utf8');
    await writeFile(path, text.replace('path_params: { model: model.parameter }', 'path_params: {}'));
    const line = text.split('\n').findIndex((one) => one.includes('path: /v1/models/{model}')) + 1;
    const wrong = await run('packs', 'lint', path);
    expect(wrong.code).toBe(1);
    expect(wrong.out).toContain(`wrong.yaml:${line}`);
    expect(wrong.out).toContain('{model} needs a class');
  });

  test('packs test says what the vendor would get, and ends with 1 when that is not what the pack says', async () => {
    const page = await readFile(new URL('../docs/add-a-vendor.md', import.meta.url), 'utf8');
    const text = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
    const path = join(folder, 'acme-events.yaml');
    await writeFile(path, text.replace('user.email: gone', 'user.email: same'));
    const { code, out } = await run('packs', 'test', path);
    expect(code).toBe(1);
    expect(out).toContain('"plan":"team"');
    expect(out).toContain('DIFFERS  body.events[0].user.email crosses as nothing');
  });

  test('vendors import takes in what others say, marked, and remove takes it out', async () => {
    const radar = join(folder, 'entities');
    await mkdir(radar);
    const entity = { name: 'Made Up, Inc.', displayName: 'Made Up', properties: ['made-up.example'] };
    await writeFile(join(radar, 'Made Up.json'), JSON.stringify({ ...entity, prevalence: 0.1 }));
    const take = (...more: string[]) =>
      beside('vendors', 'import', 'tracker-radar', radar, '--release', '7', '--as-of', '2025-10-01', ...more);
    expect((await take('--preview')).out).toContain('It would be: 1 new');
    expect((await beside('vendors', 'imports')).out).toContain('Nothing was taken in');
    const { out, code } = await take();
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^DuckDuckGo Tracker Radar 7, imported .* CC BY-NC-SA 4\.0: your use\n1 new/),
    ]);
    expect((await beside('vendors', 'imports')).out).toMatch(/^tracker_radar: .* 1 vendors, 1 domains/);
    expect((await beside('vendors', 'remove', 'tracker_radar')).code).toBe(0);
    expect((await beside('vendors', 'imports', '--json')).out).toBe('[]\n');
    expect(await beside('vendors', 'import', 'disconnect', radar)).toMatchObject({
      ...{ code: 2, err: expect.stringContaining('disconnect: is none of') },
    });
    const table = join(folder, 'vendors.csv');
    await writeFile(table, 'name,domain\nMade Up,made-up.example\n');
    expect((await beside('vendors', 'import', 'csv', table)).out).toContain('1 new');
  });

  test('packs add puts a pack in force, then its next version', async () => {
    const path = join(folder, 'acme-events.yaml');
    const added = async () => JSON.parse((await beside('packs', 'add', path, '--json')).out);
    expect(await added()).toEqual({ vendor: 'acme-events', version: 1 });
    expect(await added()).toEqual({ vendor: 'acme-events', version: 2 });
    const { items } = await drawbridge.call<{ items: { vendor: string; origin: string }[] }>('GET', '/packs');
    expect(items.at(-1)).toMatchObject({ vendor: 'acme-events', origin: 'entered' });
  });

  test('a command that is not there ends with 2 and leads to the help', async () => {
    const { code, err } = await run('unsever');
    expect(code).toBe(2);
    expect(err).toContain('--help');
  });
});
