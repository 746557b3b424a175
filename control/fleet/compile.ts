import { type Sealed, SNAPSHOT_FORMAT, type Snapshot, SnapshotSchema } from '@drawbridge/protocol';
import type { Platform } from '../platform/index.ts';
import { type Vault, VaultError } from '../vault/index.ts';
import type { Content, StoredCredential, StoredSecret } from './content.ts';

/** A content that was given a version. */
export interface Publication {
  version: number;
  publishedAt: Date;
  content: Content;
}

/** Which gateway a snapshot is for. */
export interface Recipient {
  id: string;
  publicKey: Buffer;
}

interface SealedForGateway {
  publicKey: Buffer;
  byName: Map<string, Sealed>;
}

/**
 * Makes snapshots: seals the secrets of a publication to one gateway. What was sealed for it before is used again, so
 * that a change of one connection seals one credential.
 */
export class SnapshotCompiler {
  readonly #platform: Platform;
  readonly #vault: Vault;
  readonly #payloadKey: string;
  readonly #sealed = new Map<string, SealedForGateway>();

  /** `payloadKey`: the control plane's X25519 public key, base64url. */
  constructor(platform: Platform, vault: Vault, payloadKey: string) {
    this.#platform = platform;
    this.#vault = vault;
    this.#payloadKey = payloadKey;
  }

  /** Throws ZodError where the content is not what gateways read. */
  check(content: Content): void {
    const nothing: Sealed = { enc: 'x', ct: 'x' };
    const publication = { version: 1, publishedAt: new Date(0), content };
    SnapshotSchema.parse(this.#assemble(publication, 'any', () => nothing));
  }

  /** `publication`: of a content that was checked. Throws VaultError while the vault is away. */
  async compile(publication: Publication, gateway: Recipient): Promise<Snapshot> {
    const sealed = await this.#seal(publication.content, gateway);
    return this.#assemble(publication, gateway.id, (secret) => sealed.get(secret.name) ?? null);
  }

  #assemble(
    { version, publishedAt, content }: Publication,
    gateway: string,
    seal: (secret: StoredSecret) => Sealed | null,
  ): Snapshot {
    const must = (secret: StoredSecret): Sealed => {
      const sealed = seal(secret);
      if (sealed === null) throw new Error(`the secret "${secret.name}" was not sealed`);
      return sealed;
    };
    return {
      format: SNAPSHOT_FORMAT,
      version,
      deployment: this.#platform.deployment.id,
      gateway,
      made_at: publishedAt.getTime(),
      payload_key: this.#payloadKey,
      ledger_key: must(content.ledgerKey),
      review_key: must(content.reviewKey),
      vendor_secrets: content.vendorSecrets.map(({ vendor, epoch, stored }) => ({
        vendor,
        epoch,
        sealed: must(stored),
      })),
      services: content.services,
      connections: content.connections.map(({ credential, rotation, ...connection }) => ({
        ...connection,
        credential: credential === null ? null : sealedCredential(credential, seal(credential.stored)),
        ...(rotation === undefined ? {} : { rotation: { second: secondOf(rotation.second, seal) } }),
      })),
      keys: content.keys,
      // Left out where there are none: gateways that know of none read the rest.
      ...(content.canaries.length === 0 ? {} : { canaries: content.canaries }),
      reveal: content.reveal,
      ...(content.scan === undefined
        ? {}
        : {
            scan: {
              rules: content.scan.rules,
              hash_key: must(content.scan.stored),
              known: content.scan.known,
              ...(content.scan.custom === undefined ? {} : { custom: content.scan.custom }),
              ...(content.scan.phrases === undefined ? {} : { phrases: content.scan.phrases }),
            },
          }),
      ...(content.egress === undefined ? {} : { egress: content.egress }),
      ...(content.routes === undefined ? {} : { routes: content.routes }),
      ...(content.drills === undefined ? {} : { drills: content.drills }),
      ...(content.policies === undefined
        ? {}
        : { policies: content.policies.set, console: content.policies.console }),
    };
  }

  async #seal(content: Content, gateway: Recipient): Promise<ReadonlyMap<string, Sealed>> {
    const before = this.#sealed.get(gateway.id);
    const known = before?.publicKey.equals(gateway.publicKey) ? before.byName : new Map<string, Sealed>();
    const byName = new Map<string, Sealed>();
    const one = async (secret: StoredSecret, mayFail: boolean): Promise<void> => {
      const sealed = known.get(secret.name) ?? (await this.#sealOne(secret, gateway, mayFail));
      if (sealed !== null) byName.set(secret.name, sealed);
    };
    await Promise.all([
      one(content.ledgerKey, false),
      one(content.reviewKey, false),
      ...(content.scan === undefined ? [] : [one(content.scan.stored, false)]),
      ...content.vendorSecrets.map(({ stored }) => one(stored, false)),
      ...content.connections.flatMap(({ credential, rotation }) =>
        [credential, rotation?.second ?? null].flatMap((found) =>
          found === null ? [] : one(found.stored, true),
        ),
      ),
    ]);
    this.#sealed.set(gateway.id, { publicKey: gateway.publicKey, byName });
    return byName;
  }

  /** A credential that does not open (it was moved or changed in the database) takes its connection alone out of service. */
  async #sealOne(secret: StoredSecret, gateway: Recipient, mayFail: boolean): Promise<Sealed | null> {
    try {
      return await this.#vault.reseal(secret.wrapped, secret.context, gateway.publicKey, secret.context);
    } catch (error) {
      if (!mayFail || !(error instanceof VaultError) || error.code !== 'unreadable') throw error;
      this.#platform.log.error(
        { secret: secret.name },
        'a stored credential does not open where its connection points now: it must be entered again',
      );
      return null;
    }
  }
}

function sealedCredential(
  { stored: _, ...credential }: StoredCredential,
  sealed: Sealed | null,
): Snapshot['connections'][number]['credential'] {
  return sealed === null ? null : { ...credential, sealed };
}

/** One that does not open is left out: all crossings go with the first. */
function secondOf(
  second: (StoredCredential & { share: number }) | null,
  seal: (secret: StoredSecret) => Sealed | null,
): NonNullable<Snapshot['connections'][number]['rotation']>['second'] {
  if (second === null) return null;
  const { share, ...credential } = second;
  const sealed = sealedCredential(credential, seal(credential.stored));
  return sealed === null ? null : { ...sealed, share };
}
