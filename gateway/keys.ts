import { generateKeyPair } from '@drawbridge/envelope';

/** What a gateway holds of its own. It lies in one file outside the data directory, readable by its owner alone. */
export interface GatewayKeys {
  /** The gateway's id. */
  id: string;
  /** Bearer token with which it speaks to the control plane. */
  token: string;
  /** X25519, 32 raw bytes each: credentials and secrets are sealed to it. */
  publicKey: Buffer;
  privateKey: Buffer;
  /** AES-256 key of the snapshot file on disk, 32 bytes. */
  snapshotKey: Buffer;
}

/** The same as it stands in the file: bytes as base64url. */
export interface GatewayKeyFile {
  format: 'drawbridge.gateway-keys/1';
  id: string;
  token: string;
  publicKey: string;
  privateKey: string;
  snapshotKey: string;
}

/** A key file that can't be used. The message names the member, never its value. */
export class GatewayKeysError extends Error {
  readonly code = 'gateway_keys';
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'GatewayKeysError';
  }
}

/** Makes the keys of a new gateway. `random` gives bytes for the snapshot key. */
export async function newGatewayKeys(
  id: string,
  token: string,
  random: (bytes: number) => Uint8Array,
): Promise<GatewayKeyFile> {
  const pair = await generateKeyPair();
  return {
    format: 'drawbridge.gateway-keys/1',
    id,
    token,
    publicKey: Buffer.from(pair.publicKey).toString('base64url'),
    privateKey: Buffer.from(pair.privateKey).toString('base64url'),
    snapshotKey: Buffer.from(random(32)).toString('base64url'),
  };
}

/** Reads the parsed JSON of a key file. Throws GatewayKeysError. */
export function readGatewayKeys(value: unknown): GatewayKeys {
  if (typeof value !== 'object' || value === null || !('format' in value)) {
    throw new GatewayKeysError('The gateway key file does not hold a JSON object with a "format".');
  }
  if (value.format !== 'drawbridge.gateway-keys/1') {
    throw new GatewayKeysError('The gateway key file has a format that this build does not know.');
  }
  const members: Record<string, unknown> = { ...value };
  return {
    id: text(members, 'id'),
    token: text(members, 'token'),
    publicKey: key(members, 'publicKey'),
    privateKey: key(members, 'privateKey'),
    snapshotKey: key(members, 'snapshotKey'),
  };
}

function text(members: Record<string, unknown>, name: string): string {
  const value = members[name];
  if (typeof value === 'string' && /^[!-~]{1,200}$/.test(value)) return value;
  throw new GatewayKeysError(`"${name}" of the gateway key file is missing or not plain text.`);
}

function key(members: Record<string, unknown>, name: string): Buffer {
  const bytes = Buffer.from(text(members, name), 'base64url');
  if (bytes.length === 32) return bytes;
  throw new GatewayKeysError(`"${name}" of the gateway key file must be 32 bytes in base64url.`);
}
