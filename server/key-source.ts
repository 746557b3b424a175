import { isAbsolute } from 'node:path';
import { type KeySource, type KeySourceKind, keySourceKinds } from '@drawbridge/control/key-sources';
import { ConfigError } from './config-values.ts';

type Env = Readonly<Record<string, string | undefined>>;

const setting = (variable: string, fallback: string, text: string) => ({
  variable,
  flag: null,
  fallback,
  text,
});

/** The settings of the key source, for the help. */
export const keySourceSettings = [
  setting(
    'DRAWBRIDGE_KEY_SOURCE',
    'file',
    'where the key-encryption key is: file, env, command, vault-transit, aws-kms',
  ),
  setting('DRAWBRIDGE_KEK', '(none)', 'env: the key, 32 bytes in base64'),
  setting(
    'DRAWBRIDGE_KEK_COMMAND',
    '(none)',
    'command: program and arguments as a JSON list; prints the key',
  ),
  setting('DRAWBRIDGE_TRANSIT_URL', '(none)', 'vault-transit: address of HashiCorp Vault or OpenBao'),
  setting('DRAWBRIDGE_TRANSIT_KEY', 'drawbridge', 'vault-transit: name of the key'),
  setting('DRAWBRIDGE_TRANSIT_MOUNT', 'transit', 'vault-transit: where the engine is mounted'),
  setting('DRAWBRIDGE_TRANSIT_TOKEN_FILE', '(none)', 'vault-transit: file of the token, read at each use'),
  setting('DRAWBRIDGE_TRANSIT_TOKEN', '(none)', 'vault-transit: the token itself'),
  setting('DRAWBRIDGE_TRANSIT_NAMESPACE', '(none)', 'vault-transit: namespace'),
  setting('DRAWBRIDGE_TRANSIT_CA', '(built-in ones)', 'vault-transit: authorities that vouch for it, PEM'),
  setting(
    'DRAWBRIDGE_KMS_KEY',
    '(none)',
    'aws-kms: key id, ARN or alias; credentials are AWS_ACCESS_KEY_ID and so on',
  ),
  setting('DRAWBRIDGE_KMS_REGION', 'AWS_REGION', 'aws-kms: its region'),
  setting('DRAWBRIDGE_KMS_ENDPOINT', "the region's own", 'aws-kms: another address, such as a VPC endpoint'),
  setting('DRAWBRIDGE_KMS_CA', '(built-in ones)', 'aws-kms: authorities that vouch for it, PEM'),
  setting('DRAWBRIDGE_KEY_TIMEOUT', '10', 'seconds that a key source may take for one answer, 1 to 30'),
] as const;

/** What holds a secret: nothing that this program starts is to find it in its environment. */
export const secretVariables = [
  'DRAWBRIDGE_KEK',
  'DRAWBRIDGE_NEXT_KEK',
  'DRAWBRIDGE_TRANSIT_TOKEN',
  'DRAWBRIDGE_NEXT_TRANSIT_TOKEN',
] as const;

/** Reads where the key-encryption key is. No error shows the value of a secret. Throws ConfigError. */
export function readKeySource(env: Env): KeySource {
  const given = env.DRAWBRIDGE_KEY_SOURCE || 'file';
  const kind = keySourceKinds.find((one) => one === given);
  if (kind === undefined)
    throw new ConfigError(
      'DRAWBRIDGE_KEY_SOURCE',
      `"${given.slice(0, 40)}" is none of ${keySourceKinds.join(', ')}`,
      'file',
    );
  if (kind !== 'env' && env.DRAWBRIDGE_KEK)
    throw new ConfigError(
      'DRAWBRIDGE_KEY_SOURCE',
      `DRAWBRIDGE_KEK is set and would not be used, as the source is ${kind}. Say which is meant`,
      'env',
    );
  return readSource(env, kind);
}

/**
 * The source that keys are rotated to. What it needs is set as for the one in use, or with `DRAWBRIDGE_NEXT_` in front of
 * a name without `DRAWBRIDGE_` where that is the same setting with another value. Throws ConfigError.
 */
export function readNextKeySource(env: Env, given: string): KeySource {
  const kind = keySourceKinds.find((one) => one === given);
  if (kind === undefined)
    throw new ConfigError('--to', `"${given.slice(0, 40)}" is none of ${keySourceKinds.join(', ')}`, 'file');
  const next = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith('DRAWBRIDGE_NEXT_') ? [[name.replace('_NEXT_', '_'), value] as const] : [],
  );
  return readSource({ ...env, ...Object.fromEntries(next) }, kind);
}

function readSource(env: Env, kind: KeySourceKind): KeySource {
  switch (kind) {
    case 'file':
      return { kind };
    case 'env':
      return { kind, key: given(env, 'DRAWBRIDGE_KEK', 'the key, from "openssl rand -base64 32"') };
    case 'command':
      return { kind, argv: commandOf(env), env: environmentOf(env), timeoutMs: timeoutOf(env) };
    case 'vault-transit':
      return transitOf(env);
    case 'aws-kms':
      return kmsOf(env);
  }
}

function given(env: Env, variable: string, example: string): string {
  const value = env[variable];
  if (value) return value;
  throw new ConfigError(variable, 'this key source needs it, and it is not set', example);
}

function commandOf(env: Env): string[] {
  const variable = 'DRAWBRIDGE_KEK_COMMAND';
  const example = '["/usr/local/bin/our-safe","read","drawbridge"]';
  const wrong = () =>
    new ConfigError(variable, 'it is no JSON list of a program (its whole path) and its arguments', example);
  let argv: unknown;
  try {
    argv = JSON.parse(given(env, variable, example));
  } catch (error) {
    if (error instanceof SyntaxError) throw wrong();
    throw error;
  }
  if (!Array.isArray(argv) || !argv.every((part) => typeof part === 'string' && !part.includes('\0')))
    throw wrong();
  if (argv[0] === undefined || !isAbsolute(argv[0])) throw wrong();
  return argv;
}

/** What most programs need to find their own settings; nothing of ours. */
function environmentOf(env: Env): Record<string, string> {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR'];
  return Object.fromEntries(names.flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
}

function timeoutOf(env: Env): number {
  const text = env.DRAWBRIDGE_KEY_TIMEOUT || '10';
  const seconds = Number(text);
  if (/^\d{1,2}$/.test(text) && seconds >= 1 && seconds <= 30) return seconds * 1000;
  throw new ConfigError('DRAWBRIDGE_KEY_TIMEOUT', `"${text.slice(0, 40)}" is not 1 to 30 seconds`, '10');
}

/** `https:`, or `http:` to this machine alone: what is sent would be in clear on the way. */
function addressOf(variable: string, text: string, example: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isHere = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (
    url === null ||
    !(url.protocol === 'https:' || (url.protocol === 'http:' && isHere)) ||
    url.username !== '' ||
    url.search !== ''
  )
    throw new ConfigError(
      variable,
      'it is no https:// address without user and query; http:// goes for this machine only, as keys would cross in clear',
      example,
    );
  return url.href.replace(/\/+$/, '');
}

function fileOf(env: Env, variable: string, example: string): string | null {
  const path = env[variable];
  if (!path) return null;
  if (isAbsolute(path) && !path.includes('\0')) return path;
  throw new ConfigError(variable, 'it is no whole path of a file', example);
}

function nameOf(env: Env, variable: string, fallback: string): string {
  const name = env[variable] || fallback;
  if (/^[\w.-]+(\/[\w.-]+)*$/.test(name) && !name.split('/').includes('..')) return name;
  throw new ConfigError(variable, 'letters, digits, and . _ - / are what it may have', fallback);
}

function transitOf(env: Env): KeySource {
  const url = given(env, 'DRAWBRIDGE_TRANSIT_URL', 'https://vault.internal:8200');
  const file = fileOf(env, 'DRAWBRIDGE_TRANSIT_TOKEN_FILE', '/run/vault/token');
  const token =
    file === null
      ? { value: given(env, 'DRAWBRIDGE_TRANSIT_TOKEN', 'hvs.…, or DRAWBRIDGE_TRANSIT_TOKEN_FILE instead') }
      : { file };
  if ('value' in token && !/^[\x21-\x7e]+$/.test(token.value))
    throw new ConfigError(
      'DRAWBRIDGE_TRANSIT_TOKEN',
      'it holds what no token has (it is not shown)',
      'hvs.…',
    );
  return {
    kind: 'vault-transit',
    url: addressOf('DRAWBRIDGE_TRANSIT_URL', url, 'https://vault.internal:8200'),
    mount: nameOf(env, 'DRAWBRIDGE_TRANSIT_MOUNT', 'transit'),
    key: nameOf(env, 'DRAWBRIDGE_TRANSIT_KEY', 'drawbridge'),
    token,
    namespace: env.DRAWBRIDGE_TRANSIT_NAMESPACE ? nameOf(env, 'DRAWBRIDGE_TRANSIT_NAMESPACE', 'team') : null,
    caFile: fileOf(env, 'DRAWBRIDGE_TRANSIT_CA', '/etc/ssl/vault-ca.pem'),
    timeoutMs: timeoutOf(env),
  };
}

function kmsOf(env: Env): KeySource {
  const keyId = given(env, 'DRAWBRIDGE_KMS_KEY', 'alias/drawbridge');
  const region = env.DRAWBRIDGE_KMS_REGION || env.AWS_REGION || env.AWS_DEFAULT_REGION || '';
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region))
    throw new ConfigError('DRAWBRIDGE_KMS_REGION', 'neither it nor AWS_REGION is a region', 'eu-central-1');
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return {
    kind: 'aws-kms',
    keyId,
    region,
    endpoint: addressOf(
      'DRAWBRIDGE_KMS_ENDPOINT',
      env.DRAWBRIDGE_KMS_ENDPOINT || `https://kms.${region}.${suffix}`,
      `https://kms.${region}.${suffix}`,
    ),
    credentials: {
      accessKeyId: given(env, 'AWS_ACCESS_KEY_ID', 'AKIA…'),
      secretAccessKey: given(env, 'AWS_SECRET_ACCESS_KEY', '…'),
      sessionToken: env.AWS_SESSION_TOKEN || null,
    },
    caFile: fileOf(env, 'DRAWBRIDGE_KMS_CA', '/etc/ssl/kms-ca.pem'),
    timeoutMs: timeoutOf(env),
  };
}
