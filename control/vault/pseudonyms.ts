import { canonicalIdentifier } from '@drawbridge/minimise';
import type { Vault } from './client.ts';
import type { Secrets } from './secrets.ts';

const LENGTH = 22;

/** The pseudonym under which the ledger knows an identifier; `''` for one that is empty. */
export type PseudonymOf = (identifier: string) => Promise<string>;

/** Pseudonyms as gateways make them: of an identifier in its one form, under the ledger key, inside the vault. */
export function ledgerPseudonyms(
  vault: Pick<Vault, 'keyedHash'>,
  secrets: Pick<Secrets, 'get'>,
): PseudonymOf {
  return async (identifier) => {
    const canonical = canonicalIdentifier(identifier);
    if (canonical === '') return '';
    const { wrapped, context } = await secrets.get('ledger');
    const hash = await vault.keyedHash(wrapped, context, `id\n${canonical}`);
    return hash.toString('base64url').slice(0, LENGTH);
  };
}
