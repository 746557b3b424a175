/**
 * Where the key-encryption key is. `file`, `env` and `command` hand over its 32 bytes, and the vault wraps with them;
 * `vault-transit` and `aws-kms` keep theirs and are asked to wrap and to open.
 */
export const keySourceKinds = ['file', 'env', 'command', 'vault-transit', 'aws-kms'] as const;
export type KeySourceKind = (typeof keySourceKinds)[number];

/** All that the vault's process needs to reach the key. It goes to that process only, over its own channel. */
export type KeySource =
  | { kind: 'file' }
  | { kind: 'env'; key: string }
  | CommandSource
  | TransitSource
  | KmsSource;

export interface CommandSource {
  kind: 'command';
  /** Program and arguments: no shell reads them. */
  argv: readonly string[];
  /** All that the program finds in its environment. */
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
}

/** A transit mount of HashiCorp Vault or OpenBao. */
export interface TransitSource {
  kind: 'vault-transit';
  /** Without a slash at its end. */
  url: string;
  mount: string;
  key: string;
  /** The token, or the file that it is read from at each call: an agent may renew it there. */
  token: { value: string } | { file: string };
  namespace: string | null;
  /** Authorities to trust instead of the built-in ones, PEM. */
  caFile: string | null;
  timeoutMs: number;
}

export interface KmsSource {
  kind: 'aws-kms';
  /** Key id, ARN or alias. */
  keyId: string;
  region: string;
  /** Without a slash at its end. */
  endpoint: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string | null };
  caFile: string | null;
  timeoutMs: number;
}

/** Which key of the source, for people: nothing in it is secret. `id` is the deployment's number of it. */
export function labelOf(source: KeySource, { keyFile, id }: { keyFile: string; id: number }): string {
  switch (source.kind) {
    case 'file':
      return keyFileOf(keyFile, id);
    case 'env':
      return 'DRAWBRIDGE_KEK';
    case 'command':
      return source.argv[0] ?? '';
    case 'vault-transit':
      return `${source.url}/v1/${source.mount}/keys/${source.key}`;
    case 'aws-kms':
      return `${source.keyId} in ${source.region}`;
  }
}

/** The first key of a deployment lies in `<id>.kek`; one that it was rotated to in `<id>.kek-2`, and so on. */
export function keyFileOf(keyFile: string, id: number): string {
  return id === 1 ? keyFile : `${keyFile}-${id}`;
}

/** What the vault's process reads for this source beside the key files. */
export function filesOf(source: KeySource): string[] {
  if (source.kind === 'vault-transit') {
    const token = 'file' in source.token ? [source.token.file] : [];
    return [...token, ...(source.caFile === null ? [] : [source.caFile])];
  }
  return source.kind === 'aws-kms' && source.caFile !== null ? [source.caFile] : [];
}
