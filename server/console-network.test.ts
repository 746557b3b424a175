import { expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const tls = { DRAWBRIDGE_TLS_CERT: '/c.pem', DRAWBRIDGE_TLS_KEY: '/k.pem' };
const proxy = { DRAWBRIDGE_TRUSTED_PROXY: '10.0.3.7, 10.0.4.0/24' };
const name = { DRAWBRIDGE_PUBLIC_URL: 'https://drawbridge.example' };
const everywhere = { DRAWBRIDGE_HOST: '0.0.0.0' };

test.each([
  ['without TLS and proxy', everywhere, 'DRAWBRIDGE_HOST'],
  ['with a name alone', { ...everywhere, ...name }, 'DRAWBRIDGE_HOST'],
  ['with a name alone on this machine', name, 'DRAWBRIDGE_TLS_CERT'],
  ['with TLS and no name', { ...everywhere, ...tls }, 'DRAWBRIDGE_PUBLIC_URL'],
  ['with a proxy and no name', { ...everywhere, ...proxy }, 'DRAWBRIDGE_PUBLIC_URL'],
  ['with a certificate and no key', { ...name, DRAWBRIDGE_TLS_CERT: '/c.pem' }, 'DRAWBRIDGE_TLS_KEY'],
  ['with a key and no certificate', { ...name, DRAWBRIDGE_TLS_KEY: '/k.pem' }, 'DRAWBRIDGE_TLS_CERT'],
  [
    'with a proxy that is no address',
    { ...name, DRAWBRIDGE_TRUSTED_PROXY: 'proxy.internal' },
    'DRAWBRIDGE_TRUSTED_PROXY',
  ],
  [
    'with a range that is everybody',
    { ...name, DRAWBRIDGE_TRUSTED_PROXY: '0.0.0.0/0' },
    'DRAWBRIDGE_TRUSTED_PROXY',
  ],
  [
    'under a name in clear',
    { ...tls, DRAWBRIDGE_PUBLIC_URL: 'http://drawbridge.example' },
    'DRAWBRIDGE_PUBLIC_URL',
  ],
  [
    'below a path',
    { ...tls, DRAWBRIDGE_PUBLIC_URL: 'https://corp.example/drawbridge' },
    'DRAWBRIDGE_PUBLIC_URL',
  ],
  [
    'under a name with a user',
    { ...tls, DRAWBRIDGE_PUBLIC_URL: 'https://a@corp.example' },
    'DRAWBRIDGE_PUBLIC_URL',
  ],
  ['under no name', { ...tls, DRAWBRIDGE_PUBLIC_URL: 'drawbridge' }, 'DRAWBRIDGE_PUBLIC_URL'],
  ['at an address with a slip', { ...tls, ...name, DRAWBRIDGE_HOST: '10.0.0' }, 'DRAWBRIDGE_HOST'],
])('a console %s is not started', (_, env, variable) => {
  try {
    readConfig(env);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).variable).toBe(variable);
    expect((error as ConfigError).message).toContain(`For example: ${variable}=`);
  }
});

test('beyond this machine it is reached over its own TLS, or through proxies, under one name', () => {
  expect(readConfig({}).network).toEqual({ host: '127.0.0.1', beyond: null, localPort: 0 });
  expect(readConfig({ ...everywhere, ...tls, ...name, DRAWBRIDGE_LOCAL_PORT: '4401' }).network).toEqual({
    host: '0.0.0.0',
    beyond: { origin: 'https://drawbridge.example', tls: { cert: '/c.pem', key: '/k.pem' }, proxies: null },
    localPort: 4401,
  });
  const { beyond } = readConfig({ ...everywhere, ...proxy, ...name }).network;
  expect(beyond?.tls).toBeNull();
  expect(beyond?.proxies?.check('10.0.4.9')).toBe(true);
  expect(beyond?.proxies?.check('10.0.5.9')).toBe(false);
});

test('flags of start go before the environment', () => {
  const flags = { host: '::', publicUrl: 'https://other.example:8443/', tlsCert: '/a', tlsKey: '/b' };
  expect(readConfig({ ...everywhere, ...tls, ...name }, flags).network).toMatchObject({
    host: '::',
    beyond: { origin: 'https://other.example:8443', tls: { cert: '/a', key: '/b' } },
  });
});
