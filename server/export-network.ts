import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import type { ControlOptions } from '@drawbridge/control';
import { ConfigError } from './config.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * What pushing events needs from this machine: `<NAME>` or the file that `<NAME>_FILE` names holds a header's secret, read
 * at each use so that it can be changed, and `<NAME>_HOST` says where alone it is sent. Whoever may set the push names
 * one of these variables and no file: else a setting could have any file of the server sent away. Throws ConfigError.
 */
export async function exportNetworkFrom(
  env: Env,
  caPath: string | null,
): Promise<ControlOptions['exportNetwork']> {
  const ca = caPath === null ? null : await authorities('DRAWBRIDGE_EXPORT_CA', caPath);
  return {
    async secret(variable) {
      const value = env[variable] ?? (await fileOf(env[`${variable}_FILE`]));
      const host = env[`${variable}_HOST`];
      return value === null || host === undefined ? null : { value, host };
    },
    resolve,
    ...(ca === null ? {} : { ca }),
  };
}

/** What reaching witnesses needs from this machine. Throws ConfigError. */
export async function witnessNetworkFrom(caPath: string | null): Promise<ControlOptions['witnessNetwork']> {
  return caPath === null ? { resolve } : { resolve, ca: await authorities('DRAWBRIDGE_WITNESS_CA', caPath) };
}

/** What reaching the issuers of people's and workloads' tokens needs from this machine. Throws ConfigError. */
export async function issuerNetworkFrom(caPath: string | null): Promise<ControlOptions['issuerNetwork']> {
  return caPath === null ? { resolve } : { resolve, ca: await authorities('DRAWBRIDGE_ISSUER_CA', caPath) };
}

/** What reaching the organisation's mail server needs from this machine. Throws ConfigError. */
export async function mailNetworkFrom(caPath: string | null): Promise<ControlOptions['mailNetwork']> {
  return caPath === null ? { resolve } : { resolve, ca: await authorities('DRAWBRIDGE_MAIL_CA', caPath) };
}

const resolve = (host: string) => lookup(host, { all: true });

async function authorities(variable: string, path: string): Promise<string> {
  const wrong = (text: string) => new ConfigError(variable, text, '/etc/ssl/authorities.pem');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw wrong(`the file can not be read (${error.code})`);
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw wrong('the file holds no certificate in PEM');
  return text;
}

/** Null where there is no file: what is missing is said with the push, not by stopping everything. */
async function fileOf(path: string | undefined): Promise<string | null> {
  if (path === undefined) return null;
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'EACCES') return null;
    throw error;
  });
  return text?.trim() ?? null;
}
