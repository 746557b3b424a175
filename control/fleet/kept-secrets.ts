import type { ScanConfig } from '@drawbridge/protocol';
import type { Platform } from '../platform/index.ts';
import { type Secrets, type Vault, VaultError } from '../vault/index.ts';
import type { StoredCredential, StoredSecret } from './content.ts';

type KeptSecret = ScanConfig['known'][number];

/** The vendors' credentials as scanners know them: by hashes that are made in the vault. */
export interface KeptSecrets {
  /** The key of the hashes, and of each credential its hash. One that has no telling form, or does not open, is left out. */
  of(credentials: readonly StoredCredential[]): Promise<{ key: StoredSecret; known: KeptSecret[] }>;
}

/** Hashes are made once per credential: what was entered is never changed. */
export function createKeptSecrets(
  platform: Platform,
  vault: Pick<Vault, 'keyedHashOfWrapped'>,
  secrets: Pick<Secrets, 'get'>,
): KeptSecrets {
  let made = new Map<string, KeptSecret | null>();

  async function hashOf(key: StoredSecret, { id, stored }: StoredCredential): Promise<KeptSecret | null> {
    const before = made.get(id);
    if (before !== undefined) return before;
    try {
      const run = await vault.keyedHashOfWrapped(key, stored);
      if (run === null) return null;
      const { hash, length } = run;
      return { id: `credential ${id}`, class: 'secret.api_key', length, hash: hash.toString('base64url') };
    } catch (error) {
      // As where it is sealed: its connection alone is out of service.
      if (!(error instanceof VaultError) || error.code !== 'unreadable') throw error;
      platform.log.error(
        { secret: stored.name },
        'a stored credential does not open: scanners do not know it',
      );
      return null;
    }
  }

  return {
    async of(credentials) {
      const key: StoredSecret = { name: 'scan', ...(await secrets.get('scan')) };
      const found = await Promise.all(
        credentials.map(
          async (one): Promise<[string, KeptSecret | null]> => [one.id, await hashOf(key, one)],
        ),
      );
      made = new Map(found);
      const known = found.flatMap(([, one]) => (one === null ? [] : [one]));
      return { key, known: known.sort((a, b) => (a.id < b.id ? -1 : 1)) };
    },
  };
}
