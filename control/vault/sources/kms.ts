import { Sigv4Signer } from '@drawbridge/sigv4';
import { VaultFailure } from '../failure.ts';
import { type PostAnswer, post } from './http.ts';
import type { Kek, KeyUse } from './kek.ts';
import type { KmsSource } from './settings.ts';

/** The ciphertext is none of this key, this context, or was changed. */
const NOT_OURS = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);
const DENIED = new Set([
  'AccessDeniedException',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'ExpiredTokenException',
  'IncompleteSignature',
  'MissingAuthenticationTokenException',
  'OptInRequired',
]);
const UNUSABLE = new Set(['DisabledException', 'InvalidKeyUsageException', 'KMSInvalidStateException']);
const PASSING = new Set([
  'ThrottlingException',
  'DependencyTimeoutException',
  'KeyUnavailableException',
  'KMSInternalException',
]);

/**
 * Wraps by AWS KMS (https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html): the key never leaves it. What
 * the data key is for is its encryption context, which CloudTrail shows.
 */
export function kmsKek(source: KmsSource): Kek {
  const url = new URL(`${source.endpoint}/`);
  const { accessKeyId, secretAccessKey, sessionToken } = source.credentials;
  const signer = new Sigv4Signer({
    accessKeyId,
    secretAccessKey,
    sessionToken: sessionToken ?? undefined,
    region: source.region,
    service: 'kms',
  });
  const call = (act: 'Encrypt' | 'Decrypt', members: object): Promise<PostAnswer> => {
    const body = Buffer.from(JSON.stringify({ KeyId: source.keyId, ...members }));
    const headers = [
      ['content-type', 'application/x-amz-json-1.1'],
      ['x-amz-target', `TrentService.${act}`],
    ] as const;
    const signed = () =>
      signer.sign(
        { method: 'POST', host: url.host, path: url.pathname, query: '', headers, body },
        Date.now(),
      );
    return post(
      {
        url,
        headers: () => Object.fromEntries([...headers, ...signed()]),
        body,
        caFile: source.caFile,
        timeoutMs: source.timeoutMs,
        who: 'AWS KMS',
      },
      (answer) => answer.status >= 500 || PASSING.has(errorOf(answer)),
    );
  };

  return {
    async wrap(plaintext, use) {
      const answer = await call('Encrypt', {
        Plaintext: Buffer.from(plaintext).toString('base64'),
        EncryptionContext: contextMap(use),
      });
      const blob = memberOf(answer, 'CiphertextBlob');
      if (blob === null) throw refused(source, 'Encrypt', answer);
      return blob;
    },
    async unwrap(wrapped, use) {
      const answer = await call('Decrypt', {
        CiphertextBlob: Buffer.from(wrapped).toString('base64'),
        EncryptionContext: contextMap(use),
      });
      const plaintext = memberOf(answer, 'Plaintext');
      if (plaintext !== null) return plaintext;
      if (NOT_OURS.has(errorOf(answer))) return null;
      throw refused(source, 'Decrypt', answer);
    },
  };
}

const contextMap = ({ use, deployment, version }: KeyUse) => ({
  'drawbridge:deployment': deployment,
  'drawbridge:use': use,
  'drawbridge:version': String(version),
});

function memberOf({ status, body }: PostAnswer, name: string): Buffer | null {
  const value = status === 200 ? body?.[name] : undefined;
  return typeof value === 'string' ? Buffer.from(value, 'base64') : null;
}

/** The last part of `__type`, which may have a namespace in front. */
function errorOf({ body }: PostAnswer): string {
  const type = body?.__type;
  return typeof type === 'string' ? (type.split('#').at(-1) ?? '') : '';
}

function refused(source: KmsSource, act: string, answer: PostAnswer): VaultFailure {
  const error = errorOf(answer);
  const what = `${error === '' ? `status ${answer.status}` : error}, asked to ${act} with ${source.keyId} in ${source.region}`;
  if (DENIED.has(error) || answer.status === 403)
    return new VaultFailure(
      'kek_denied',
      `AWS KMS refuses these credentials: ${what}. They need kms:${act} on this key, and a session token where they are temporary. Nothing was changed.`,
    );
  if (error === 'NotFoundException')
    return new VaultFailure('kek_missing', `AWS KMS knows no such key: ${what}. Nothing was changed.`);
  if (UNUSABLE.has(error))
    return new VaultFailure(
      'kek_unusable',
      `The key in AWS KMS can not be used: ${what}. It has to be enabled, symmetric, and for ENCRYPT_DECRYPT. Nothing was changed.`,
    );
  return new VaultFailure(
    'kek_unavailable',
    `AWS KMS does not do its work: ${what}. Nothing was changed; try again later.`,
  );
}
