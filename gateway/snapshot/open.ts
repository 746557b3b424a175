import { openSealed } from '@drawbridge/envelope';
import {
  type AuthPlacement,
  boundHost,
  type Connection,
  type ContractDocument,
  compileEgress,
  credentialContext,
  parseSnapshot,
  placementText,
  type RecoveryDrill,
  type Sealed,
  type Service,
  type Snapshot,
  scansText,
  secretContext,
  treatmentOfAnswers,
  UnknownVersionError,
} from '@drawbridge/protocol';
import { z } from 'zod';
import { PolicyOpener } from '../authorise/index.ts';
import { capsOf } from '../budget/index.ts';
import type { LiveConnection, LiveCredential, LiveEgress, LiveKey, LiveRoute } from '../crossing.ts';
import { signatureOf, signerOf } from '../forward/index.ts';
import { compileEndpoint, modelPatterns } from '../inspect/index.ts';
import { compileContract, markerOf, tokenises } from '../minimise/index.ts';
import { modesOf } from '../mode.ts';
import { compileErrorShapes } from '../refusal/index.ts';
import {
  answerClasses,
  type LiveAnswers,
  type LiveText,
  type SecretScanner,
  textLimits,
} from '../scan/index.ts';
import { networkList } from '../source.ts';
import { SnapshotError } from './errors.ts';
import { KeyedFunctions, keyedOf } from './keyed.ts';
import { routesOf } from './routes.ts';
import { ScannerKeeper, type ScannersOf } from './scanners.ts';

/** A snapshot opened and compiled: what a worker serves from. */
export interface Live {
  version: number;
  deployment: string;
  gateway: string;
  /** Base URL of the console, for links; null: the snapshot does not say. */
  console: string | null;
  /** X25519 public key of the control plane, 32 bytes. */
  payloadKey: Buffer;
  /** By path prefix. */
  connections: ReadonlyMap<string, LiveConnection>;
  /** By path prefix; no connection has the same. */
  routes: ReadonlyMap<string, LiveRoute>;
  /** Vendors that are treated as lost for a time; null: none is, so that nothing is looked up. */
  drills: readonly RecoveryDrill[] | null;
  /** By key id. */
  keys: ReadonlyMap<string, LiveKey>;
  /** Ids of planted keys, by the SHA-256 of their text in hexadecimal; null: there are none. */
  canaries: ReadonlyMap<string, string> | null;
  /** What the egress proxy lets through; null: it serves nobody. */
  egress: LiveEgress | null;
}

/** Reads bytes or a parsed value as a snapshot. Throws SnapshotError `malformed`, naming the field. */
export function readSnapshot(value: unknown): Snapshot {
  try {
    return parseSnapshot(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown';
    throw new SnapshotError(
      'malformed',
      `The snapshot can't be read: ${reason.slice(0, 1000)}`,
      cause,
      wrongField(cause),
    );
  }
}

/** Of what a schema complained of first: the names of members on the way there, no names that are data. */
function wrongField(cause: unknown): string | null {
  if (cause instanceof z.ZodError) {
    const path = cause.issues[0]?.path ?? [];
    return path.length === 0 ? null : path.slice(0, 5).map(String).join('.').slice(0, 200);
  }
  return cause instanceof UnknownVersionError ? 'format' : null;
}

/** Refuses a snapshot of another gateway or deployment, and one that is not newer. Throws SnapshotError. */
export function checkSuccession(
  snapshot: Snapshot,
  gateway: string,
  inForce: { version: number; deployment: string } | null,
): void {
  if (snapshot.gateway !== gateway) {
    throw new SnapshotError(
      'not_ours',
      `The snapshot is for gateway "${snapshot.gateway}"; this one is "${gateway}". Check the address of the control plane and the key file.`,
      undefined,
      'gateway',
    );
  }
  if (inForce === null) return;
  if (snapshot.deployment !== inForce.deployment) {
    throw new SnapshotError(
      'not_ours',
      `The snapshot is of deployment "${snapshot.deployment}"; this gateway serves "${inForce.deployment}". To move it, give it the other deployment's key file and an empty directory.`,
      undefined,
      'deployment',
    );
  }
  if (snapshot.version <= inForce.version) {
    throw new SnapshotError(
      'backwards',
      `The snapshot has version ${snapshot.version}; version ${inForce.version} is in force. Was the control plane restored from a backup?`,
      undefined,
      'version',
    );
  }
}

/**
 * Opens snapshots for one gateway. Keeps what was opened before, so that a snapshot that changes one connection opens
 * one credential, and pseudonyms already made are not made again.
 */
export class SnapshotOpener {
  readonly #privateKey: Uint8Array;
  readonly #keyed = new KeyedFunctions();
  readonly #policies = new PolicyOpener();
  readonly #scanners = new ScannerKeeper();
  #opened = new Map<string, Buffer>();

  /** `privateKey`: the gateway's X25519 private key, 32 raw bytes. */
  constructor(privateKey: Uint8Array) {
    this.#privateKey = privateKey;
  }

  /** Throws SnapshotError `inconsistent`, `policies_invalid` or `unreadable`; then nothing of the snapshot is used. */
  async open(snapshot: Snapshot): Promise<Live> {
    const kept = new Map<string, Buffer>();
    const unseal = async (sealed: Sealed, context: Uint8Array): Promise<Buffer> => {
      const name = `${sealed.enc}.${sealed.ct}.${Buffer.from(context).toString('base64url')}`;
      const opened = this.#opened.get(name) ?? (await openSealed(this.#privateKey, sealed, context));
      kept.set(name, opened);
      return opened;
    };
    const ledger = this.#keyed.of(
      await this.#secret('ledger key', 'ledger_key', unseal(snapshot.ledger_key, secretContext('ledger'))),
    );
    const review = this.#keyed.of(
      await this.#secret('review key', 'review_key', unseal(snapshot.review_key, secretContext('review'))),
    );
    const vendors = new Map<string, { keyed: (value: string) => string; secret: Buffer }>();
    for (const { vendor, epoch, sealed } of newestEpochs(snapshot)) {
      const secret = unseal(sealed, secretContext('vendor', vendor, epoch));
      const opened = await this.#secret(`secret of vendor "${vendor}"`, `vendor_secrets.${vendor}`, secret);
      vendors.set(vendor, { keyed: this.#keyed.of(opened), secret: opened });
    }
    const canaries = canariesOf(snapshot);
    const hashKey =
      snapshot.scan === undefined
        ? null
        : await this.#secret(
            'hash key of the scanner',
            'scan.hash_key',
            unseal(snapshot.scan.hash_key, secretContext('scan')),
          );
    const scanners = this.#scanners.for(snapshot.scan, hashKey, canaries);
    const policies = this.#policies.open(snapshot.policies);
    const reveal = new Set(snapshot.reveal);
    const connections = new Map<string, LiveConnection>();
    for (const config of snapshot.connections) {
      if (connections.has(config.slug)) {
        throw new SnapshotError(
          'inconsistent',
          `Two connections have the path prefix "${config.slug}".`,
          undefined,
          `connections.${config.id}.slug`,
        );
      }
      const service = serviceOf(snapshot, config);
      const vendor = vendors.get(config.vendor);
      if (vendor === undefined) {
        throw new SnapshotError(
          'inconsistent',
          `There is no pseudonym secret for vendor "${config.vendor}".`,
          undefined,
          `vendor_secrets.${config.vendor}`,
        );
      }
      const alone: LiveConnection = {
        config,
        service,
        endpoints: service.endpoints.map((endpoint) =>
          compileEndpoint(service, endpoint, scansText(config.contract.rules)),
        ),
        contract: compileContract(service, config.contract.rules),
        modes: modesOf(config),
        ...(await openCredential(config, config.credential, service, unseal)),
        credentialVersion: config.rotation === undefined ? null : (config.credential?.version ?? null),
        second: null,
        policies: policies?.for(config, service) ?? null,
        keyed: keyedOf({ vendor: vendor.keyed, ledger, review }),
        text: textOf(config, vendor.secret, scanners),
        reveal,
        errors: compileErrorShapes(service.errors),
        models: modelPatterns((service.prices ?? []).map(({ model }) => model)),
        keysInBody: service.auth.some((placement) => placement.in === 'body'),
      };
      const second = await openSecond(alone, unseal);
      connections.set(config.slug, second === null ? alone : { ...alone, second });
    }
    this.#opened = kept;
    this.#keyed.turn();
    this.#scanners.turn();
    return {
      version: snapshot.version,
      deployment: snapshot.deployment,
      gateway: snapshot.gateway,
      console: snapshot.console ?? null,
      payloadKey: Buffer.from(snapshot.payload_key, 'base64url'),
      connections,
      routes: routesOf(snapshot, connections),
      drills: snapshot.drills ?? null,
      keys: new Map(
        snapshot.keys.map((key) => [
          key.id,
          {
            config: key,
            hash: hashOf(key.hash, key.id),
            caps: capsOf(key),
            networks: key.networks === undefined ? null : networkList(key.networks),
            models: key.models === undefined ? null : modelPatterns(key.models),
          },
        ]),
      ),
      canaries,
      egress: egressOf(snapshot),
    };
  }

  async #secret(what: string, field: string, opening: Promise<Buffer>): Promise<Buffer> {
    try {
      return await opening;
    } catch (cause) {
      throw new SnapshotError('unreadable', `The ${what} in the snapshot can't be opened.`, cause, field);
    }
  }
}

/**
 * Of a vendor with a severed connection no host is reached through the proxy either, which can't tell one use of a vendor
 * from another; nor is the host of that connection, where no vendor is known for it.
 */
function egressOf({ egress, connections }: Snapshot): LiveEgress | null {
  if (egress === undefined) return null;
  const severed = connections.filter(({ state }) => state === 'severed');
  return {
    config: egress,
    apps: new Set(egress.apps),
    connectPorts: new Set(egress.ports.connect),
    httpPorts: new Set(egress.ports.http),
    networks: networkList(egress.networks),
    rules: compileEgress(egress, {
      vendors: severed.map(({ vendor }) => vendor),
      hosts: severed.map(({ upstream }) => upstream.host),
    }),
  };
}

/** Throws SnapshotError `inconsistent` where text is to be looked through, and the snapshot does not say for what. */
function textOf({ id, contract }: Connection, vendorSecret: Buffer, scanners: ScannersOf): LiveText | null {
  const { rules } = contract;
  if (!scansText(rules)) {
    return tokenises(rules)
      ? { scanner: scanners.none, vendorSecret, answers: null, limits: textLimits.refuse }
      : null;
  }
  const limits = textLimits[rules.text?.over_budget ?? 'refuse'];
  const scanner = scanners.of(rules.text?.scan ?? 'off');
  if (scanner !== null)
    return { scanner, vendorSecret, answers: answersOf(rules, scanners.secrets()), limits };
  throw new SnapshotError(
    'inconsistent',
    'A contract has free text looked through, and the snapshot does not say for what.',
    undefined,
    `connections.${id}.contract.text`,
  );
}

/** What goes out as it is may come back. */
export function answersOf(rules: ContractDocument, scanner: SecretScanner | null): LiveAnswers | null {
  const wanted = treatmentOfAnswers(rules);
  if (wanted === 'pass' || scanner === null || rules.text === undefined) return null;
  const { found, otherwise } = rules.text;
  const classes = answerClasses.filter((name) => (found[name] ?? otherwise).do !== 'pass');
  return classes.length === 0 ? null : { scanner, do: wanted, classes: new Set(classes), marker: markerOf };
}

/** By their hashes in hexadecimal; null where there are none, so that nothing is looked up. */
function canariesOf({ canaries }: Snapshot): ReadonlyMap<string, string> | null {
  if (canaries === undefined || canaries.length === 0) return null;
  return new Map(canaries.map(({ id, hash }) => [hashOf(hash, id).toString('hex'), id]));
}

/** Of each vendor the secret of the latest epoch. */
function newestEpochs(snapshot: Snapshot): Snapshot['vendor_secrets'] {
  const newest = new Map<string, Snapshot['vendor_secrets'][number]>();
  for (const secret of snapshot.vendor_secrets) {
    const known = newest.get(secret.vendor);
    if (known === undefined || known.epoch < secret.epoch) newest.set(secret.vendor, secret);
  }
  return [...newest.values()];
}

function serviceOf(snapshot: Snapshot, config: Connection): Service {
  for (const { vendor, service } of snapshot.services) {
    if (vendor === config.vendor && service.id === config.service) return service;
  }
  throw new SnapshotError(
    'inconsistent',
    `Connection "${config.slug}" is of service "${config.vendor}/${config.service}", which is not in the snapshot.`,
    undefined,
    `connections.${config.id}.service`,
  );
}

/**
 * A credential that does not open was sealed for another host, version or list of places than the connection now has:
 * it must not be sent there. Only this connection is out of service.
 */
async function openCredential(
  config: Connection,
  credential: Connection['credential'],
  service: Service,
  unseal: (sealed: Sealed, context: Uint8Array) => Promise<Buffer>,
): Promise<Pick<LiveConnection, 'credential' | 'credentialProblem' | 'signer'>> {
  const without = (credentialProblem: LiveConnection['credentialProblem']) => ({
    credential: null,
    credentialProblem,
    signer: null,
  });
  const signature = signatureOf(service);
  if (credential === null) {
    // What can't be signed here would be refused with a credential too.
    const isKnown = signature === null || signature.scheme === 'aws-sigv4';
    return without(isKnown ? 'credential_missing' : 'signer_not_supported');
  }
  const { version, placements, sealed } = credential;
  const context = credentialContext({
    connection: config.id,
    version,
    hosts: [boundHost(config.upstream)],
    placements,
  });
  const value = await unseal(sealed, context).then(
    (opened) => opened.toString('utf8'),
    () => '',
  );
  if (!isSendable(value)) return without('credential_unusable');
  const places = placesOf(service, placements);
  const bound = { credential: { value, ...places }, credentialProblem: null };
  if (signature === null) return { ...bound, signer: null };
  // Entered for a service that then had no signature, it may be a key of another kind: it is not signed with.
  if (!places.places.has(signature)) return without('credential_unusable');
  const signer = signerOf(signature, config, value);
  return typeof signer === 'string' ? without(signer) : { ...bound, signer };
}

/** The connection with its second credential. One that does not open is not used: the first one serves all. */
async function openSecond(
  alone: LiveConnection,
  unseal: (sealed: Sealed, context: Uint8Array) => Promise<Buffer>,
): Promise<LiveConnection['second']> {
  const given = alone.config.rotation?.second ?? null;
  if (given === null) return null;
  const { share, ...credential } = given;
  const opened = await openCredential(alone.config, credential, alone.service, unseal);
  if (opened.credential === null) return null;
  return { connection: { ...alone, ...opened, credentialVersion: credential.version }, share };
}

/** Of the places that the service has now, those that the credential is bound to. */
export function placesOf(
  service: Service,
  bound: readonly AuthPlacement[],
): Pick<LiveCredential, 'places' | 'bodyPaths'> {
  const texts = new Set(bound.map(placementText));
  const places = service.auth.filter((placement) => texts.has(placementText(placement)));
  const bodyPaths = places.flatMap((placement) => (placement.in === 'body' ? [placement.path] : []));
  return { places: new Set(places), bodyPaths: new Set(bodyPaths) };
}

/** Visible ASCII: anything else can't stand in a header, and in a header line break would mean another header. */
function isSendable(credential: string): boolean {
  return /^[!-~]{1,4096}$/.test(credential);
}

function hashOf(hash: string, id: string): Buffer {
  const bytes = Buffer.from(hash, 'base64url');
  if (bytes.length === 32) return bytes;
  throw new SnapshotError(
    'inconsistent',
    `The hash of key "${id}" has ${bytes.length} bytes; SHA-256 has 32.`,
    undefined,
    `keys.${id}.hash`,
  );
}
