import { sealTo } from '@drawbridge/envelope';
import type { Sealed } from '@drawbridge/protocol';
import { z } from 'zod';
import type { PayloadKey } from '../vault/index.ts';

/** Whom an erasure is about, who asked for it and why: what carrying it out again needs, and nobody may read. */
const SecretPartSchema = z.strictObject({
  subjects: z
    .array(
      z.strictObject({ about: z.enum(['person', 'organisation']), pseudonym: z.string().min(1).max(44) }),
    )
    .min(1),
  actor: z.string(),
  reason: z.string(),
});
export type SecretPart = z.infer<typeof SecretPartSchema>;

/**
 * Seals and opens them. The key pair is the one that gateways seal payloads to: it is there from a deployment's first
 * start, so that whatever backup is restored can open the erasures made after it.
 */
export interface Sealing {
  seal(id: string, part: SecretPart): Promise<Sealed>;
  /** Throws VaultError `unreadable` for what was sealed to another deployment's key. */
  open(id: string, sealed: Sealed): Promise<SecretPart>;
}

export function sealingWith(key: PayloadKey, deployment: string): Sealing {
  const contextOf = (id: string) => Buffer.from(JSON.stringify(['drawbridge erasure 1', deployment, id]));
  return {
    seal: (id, part) => sealTo(key.publicKey, Buffer.from(JSON.stringify(part)), contextOf(id)),
    async open(id, sealed) {
      const bytes = await key.open(sealed, contextOf(id));
      return SecretPartSchema.parse(JSON.parse(bytes.toString('utf8')));
    },
  };
}
