import { VaultFailure } from '../failure.ts';
import { isRecord, PASSING, type PostAnswer, post, readText } from './http.ts';
import { contextOf, type Kek, type KeyUse } from './kek.ts';
import type { TransitSource } from './settings.ts';

/**
 * Wraps by the transit engine of HashiCorp Vault or OpenBao
 * (https://openbao.org/api-docs/secret/transit/#encrypt-data): the key never leaves it. What the data key is for goes along
 * as `associated_data`, which keys of type aes256-gcm96, aes128-gcm96 and chacha20-poly1305 take.
 */
export function transitKek(source: TransitSource): Kek {
  const call = async (act: 'encrypt' | 'decrypt', body: object): Promise<PostAnswer> =>
    post(
      {
        url: new URL(`${source.url}/v1/${source.mount}/${act}/${encodeURIComponent(source.key)}`),
        headers: () => ({
          'content-type': 'application/json',
          'x-vault-request': 'true',
          'x-vault-token': tokenOf(source),
          ...(source.namespace === null ? {} : { 'x-vault-namespace': source.namespace }),
        }),
        body: Buffer.from(JSON.stringify(body)),
        caFile: source.caFile,
        timeoutMs: source.timeoutMs,
        who: 'The transit engine',
      },
      (answer) => PASSING.has(answer.status) && !says(answer, UNOPENED),
    );
  const associated = (use: KeyUse) => ({ associated_data: contextOf(use).toString('base64') });

  return {
    async wrap(plaintext, use) {
      const answer = await call('encrypt', {
        plaintext: Buffer.from(plaintext).toString('base64'),
        ...associated(use),
      });
      const ciphertext = memberOf(answer, 'ciphertext');
      if (ciphertext === null) throw refused(source, 'encrypt', answer);
      return Buffer.from(ciphertext, 'utf8');
    },
    async unwrap(wrapped, use) {
      const ciphertext = Buffer.from(wrapped).toString('utf8');
      const answer = await call('decrypt', { ciphertext, ...associated(use) });
      const plaintext = memberOf(answer, 'plaintext');
      if (plaintext !== null) return Buffer.from(plaintext, 'base64');
      // Another key, other associated data, changed bytes: 400, in some releases 500.
      if (says(answer, UNOPENED) || (answer.status === 400 && !says(answer, MISSING))) return null;
      throw refused(source, 'decrypt', answer);
    },
  };
}

function tokenOf({ token }: TransitSource): string {
  return 'value' in token ? token.value : readText(token.file).trim();
}

function memberOf({ status, body }: PostAnswer, name: string): string | null {
  if (status !== 200 || body === null || !isRecord(body.data)) return null;
  const value = body.data[name];
  return typeof value === 'string' ? value : null;
}

const MISSING = /encryption key not found/;
const UNOPENED = /message authentication failed/;

const says = ({ body }: PostAnswer, what: RegExp): boolean =>
  Array.isArray(body?.errors) && body.errors.some((text) => what.test(String(text)));

function refused(source: TransitSource, act: string, answer: PostAnswer): VaultFailure {
  const { status } = answer;
  const where = `The transit engine at ${source.url}`;
  const path = `${source.mount}/${act}/${source.key}`;
  if (status === 403)
    return new VaultFailure(
      'kek_denied',
      `${where} does not let this token do "update" on ${path} (403): it is wrong or expired, or its policy lacks that path. Nothing was changed.`,
    );
  if (status === 503)
    return new VaultFailure(
      'kek_unavailable',
      `${where} is sealed or in maintenance (503). Unseal it; what waits for it goes on by itself. Nothing was changed.`,
    );
  if (status === 404 || says(answer, MISSING))
    return new VaultFailure(
      'kek_missing',
      `${where} has no ${path} (${status}): the mount, the namespace or the key's name is another. Nothing was changed.`,
    );
  if (status === 400)
    return new VaultFailure(
      'kek_unusable',
      `${where} can not ${act} with the key "${source.key}" (400): it has to be of a type that takes associated data, such as aes256-gcm96, and not derived. Nothing was changed.`,
    );
  return new VaultFailure(
    'kek_unavailable',
    `${where} answered ${act} with status ${status} and nothing that can be used. Nothing was changed.`,
  );
}
