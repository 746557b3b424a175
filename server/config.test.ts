import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { ConfigError, readConfig, settings } from './config.ts';

test('says nothing, gets the documented defaults', () => {
  const config = readConfig({ HOME: '/home/someone', XDG_CONFIG_HOME: '/conf' });
  expect(config).toMatchObject({
    port: 4400,
    gatewayPort: 4410,
    network: { host: '127.0.0.1', beyond: null },
    keysDir: '/conf/drawbridge',
    databaseUrl: null,
  });
  expect(config.dataDir).toMatch(/\/data$/);
});

test('a flag beats the environment', () => {
  expect(readConfig({ DRAWBRIDGE_PORT: '5000' }, { port: '6000' }).port).toBe(6000);
});

test.each([
  [{ DRAWBRIDGE_PORT: 'eighty' }, 'DRAWBRIDGE_PORT'],
  [{ DRAWBRIDGE_PORT: '70000' }, 'DRAWBRIDGE_PORT'],
  [{ DRAWBRIDGE_GATEWAY_PORT: '-1' }, 'DRAWBRIDGE_GATEWAY_PORT'],
  [{ DRAWBRIDGE_PORT: '4410' }, 'DRAWBRIDGE_GATEWAY_PORT'],
  [{ DRAWBRIDGE_GATEWAY_HOST: 'http://here' }, 'DRAWBRIDGE_GATEWAY_HOST'],
  [{ DRAWBRIDGE_GATEWAY_HOST: '127.0.0.1:4410' }, 'DRAWBRIDGE_GATEWAY_HOST'],
  [{ DRAWBRIDGE_DATA: ' ' }, 'DRAWBRIDGE_DATA'],
  [{ DRAWBRIDGE_DATA: '/srv/d', DRAWBRIDGE_KEYS: '/srv/d/keys' }, 'DRAWBRIDGE_KEYS'],
  [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL'],
  [{ DRAWBRIDGE_LOG: 'loud' }, 'DRAWBRIDGE_LOG'],
])('%o is refused, naming %s with an example', (env, variable) => {
  try {
    readConfig(env);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).variable).toBe(variable);
    expect((error as ConfigError).message).toContain(`For example: ${variable}=`);
  }
});

test('the good example of the gateway’s port is not the console’s', () => {
  expect(() => readConfig({ DRAWBRIDGE_GATEWAY_PORT: '-1' })).toThrow(/DRAWBRIDGE_GATEWAY_PORT=4410$/);
  expect(() => readConfig({ DRAWBRIDGE_PORT: '-1' })).toThrow(/DRAWBRIDGE_PORT=4400$/);
});

test('an IPv6 address may stand in brackets', () => {
  expect(readConfig({}, { gatewayHost: '[::1]' }).gatewayHost).toBe('::1');
});

test('a wrong database address is not repeated in the error: it may hold a password', () => {
  expect(() => readConfig({ DATABASE_URL: 'mysql://u:made-up-password@h' })).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('made-up-password') }),
  );
});

test('every environment variable that is read is in the help, and none is that is not read', () => {
  const seen = new Set<string>();
  /** What each key source needs to be read to its end. */
  const needed: Record<string, string>[] = [
    {},
    { DRAWBRIDGE_KEY_SOURCE: 'env', DRAWBRIDGE_KEK: Buffer.alloc(32, 7).toString('base64') },
    { DRAWBRIDGE_KEY_SOURCE: 'command', DRAWBRIDGE_KEK_COMMAND: '["/made/up"]' },
    {
      DRAWBRIDGE_KEY_SOURCE: 'vault-transit',
      DRAWBRIDGE_TRANSIT_URL: 'https://vault.internal',
      DRAWBRIDGE_TRANSIT_TOKEN: 'made-up',
    },
    {
      DRAWBRIDGE_KEY_SOURCE: 'aws-kms',
      DRAWBRIDGE_KMS_KEY: 'made-up',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'made-up',
      AWS_SECRET_ACCESS_KEY: 'made-up',
    },
  ];
  for (const values of needed) {
    readConfig(
      new Proxy({} as Record<string, string | undefined>, {
        get(_, name) {
          seen.add(String(name));
          return values[String(name)];
        },
      }),
    );
  }
  const ours = [...seen].filter((name) => name.startsWith('DRAWBRIDGE_') || name === 'DATABASE_URL');
  expect(ours.toSorted()).toEqual(settings.map((setting) => setting.variable as string).toSorted());
});

test('the gateway’s own settings are checked here and handed on as they are', () => {
  const tls = { DRAWBRIDGE_GATEWAY_TLS_CERT: '/c.pem', DRAWBRIDGE_GATEWAY_TLS_KEY: '/k.pem' };
  const config = readConfig({ ...tls, DRAWBRIDGE_GATEWAY_WORKERS: 'cores', DRAWBRIDGE_GATEWAY_EXTRA_CA: '' });
  expect(config.gatewayScheme).toBe('https');
  expect(config.gatewayEnv).toMatchObject({ ...tls, DRAWBRIDGE_GATEWAY_WORKERS: 'cores' });
  expect(config.gatewayEnv).not.toHaveProperty('DRAWBRIDGE_GATEWAY_EXTRA_CA');
  expect(readConfig({}).gatewayScheme).toBe('http');
});

test.each([
  [{}, '4411'],
  [{ DRAWBRIDGE_GATEWAY_PORT: '15410' }, '15411'],
  [{ DRAWBRIDGE_GATEWAY_PORT: '0' }, '0'],
  [{ DRAWBRIDGE_GATEWAY_PORT: '65535' }, '0'],
  [{ DRAWBRIDGE_GATEWAY_PORT: '15410', DRAWBRIDGE_EGRESS_PORT: '4499' }, '4499'],
])('of %o the egress proxy listens at %s', (env, port) => {
  expect(readConfig(env).gatewayEnv.DRAWBRIDGE_EGRESS_PORT).toBe(port);
});

test.each([
  [{ DRAWBRIDGE_GATEWAY_HOST: '0.0.0.0' }, 'DRAWBRIDGE_GATEWAY_HOST'],
  [{ DRAWBRIDGE_GATEWAY_WORKERS: 'two' }, 'DRAWBRIDGE_GATEWAY_WORKERS'],
  [{ DRAWBRIDGE_GATEWAY_DURABILITY: 'sometimes' }, 'DRAWBRIDGE_GATEWAY_DURABILITY'],
  [{ DRAWBRIDGE_GATEWAY_KEEP_LOG: '183' }, 'DRAWBRIDGE_GATEWAY_KEEP_LOG'],
  [{ DRAWBRIDGE_GATEWAY_KEEP_SEGMENTS: '0' }, 'DRAWBRIDGE_GATEWAY_KEEP_SEGMENTS'],
])('%o is refused before anything is started', (env, variable) => {
  expect(() => readConfig(env)).toThrow(ConfigError);
  expect(() => readConfig(env)).toThrow(`${variable}: `);
});

test('is read without loading the control plane, the gateway or a package: each command begins with it', () => {
  const told = `
    import { registerHooks } from 'node:module';
    registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) });
    await import(${JSON.stringify(new URL('./config.ts', import.meta.url).href)});`;
  const done = spawnSync(process.execPath, ['--input-type=module', '--eval', told], { encoding: 'utf8' });
  const loaded = done.stdout.split('\n').filter((line) => line.startsWith('file:'));
  expect(loaded.join('\n')).toContain('/server/config-values.ts');
  expect(loaded.filter((url) => url.includes('/node_modules/'))).toEqual([]);
  expect(loaded.length).toBeLessThan(20);
});
