import { generateKeyPair, openSealed } from '@drawbridge/envelope';
import type { Platform } from '../platform.ts';
import { blobSealer, type Sealer } from './sealing.ts';

/** Seals under a key pair of this process, where a test needs no vault. */
export async function testSealer(platform: Platform): Promise<() => Promise<Sealer>> {
  const { publicKey, privateKey } = await generateKeyPair();
  return blobSealer(platform, {
    publicKey: Buffer.from(publicKey),
    open: async (sealed, context) => openSealed(privateKey, sealed, context),
  });
}
