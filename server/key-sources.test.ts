import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KeySource, startVault } from '@drawbridge/control';
import {
  header,
  type KmsStandin,
  type ReceivedRequest,
  startKmsStandin,
  startTransitStandin,
  type TransitStandin,
} from '@drawbridge/standins';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../control/platform/testing.ts';
import { openKeys } from '../control/vault/opening.ts';
import { readKeySource, readNextKeySource } from './key-source.ts';

/** The key-encryption key from wherever it may be: the setting, the vault's process, and who is asked. All is made up. */
const CONTEXT = Buffer.from('a made-up context');
const KEY = Buffer.alloc(32, 5);
const base64 = KEY.toString('base64');
const SECRET = 'made-up-secret-access-key';

let platform: TestPlatform;
let folder: string;
let transit: TransitStandin;
let kms: KmsStandin;
const stopping: (() => Promise<void>)[] = [];

beforeAll(async () => {
  platform = await testPlatform();
  transit = await startTransitStandin({ tokens: ['made-up-token'], namespace: 'team' });
  kms = await startKmsStandin({
    verify: async (request) => isSigned(request),
    keys: ['alias/drawbridge', 'alias/other'],
  });
});
afterAll(async () => {
  await transit.stop();
  await kms.stop();
  await platform.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-keys-'));
  await writeFile(join(folder, 'token'), 'made-up-token\n', { mode: 0o600 });
  transit.rotate('drawbridge');
});
afterEach(async () => {
  for (const stop of stopping.splice(0)) await stop();
  transit.script.clear();
  kms.script.clear();
  transit.isSealed = false;
  kms.denied.clear();
  kms.disabled.clear();
  transit.remove('drawbridge');
  await platform.pool.query('TRUNCATE key_encryption_key, data_key, wrapped_data_key CASCADE');
  await rm(folder, { recursive: true, maxRetries: 5 });
});

/** By hand, as the guide of AWS has it. */
function isSigned(request: ReceivedRequest): boolean {
  const given = header(request, 'authorization') ?? '';
  const [, scope = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=AKIAMADEUP\/(.+), SignedHeaders=(.+), Signature=(.+)$/.exec(given) ?? [];
  const sha = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const headers = names.split(';').map((name) => `${name}:${header(request, name)}`);
  const canonical = ['POST', request.path, '', ...headers, '', names, sha(request.body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', header(request, 'x-amz-date'), scope, sha(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((made, part) => hmac(made, part), `AWS4${SECRET}`);
  return names.split(';').includes('x-amz-target') && hmac(key, text).toString('hex') === signature;
}

const start = async (source: KeySource) => {
  const { db, clock, log } = platform;
  const vault = await startVault({ db, clock, log, keysDir: folder, deploymentId: 'made-up', source });
  stopping.push(() => vault.stop());
  return vault;
};
const settings: Record<string, () => Record<string, string>> = {
  env: () => ({ DRAWBRIDGE_KEY_SOURCE: 'env', DRAWBRIDGE_KEK: base64 }),
  command: () => ({
    DRAWBRIDGE_KEY_SOURCE: 'command',
    DRAWBRIDGE_KEK_COMMAND: JSON.stringify(['/bin/sh', '-c', `echo ${base64}`]),
  }),
  'vault-transit': () => ({
    DRAWBRIDGE_KEY_SOURCE: 'vault-transit',
    DRAWBRIDGE_TRANSIT_URL: transit.url,
    DRAWBRIDGE_TRANSIT_TOKEN_FILE: join(folder, 'token'),
    DRAWBRIDGE_TRANSIT_NAMESPACE: 'team',
    DRAWBRIDGE_KEY_TIMEOUT: '1',
  }),
  'aws-kms': () => ({
    DRAWBRIDGE_KEY_SOURCE: 'aws-kms',
    DRAWBRIDGE_KMS_KEY: 'alias/drawbridge',
    DRAWBRIDGE_KMS_ENDPOINT: kms.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIAMADEUP',
    AWS_SECRET_ACCESS_KEY: SECRET,
    DRAWBRIDGE_KEY_TIMEOUT: '1',
  }),
};
const sourceOf = (kind: string, more: Record<string, string> = {}) =>
  readKeySource({ ...settings[kind]?.(), ...more });
const opening = (source: KeySource) => ({
  source,
  keyFile: join(folder, 'made-up.kek'),
  marksFile: join(folder, 'made-up.log-marks.json'),
  deployment: 'made-up',
});
/** The state that a refused start must leave as it was. */
const state = async () => [
  (await readdir(folder)).toSorted(),
  (await platform.pool.query('SELECT * FROM key_encryption_key')).rows,
  (await platform.pool.query('SELECT * FROM wrapped_data_key')).rows,
];

describe.each(Object.keys(settings))('a key from %s', (kind) => {
  test('wraps the data key, is in no file, no row and no environment, and opens it at the next start', async () => {
    const vault = await start(sourceOf(kind));
    const wrapped = await vault.seal('made-up-credential', CONTEXT);
    expect(await readdir(folder)).toEqual(['token']);
    const rows = JSON.stringify(await state());
    for (const secret of [base64, KEY.toString('hex'), SECRET, 'made-up-token'])
      expect(rows).not.toContain(secret);
    const environment = await readFile(`/proc/${vault.pid}/environ`, 'utf8');
    expect(environment).not.toMatch(/DRAWBRIDGE_|AWS_|PATH=/);
    const hash = await vault.keyedHash(await vault.seal('k'.repeat(32), CONTEXT), CONTEXT, 'x');
    await vault.stop();
    const again = await start(sourceOf(kind));
    expect(await again.keyedHash(await again.seal('k'.repeat(32), CONTEXT), CONTEXT, 'x')).toEqual(hash);
    await expect(again.keyedHash(wrapped, CONTEXT, 'x')).resolves.toHaveLength(32);
    // Nobody else asks for keys: the key-encryption key of a file is not this one.
    await expect(start({ kind: 'file' })).rejects.toMatchObject({ code: 'kek_missing' });
  });
});

const otherKey = Buffer.alloc(32, 6).toString('base64');
const shell = (script: string) => ({
  DRAWBRIDGE_KEK_COMMAND: JSON.stringify(['/bin/sh', '-c', script]),
  DRAWBRIDGE_KEY_TIMEOUT: '1',
});
const answer = (status: number, body: object) =>
  ({ do: 'answer', status, body: JSON.stringify(body) }) as const;
const mishaps: [string, string, string, () => KeySource | Promise<KeySource>][] = [
  ['env', 'is another', 'kek_wrong', () => sourceOf('env', { DRAWBRIDGE_KEK: otherKey })],
  ['env', 'is too short', 'kek_malformed', () => sourceOf('env', { DRAWBRIDGE_KEK: 'c2hvcnQ=' })],
  ['command', 'prints another', 'kek_wrong', () => sourceOf('command', shell(`echo ${otherKey}`))],
  ['command', 'prints nothing', 'kek_malformed', () => sourceOf('command', shell('true'))],
  ['command', 'fails', 'kek_unavailable', () => sourceOf('command', shell(`echo ${base64}; exit 3`))],
  ['command', 'never ends', 'kek_unavailable', () => sourceOf('command', shell('exec sleep 30'))],
  ['command', 'prints without end', 'kek_unavailable', () => sourceOf('command', shell(`yes ${base64}`))],
  [
    'command',
    'is not there',
    'kek_unavailable',
    () => sourceOf('command', { DRAWBRIDGE_KEK_COMMAND: '["/nonexistent"]' }),
  ],
  [
    'vault-transit',
    'is sealed',
    'kek_unavailable',
    () => {
      transit.isSealed = true;
      return sourceOf('vault-transit');
    },
  ],
  [
    'vault-transit',
    'refuses the token',
    'kek_denied',
    async () => {
      await writeFile(join(folder, 'token'), 'another-token');
      return sourceOf('vault-transit');
    },
  ],
  [
    'vault-transit',
    'has another key of that name',
    'kek_wrong',
    () => {
      transit.remove('drawbridge');
      transit.rotate('drawbridge');
      return sourceOf('vault-transit');
    },
  ],
  [
    'vault-transit',
    'has another key, and says so with 500',
    'kek_wrong',
    () => {
      transit.remove('drawbridge');
      transit.rotate('drawbridge');
      transit.answersDamageWith500 = true;
      return sourceOf('vault-transit');
    },
  ],
  [
    'vault-transit',
    'has lost the key',
    'kek_missing',
    () => {
      transit.remove('drawbridge');
      return sourceOf('vault-transit');
    },
  ],
  [
    'vault-transit',
    'is mounted elsewhere',
    'kek_missing',
    () => sourceOf('vault-transit', { DRAWBRIDGE_TRANSIT_MOUNT: 'other' }),
  ],
  [
    'vault-transit',
    'does not answer in time',
    'kek_unavailable',
    () => {
      transit.script.add({ do: 'hold' }, { times: 3 });
      return sourceOf('vault-transit');
    },
  ],
  [
    'vault-transit',
    'sends elsewhere',
    'kek_unavailable',
    () => {
      transit.script.add({ do: 'answer', status: 307, headers: { location: `${kms.url}/` } });
      return sourceOf('vault-transit');
    },
  ],
  [
    'vault-transit',
    'is not reached',
    'kek_unavailable',
    () => sourceOf('vault-transit', { DRAWBRIDGE_TRANSIT_URL: 'http://127.0.0.1:1' }),
  ],
  [
    'vault-transit',
    'has no token file',
    'kek_unreadable',
    () => sourceOf('vault-transit', { DRAWBRIDGE_TRANSIT_TOKEN_FILE: join(folder, 'gone') }),
  ],
  [
    'aws-kms',
    'is another key',
    'kek_wrong',
    () => sourceOf('aws-kms', { DRAWBRIDGE_KMS_KEY: 'alias/other' }),
  ],
  [
    'aws-kms',
    'knows no such key',
    'kek_missing',
    () => sourceOf('aws-kms', { DRAWBRIDGE_KMS_KEY: 'alias/gone' }),
  ],
  [
    'aws-kms',
    'is wrongly signed',
    'kek_denied',
    () => sourceOf('aws-kms', { AWS_SECRET_ACCESS_KEY: 'another' }),
  ],
  [
    'aws-kms',
    'does not permit it',
    'kek_denied',
    () => {
      kms.denied.add('alias/drawbridge');
      return sourceOf('aws-kms');
    },
  ],
  [
    'aws-kms',
    'is disabled',
    'kek_unusable',
    () => {
      kms.disabled.add('alias/drawbridge');
      return sourceOf('aws-kms');
    },
  ],
  [
    'aws-kms',
    'throttles for ever',
    'kek_unavailable',
    () => {
      kms.script.add(answer(400, { __type: 'ThrottlingException', message: 'Rate exceeded' }), { times: 3 });
      return sourceOf('aws-kms');
    },
  ],
];

// What the vault's process does at its start, done here: a process for each would take a minute.
test('whatever is wrong with a key or with who has it is told by a code, shows no secret, and harms nothing', async () => {
  for (const kind of Object.keys(settings)) {
    transit.remove('drawbridge');
    transit.rotate('drawbridge');
    const { made } = await openKeys({ ...opening(sourceOf(kind)), known: [] });
    if (made === null) throw new Error('no key was made');
    for (const [, what, code, mishap] of mishaps.filter(([of]) => of === kind)) {
      const source = await mishap();
      if ('timeoutMs' in source && code === 'kek_unavailable') source.timeoutMs = 300;
      const failure = await openKeys({ ...opening(source), known: [made] }).then(
        () => null,
        (error: Error & { code: string }) => error,
      );
      expect([kind, what, failure?.code]).toEqual([kind, what, code]);
      for (const secret of [base64, otherKey, SECRET, 'made-up-token', 'another-token'])
        expect(failure?.message).not.toContain(secret);
      expect(await readdir(folder)).toEqual(['token']);
      transit.script.clear();
      transit.isSealed = false;
      kms.denied.clear();
      kms.disabled.clear();
      await writeFile(join(folder, 'token'), 'made-up-token');
    }
  }
  transit.answersDamageWith500 = false;
}, 60_000);

test('a start that is refused changes nothing in the database', async () => {
  await (await start(sourceOf('env'))).stop();
  const before = await state();
  for (const source of [sourceOf('env', { DRAWBRIDGE_KEK: otherKey }), sourceOf('vault-transit')])
    await expect(start(source)).rejects.toMatchObject({
      code: expect.stringMatching(/^kek_(wrong|missing)$/),
    });
  expect(await state()).toEqual(before);
});

test('what is safe to ask again is asked again: throttling, a failing server, a connection that breaks', async () => {
  kms.script.add(answer(400, { __type: 'ThrottlingException', message: 'Rate exceeded' }));
  kms.script.add({ do: 'drop' });
  await openKeys({ ...opening(sourceOf('aws-kms')), known: [] });
  transit.script.add(answer(502, {}));
  transit.script.add({ do: 'drop' });
  await openKeys({ ...opening(sourceOf('vault-transit')), known: [] });
  const context = {
    'drawbridge:deployment': 'made-up',
    'drawbridge:use': 'data key',
    'drawbridge:version': '1',
  };
  expect(kms.contexts).toContainEqual({ act: 'Encrypt', context });
});

test('a key that a transit engine has rotated opens what was wrapped before', async () => {
  const { made, keys } = await openKeys({ ...opening(sourceOf('vault-transit')), known: [] });
  transit.rotate('drawbridge');
  const again = await openKeys({ ...opening(sourceOf('vault-transit')), known: made === null ? [] : [made] });
  expect(again.keys.ring.keys).toEqual(keys.ring.keys);
});

describe('the setting', () => {
  test.each<[string, Record<string, string>]>([
    ['DRAWBRIDGE_KEY_SOURCE', { DRAWBRIDGE_KEY_SOURCE: 'keychain' }],
    ['DRAWBRIDGE_KEY_SOURCE', { DRAWBRIDGE_KEK: base64 }],
    ['DRAWBRIDGE_KEK', { DRAWBRIDGE_KEY_SOURCE: 'env' }],
    ['DRAWBRIDGE_KEK_COMMAND', { DRAWBRIDGE_KEY_SOURCE: 'command', DRAWBRIDGE_KEK_COMMAND: 'pass show key' }],
    ['DRAWBRIDGE_KEK_COMMAND', { DRAWBRIDGE_KEY_SOURCE: 'command', DRAWBRIDGE_KEK_COMMAND: '["pass"]' }],
    [
      'DRAWBRIDGE_TRANSIT_URL',
      {
        DRAWBRIDGE_KEY_SOURCE: 'vault-transit',
        DRAWBRIDGE_TRANSIT_TOKEN: 't',
        DRAWBRIDGE_TRANSIT_URL: 'http://vault.internal',
      },
    ],
    [
      'DRAWBRIDGE_TRANSIT_TOKEN',
      { DRAWBRIDGE_KEY_SOURCE: 'vault-transit', DRAWBRIDGE_TRANSIT_URL: 'https://vault.internal' },
    ],
    [
      'DRAWBRIDGE_TRANSIT_MOUNT',
      {
        DRAWBRIDGE_KEY_SOURCE: 'vault-transit',
        DRAWBRIDGE_TRANSIT_URL: 'https://vault.internal',
        DRAWBRIDGE_TRANSIT_TOKEN: 't',
        DRAWBRIDGE_TRANSIT_MOUNT: '../sys',
      },
    ],
    ['DRAWBRIDGE_KMS_REGION', { DRAWBRIDGE_KEY_SOURCE: 'aws-kms', DRAWBRIDGE_KMS_KEY: 'k', AWS_REGION: 'x' }],
    [
      'DRAWBRIDGE_KEY_TIMEOUT',
      {
        DRAWBRIDGE_KEY_SOURCE: 'command',
        DRAWBRIDGE_KEK_COMMAND: '["/bin/true"]',
        DRAWBRIDGE_KEY_TIMEOUT: '600',
      },
    ],
  ])('%s that can not be used is named', (variable, env) => {
    expect(() => readKeySource(env)).toThrow(expect.objectContaining({ name: 'ConfigError', variable }));
  });

  test('of the source that is rotated to goes before that of the one in use', () => {
    const env = { ...settings.env?.(), DRAWBRIDGE_NEXT_KEK: otherKey };
    expect(readNextKeySource(env, 'env')).toEqual({ kind: 'env', key: otherKey });
    expect(readKeySource({})).toEqual({ kind: 'file' });
  });
});
