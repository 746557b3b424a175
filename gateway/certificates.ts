import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { GatewayConfigError } from './config-error.ts';

const BEGIN = /-----BEGIN CERTIFICATE-----/g;
const ONE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificates of a PEM file that a setting names. Throws GatewayConfigError for a file that holds none, a broken
 * one, or the beginning of one: it may be half written.
 */
export async function readCertificates(variable: string, path: string): Promise<string[]> {
  const wrong = (what: string) =>
    new GatewayConfigError(variable, what, '/etc/drawbridge/tls/authorities.pem');
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw wrong(`${path} can't be read (${code})`);
  });
  const found = text.match(ONE) ?? [];
  if (found.length === 0) throw wrong(`${path} holds no certificate in PEM`);
  if (found.length !== text.match(BEGIN)?.length) throw wrong(`${path} holds a certificate without its end`);
  for (const [at, pem] of found.entries()) {
    try {
      new X509Certificate(pem);
    } catch {
      throw wrong(`certificate ${at + 1} in ${path} can't be read`);
    }
  }
  return found;
}
