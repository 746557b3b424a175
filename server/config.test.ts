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

test('every environment variable that is read is in the help', () => {
  const seen: string[] = [];
  const env = new Proxy({} as Record<string, string | undefined>, {
    get(_, name) {
      seen.push(String(name));
      return undefined;
    },
  });
  readConfig(env);
  const documented = settings.map((setting) => setting.variable as string);
  expect(seen.filter((name) => name !== 'XDG_CONFIG_HOME').sort()).toEqual([...documented].sort());
});

test('the gateway’s own settings are checked here and handed on as they are', () => {
  const tls = { DRAWBRIDGE_GATEWAY_TLS_CERT: '/c.pem', DRAWBRIDGE_GATEWAY_TLS_KEY: '/k.pem' };
  const config = readConfig({ ...tls, DRAWBRIDGE_GATEWAY_WORKERS: 'cores', DRAWBRIDGE_GATEWAY_EXTRA_CA: '' });
  expect(config.gatewayScheme).toBe('https');
  expect(config.gatewayEnv).toEqual({ ...tls, DRAWBRIDGE_GATEWAY_WORKERS: 'cores' });
  expect(readConfig({}).gatewayScheme).toBe('http');
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
