import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { getCACertificates } from 'node:tls';
import { GatewayConfigError } from '../config-error.ts';

const VARIABLE = 'DRAWBRIDGE_GATEWAY_EXTRA_CA';
const ONE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * The certificate authorities that vendors are verified with: the built-in ones and those of the file. Null: the
 * built-in ones alone. Throws GatewayConfigError for a file that holds no certificate, or a broken one.
 */
export async function readRoots(path: string | null): Promise<string[] | null> {
  if (path === null) return null;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw wrong(`${path} can't be read (${code})`);
  });
  const found = text.match(ONE) ?? [];
  if (found.length === 0) throw wrong(`${path} holds no certificate in PEM`);
  for (const [at, pem] of found.entries()) {
    try {
      new X509Certificate(pem);
    } catch {
      throw wrong(`certificate ${at + 1} in ${path} can't be read`);
    }
  }
  return [...getCACertificates('default'), ...found];
}

function wrong(what: string): GatewayConfigError {
  return new GatewayConfigError(VARIABLE, what, '/etc/drawbridge/tls/corporate-roots.pem');
}
