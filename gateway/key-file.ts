import { readFile, stat } from 'node:fs/promises';
import { type GatewayKeys, GatewayKeysError, readGatewayKeys } from './keys.ts';

/** Reads a gateway's keys, from a file that only its owner may read. Throws GatewayKeysError. */
export async function readKeyFile(path: string): Promise<GatewayKeys> {
  const { mode } = await stat(path).catch((cause: unknown) => {
    throw new GatewayKeysError(
      `The gateway key file ${path} can't be read. "drawbridge start" makes it at its first start; DRAWBRIDGE_GATEWAY_KEYS says where it lies.`,
      cause,
    );
  });
  if ((mode & 0o077) !== 0) {
    throw new GatewayKeysError(`${path} must be readable by its owner alone. Run: chmod 600 ${path}`);
  }
  const text = await readFile(path, 'utf8');
  try {
    return readGatewayKeys(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof GatewayKeysError) throw cause;
    // The parser's own message would quote the file.
    throw new GatewayKeysError(`The gateway key file ${path} does not hold JSON.`);
  }
}
