import { createHash } from 'node:crypto';
import {
  type MixpanelStandin,
  type OpenaiStandin,
  startMixpanelStandin,
  startOpenaiStandin,
} from '@drawbridge/standins';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { enrolledSession } from '../../testing/enrolled.ts';
import { searchAll, told } from '../search/everywhere.ts';
import type { Needle } from '../search/search.ts';
import { issueKey, makeConnection } from '../testing/connect.ts';
import { type DeploymentProcess, startDeploymentProcess } from '../testing/deployment-process.ts';
import { eventually } from '../testing/eventually.ts';
import { freePort } from '../testing/gateway-process.ts';
import { type Answer, bearer, send } from '../testing/http.ts';
import { crossingsOf } from '../testing/ledger.ts';
import { driveMalformed, driveMixpanelSdk, driveOpenaiSdk, driveRaw, driveRefused } from './drive.ts';
import { credentials, markedNeedles, person, vendorWords } from './marked.ts';
import { ownKeys } from './own-keys.ts';
import { apiAnswers, databaseRows, dataFiles, filesBelow, gatewayPages, type Place } from './places.ts';
import { callWrongly } from './wrong-calls.ts';

/**
 * A whole deployment is driven with marked values, then everything that it kept, wrote and answered is searched for them.
 * What is searched is proven by values that are planted where they may be, and must be found.
 */
const PLANTED_SLUG = 'planted-connection';
const origin = 'https://app.example.com';

let drawbridge: DeploymentProcess;
let openai: OpenaiStandin;
let mixpanel: MixpanelStandin;
beforeAll(async () => {
  [drawbridge, openai, mixpanel] = await Promise.all([
    startDeploymentProcess(),
    startOpenaiStandin({ validKeys: [credentials.openai] }),
    startMixpanelStandin({ validTokens: [credentials.mixpanel] }),
  ]);
}, 240_000);
afterAll(() => Promise.all([drawbridge?.remove(), openai?.stop(), mixpanel?.stop()]));

const places: Place[] = [];
let secrets: Needle[] = [];
let plantedCrossing = '';
let refused: { call: string; status: number }[] = [];

/** Connections with both contracts, keys of both kinds, a credential that was replaced, a vendor that is not there. */
async function connectAll(): Promise<{ ids: string[]; secret: string; browser: string }> {
  const { call } = drawbridge;
  const connect = (
    slug: string,
    contract: 'as_is' | 'recommended',
    options: Partial<Parameters<typeof makeConnection>[1]>,
  ) =>
    makeConnection(call, {
      slug,
      contract,
      service: 'openai/api/global',
      url: openai.url,
      credential: credentials.openai,
      ...options,
    });
  const events = {
    service: 'mixpanel/analytics/eu',
    url: mixpanel.url,
    credential: credentials.mixpanel,
  } as const;
  const ids = [
    await connect(PLANTED_SLUG, 'recommended', { credential: credentials.replaced }),
    await connect('ai-as-is', 'as_is', {}),
    await connect('events-recommended', 'recommended', { ...events, origins: [origin] }),
    await connect('events-as-is', 'as_is', events),
    await connect('nobody-there', 'as_is', { url: `http://127.0.0.1:${await freePort()}` }),
  ];
  await call('PUT', `/connections/${ids[0]}/credential`, {
    value: credentials.openai,
    reason: 'it was replaced',
  });
  const secret = await issueKey(call, ids);
  const browser = await issueKey(call, [ids[2] ?? ''], [origin]);
  return { ids, secret: secret.key, browser: browser.key };
}

const kept = (where: string, { status, headers, body }: Answer): Place => ({
  where,
  bytes: `${status}\n${JSON.stringify(headers)}\n${body}`,
});

/** Listens to live updates until it is told to stop. Returns what came. */
function listen(): () => Promise<string> {
  const stop = new AbortController();
  let text = '';
  const heard = (async () => {
    const { body } = await fetch(`${drawbridge.note.apiUrl}/api/v1/events`, {
      headers: { authorization: `Bearer ${drawbridge.note.operatorToken}` },
      signal: stop.signal,
    });
    if (body !== null) for await (const chunk of body) text += Buffer.from(chunk).toString('utf8');
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return async () => {
    stop.abort();
    await heard;
    return text;
  };
}

beforeAll(async () => {
  const { note, call } = drawbridge;
  const { gatewayUrl } = note;
  const { ids, secret, browser } = await connectAll();
  // A person who came in: of what proves who they are, only hashes and what the vault wrapped are kept.
  const enrolled = await enrolledSession({ apiUrl: note.apiUrl, call });
  const stopListening = listen();
  const ask = (slug: string) =>
    send(`${gatewayUrl}/${slug}/v1/chat/completions`, {
      headers: bearer(secret),
      body: JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: person.prompt }] }),
    });
  await eventually(
    () => ask(PLANTED_SLUG),
    (answer) => answer.status === 200,
  );

  for (const slug of [PLANTED_SLUG, 'ai-as-is']) await driveOpenaiSdk(gatewayUrl, slug, secret);
  const passed: Answer[] = [];
  for (const slug of ['events-recommended', 'events-as-is']) {
    await driveMixpanelSdk(gatewayUrl, slug, secret);
    passed.push(...(await driveRaw(`${gatewayUrl}/${slug}`, secret)));
  }
  expect(passed.map((answer) => answer.status)).toEqual(passed.map(() => 200));
  const page = { origin, referer: person.referrer, 'user-agent': person.agent, 'content-type': 'text/plain' };
  const fromPage = await send(`${gatewayUrl}/events-recommended/track?verbose=1`, {
    headers: page,
    body: JSON.stringify([{ event: 'Seen', properties: { token: browser, distinct_id: person.email } }]),
  });
  expect(fromPage.status).toBe(200);

  const answers = await driveRefused(gatewayUrl, PLANTED_SLUG, 'events-recommended', secret);
  expect(answers.filter((answer) => answer.status < 400)).toEqual([]);
  answers.push(await ask('nobody-there'));
  for (const [index, answer] of answers.entries()) places.push(kept(`refused request ${index}`, answer));
  for (const [index, text] of (await driveMalformed(gatewayUrl, PLANTED_SLUG, secret)).entries()) {
    places.push({ where: `malformed request ${index}`, bytes: text });
  }
  openai.script.add({
    do: 'answer',
    status: 500,
    body: vendorWords,
    headers: { 'x-request-id': 'quokka-team-q23' },
  });
  await ask(PLANTED_SLUG);
  openai.script.add({ do: 'drop' });
  places.push(kept('a vendor that hangs up', await ask(PLANTED_SLUG)));

  // What is tried on a workbench is nobody's but theirs who try it.
  const sample = { text: `Dear ${person.name}, ${person.email}: ${credentials.openai}` };
  for (const path of ['workbench', 'contract-tests/prepare']) {
    const answer = await call<object>('POST', `/connections/${ids[0]}/${path}`, { sample });
    expect(JSON.stringify(answer)).toContain('replaced' in answer ? '@example.com' : person.email);
  }

  const policy = 'only-approved-vendors';
  const starters = await call<{ items: { name: string; text: string; examples: object[] }[] }>(
    'GET',
    '/policies/starters',
  );
  const { text, examples } = starters.items.find(({ name }) => name === policy) ?? {};
  await call('POST', '/policies', { name: policy, text, examples, reason: 'A test' });
  const apps = await call<{ items: { id: string }[] }>('GET', '/apps');
  const wrong = await callWrongly({
    apiUrl: note.apiUrl,
    token: note.operatorToken,
    connection: ids[0] ?? '',
    app: apps.items[0]?.id ?? '',
    virtualKey: secret,
  });
  for (const { call: name, answer } of wrong) places.push(kept(`wrong call ${name}`, answer));
  refused = wrong.map((one) => ({ call: one.call, status: one.answer.status }));

  // The journal is taken in in order: with this one all before it are there.
  plantedCrossing = String((await ask(PLANTED_SLUG)).headers['x-drawbridge-crossing']);
  await eventually(
    () => call<{ outcome: string | null }>('GET', `/crossings/${plantedCrossing}`).catch(() => null),
    (detail) => detail !== null && detail.outcome !== null,
  );
  const crossings = (await Promise.all(ids.map((id) => crossingsOf(call, id)))).flat();
  const canary = await call<{ id: string; key: string }>('POST', '/canaries', {
    vendor: 'openai',
    form: 'project',
    place: 'made-up place',
    owner: 'made-up team',
    reason: 'a proof',
  });

  const run = await call<{ id: string }>('POST', '/scan-runs', {
    source: 'made-up repository',
    reason: 'a proof',
  });
  const found = { line: 1, column: 1, history: false, class: 'secret.api_key', detector: 'made_up.key' };
  const sha256 = createHash('sha256').update(canary.key).digest('base64url');
  await call('POST', `/scan-runs/${run.id}/findings`, {
    ...{ batch: 0, files: 1, blobs: 0, bytes: 1 },
    reason: 'a proof',
    findings: [{ ...found, path: 'made-up.env', confidence: 'certain', nth: 0, sha256 }],
  });

  places.push({ where: 'live updates', bytes: await stopListening() });
  places.push(
    ...(await apiAnswers(drawbridge.note, {
      connections: ids,
      apps: apps.items.map((app) => app.id),
      crossings: crossings.map((one) => one.id),
      keys: (await call<{ items: { id: string }[] }>('GET', '/keys')).items.map((key) => key.id),
      changes: (
        await call<{ items: { id: string }[] }>('GET', '/changes?limit=200')
      ).items.map((change) => change.id),
      approvals: ['made-up'],
      gateways: ['gateway-1'],
      oidc: ['made-up'],
      people: (await call<{ items: { id: string }[] }>('GET', '/people')).items.map((one) => one.id),
      canaries: [canary.id],
      version: ['1', '2'],
      hash: ['a'.repeat(64)],
      vendor: ['openai', 'mixpanel'],
      party: ['openai', 'mixpanel'],
      incident: ['0199c0de-0000-7000-8000-000000000001'],
      mailbox: ['0199c0de-0000-7000-8000-000000000001'],
      webhook: ['0199c0de-0000-7000-8000-000000000001'],
      token: ['made-up'],
      n: ['1'],
      recoveryDrill: ['0199c0de-0000-7000-8000-000000000001'],
      severance: ['0199c0de-0000-7000-8000-000000000001'],
      line: ['connection:none'],
      notice: ['0199c0de-0000-7000-8000-000000000001'],
      message: ['0199c0de-0000-7000-8000-000000000001'],
      campaign: ['0199c0de-0000-7000-8000-000000000001'],
      service: ['api', 'analytics'],
      source: ['gvl', 'caiq:openai'],
      name: [policy],
      rotations: ['made-up'],
      leaks: (await call<{ items: { id: string }[] }>('GET', '/leaks?state=all')).items.map((one) => one.id),
      statement: ['0199c0de-0000-7000-8000-000000000001'],
      pattern: ['made-up'],
      runs: ['made-up'],
      file: ['made-up.ics'],
      run: ['0199c0de-0000-7000-8000-000000000001'],
    })),
  );
  places.push(...(await gatewayPages(gatewayUrl)), ...(await databaseRows(drawbridge.dataDir)));
  const keys = await ownKeys(drawbridge.dataDir, drawbridge.keysDir);
  expect(await drawbridge.stop()).toBe(0);
  places.push(...(await dataFiles(drawbridge.dataDir)));
  places.push({ where: 'log', bytes: drawbridge.logged() });
  secrets = [
    { name: 'virtual key', value: secret },
    { name: 'publishable key', value: browser },
    { name: 'session', value: enrolled.secret },
    { name: 'password', value: enrolled.password },
    { name: 'secret of the authenticator app', value: enrolled.appSecret },
    ...enrolled.recoveryCodes.map((value, index) => ({ name: `recovery code ${index}`, value })),
    { name: 'canary key', value: canary.key },
    ...keys,
  ];
}, 300_000);

it('every call with a secret in the wrong place is refused, and none by an error of ours', () => {
  expect(refused.length).toBeGreaterThan(60);
  expect(refused.filter(({ status }) => status < 400 || status >= 500)).toEqual([]);
});

it('no credential, no key, nothing personal in files, database, logs, metrics and answers', {
  timeout: 240_000,
}, async () => {
  expect(told(await searchAll([...markedNeedles, ...secrets], places))).toEqual([]);
});

it('the keys lie in the keys directory, without any vendor’s credential, app’s key or person', async () => {
  const files = await filesBelow(drawbridge.keysDir, 'keys');
  const isOwn = (needle: Needle) => / key as text$|^gateway token$/.test(needle.name);
  const own = secrets.filter((needle) => isOwn(needle) && !/ledger|review|pseudonym/.test(needle.name));
  const found = await searchAll(own, files);
  expect([...new Set(found.map((one) => one.needle))].sort()).toEqual(
    own.map((needle) => needle.name).sort(),
  );
  const foreign = secrets.filter(
    (needle) => !own.includes(needle) && !/^(key-enc|gateway|snapshot)/.test(needle.name),
  );
  expect(told(await searchAll([...markedNeedles, ...foreign], files))).toEqual([]);
});

it('what was searched is all there is: what is planted is found in each place', {
  timeout: 240_000,
}, async () => {
  const found = await searchAll(
    [
      { name: 'slug', value: PLANTED_SLUG },
      { name: 'crossing', value: plantedCrossing },
    ],
    places,
  );
  const where = (needle: string): string =>
    [...new Set(found.filter((one) => one.needle === needle).map((one) => one.where))].join('\n');
  expect(where('slug')).toMatch(/^table connection$/m);
  expect(where('slug')).toMatch(/^data postgres\/data\/base\//m);
  expect(where('slug')).toMatch(/^data postgres\/data\/pg_wal\//m);
  expect(where('slug')).toMatch(/^GET \/api\/v1\/connections\?/m);
  expect(where('slug')).toMatch(/^gateway \/metrics$/m);
  expect(where('crossing')).toMatch(/^table journal_entry$/m);
  expect(where('crossing')).toMatch(/^data gateway-1\/journal\//m);
  expect(where('crossing')).toMatch(/^GET \/api\/v1\/crossings\//m);
  expect(where('crossing')).toMatch(/^log$/m);
});
