import { getCACertificates } from 'node:tls';
import { readCertificates } from '../certificates.ts';

/**
 * The certificate authorities that vendors are verified with: the built-in ones and those of the file. Null: the
 * built-in ones alone. Throws GatewayConfigError for a file that holds no certificate, or a broken one.
 */
export async function readRoots(path: string | null): Promise<string[] | null> {
  if (path === null) return null;
  return [...getCACertificates('default'), ...(await readCertificates('DRAWBRIDGE_GATEWAY_EXTRA_CA', path))];
}
