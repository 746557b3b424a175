import { generateKeyPair, openSealed } from '@drawbridge/envelope';
import type { Platform } from '../platform.ts';
import { blobSealer, type Sealer } from './sealing.ts';

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;

/** Seals under a key pair of this process, where a test needs no vault; under `keys` where processes share one. */
export async function testSealer(platform: Platform, keys?: KeyPair): Promise<() => Promise<Sealer>> {
  const { publicKey, privateKey } = keys ?? (await generateKeyPair());
  return blobSealer(platform, {
    publicKey: Buffer.from(publicKey),
    open: async (sealed, context) => openSealed(privateKey, sealed, context),
  });
}
