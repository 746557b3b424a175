import { createHmac, randomBytes } from 'node:crypto';
import { generateKeyPair, sealTo } from '@drawbridge/envelope';
import {
  boundHost,
  type Connection,
  type ContractDocument,
  credentialContext,
  type DetectorRule,
  type EgressConfig,
  formVirtualKey,
  type PolicySetDocument,
  policySetHash,
  type RecoveryDrill,
  type Route,
  type Service,
  SNAPSHOT_FORMAT,
  type Snapshot,
  scansText,
  secretContext,
  type VirtualKey,
} from '@drawbridge/protocol';
import { type GatewayKeys, newGatewayKeys, readGatewayKeys } from '../keys.ts';

export interface ConnectionSpec {
  slug: string;
  service: Service;
  upstream: Connection['upstream'];
  /** The vendor's credential; null: none was entered. */
  credential?: string | null;
  contract?: ContractDocument;
  origins?: string[];
  state?: Connection['state'];
  mode?: Connection['mode'] | undefined;
  breakGlass?: Connection['break_glass'] | undefined;
}

export interface KeySpec {
  /** `app-test` if left out. */
  app?: string;
  connections: string[];
  kind?: VirtualKey['kind'];
  classes?: string[];
  origins?: string[];
  perMinute?: number | null;
  perDay?: VirtualKey['per_day'];
  expiresAt?: number | null;
  models?: string[];
  networks?: string[];
  person?: string;
}

/** A made-up set of policies: texts by their names, and what they refer to. */
export function policySet(
  texts: Readonly<Record<string, string>>,
  facts: Partial<Pick<PolicySetDocument, 'apps' | 'vendors' | 'grants'>> = {},
): PolicySetDocument {
  const items = Object.entries(texts).map(([name, text]) => ({ name, text }));
  return { hash: policySetHash(items), items, apps: [], vendors: [], grants: [], ...facts };
}

/** A made-up deployment: what the control plane would keep, and the snapshots that it would compile. */
export interface Deployment {
  gatewayKeys: GatewayKeys;
  payloadPrivateKey: Uint8Array;
  connections: Connection[];
  keys: VirtualKey[];
  canaries: NonNullable<Snapshot['canaries']>;
  /** What its gateways look for in free text: detectors, and secrets that it keeps. */
  scan: { rules: DetectorRule[]; kept: { id: string; secret: string }[] };
  /** What else the next snapshot has. */
  given: {
    policies?: PolicySetDocument | undefined;
    console?: string | undefined;
    egress?: EgressConfig | undefined;
    routes?: Route[] | undefined;
    drills?: RecoveryDrill[] | undefined;
  };
  connect(spec: ConnectionSpec): Promise<Connection>;
  /** Issues a virtual key and returns its text. */
  issue(spec: KeySpec): string;
  /** Begins an epoch of all vendors' secrets: those of before are destroyed. */
  renewVendorSecrets(): void;
  /** The next snapshot: one version further than the one before. */
  snapshot(): Promise<Snapshot>;
}

const everyClass = ['ingest', 'inference', 'embedding', 'catalogue', 'files'];

export async function newDeployment(): Promise<Deployment> {
  const gatewayKeys = readGatewayKeys(await newGatewayKeys('gw-test', 'made-up-gateway-token', randomBytes));
  const payload = await generateKeyPair();
  const services = new Map<string, { vendor: string; service: Service }>();
  const secrets = {
    ledger: randomBytes(32),
    review: randomBytes(32),
    vendor: randomBytes(32),
    scan: randomBytes(32),
  };
  const connections: Connection[] = [];
  const keys: VirtualKey[] = [];
  const canaries: Deployment['canaries'] = [];
  const scan: Deployment['scan'] = { rules: [], kept: [] };
  const given: Deployment['given'] = {};
  let version = 0;
  let epoch = 1;
  const sealed = (secret: Uint8Array, context: Uint8Array) => sealTo(gatewayKeys.publicKey, secret, context);

  return {
    gatewayKeys,
    payloadPrivateKey: payload.privateKey,
    connections,
    keys,
    canaries,
    scan,
    given,
    async connect(spec) {
      const vendor = `vendor-${spec.service.id}`;
      services.set(spec.service.id, { vendor, service: spec.service });
      const placements = spec.service.auth;
      const id = `conn-${spec.slug}`;
      const credential = spec.credential === undefined ? 'made-up-vendor-credential' : spec.credential;
      const hosts = [boundHost(spec.upstream)];
      const context = credentialContext({ connection: id, version: 1, hosts, placements });
      const connection: Connection = {
        id,
        slug: spec.slug,
        vendor,
        service: spec.service.id,
        region: 'main',
        upstream: { ...spec.upstream },
        state: spec.state ?? 'open',
        ...(spec.mode === undefined ? {} : { mode: spec.mode }),
        ...(spec.breakGlass === undefined ? {} : { break_glass: spec.breakGlass }),
        credential:
          credential === null
            ? null
            : {
                id: `cred-${id}`,
                version: 1,
                placements,
                sealed: await sealed(Buffer.from(credential), context),
              },
        contract: { id: `contract-${id}`, version: 1, rules: spec.contract ?? spec.service.contracts.as_is },
        origins: spec.origins ?? [],
      };
      connections.push(connection);
      return connection;
    },
    issue(spec) {
      const { id, key, hash } = formVirtualKey(randomBytes(42));
      keys.push({
        id,
        hash: hash.toString('base64url'),
        app: spec.app ?? 'app-test',
        kind: spec.kind ?? 'secret',
        connections: spec.connections.map((slug) => `conn-${slug}`),
        classes: spec.classes ?? everyClass,
        origins: spec.origins ?? [],
        per_minute: spec.perMinute ?? null,
        ...(spec.perDay === undefined ? {} : { per_day: spec.perDay }),
        expires_at: spec.expiresAt ?? null,
        ...(spec.models === undefined ? {} : { models: spec.models }),
        ...(spec.networks === undefined ? {} : { networks: spec.networks }),
        ...(spec.person === undefined ? {} : { person: spec.person }),
      });
      return key;
    },
    renewVendorSecrets() {
      secrets.vendor = randomBytes(32);
      epoch++;
    },
    async snapshot() {
      version += 1;
      const vendors = [...new Set([...services.values()].map((each) => each.vendor))];
      return {
        format: SNAPSHOT_FORMAT,
        version,
        deployment: 'deployment-test',
        gateway: gatewayKeys.id,
        made_at: 1_790_000_000_000,
        payload_key: Buffer.from(payload.publicKey).toString('base64url'),
        ledger_key: await sealed(secrets.ledger, secretContext('ledger')),
        review_key: await sealed(secrets.review, secretContext('review')),
        vendor_secrets: await Promise.all(
          vendors.map(async (vendor) => ({
            vendor,
            epoch,
            sealed: await sealed(secrets.vendor, secretContext('vendor', vendor, epoch)),
          })),
        ),
        services: [...services.values()],
        connections: structuredClone(connections),
        keys: structuredClone(keys),
        ...(canaries.length === 0 ? {} : { canaries: structuredClone(canaries) }),
        reveal: [],
        ...(connections.some(({ contract }) => scansText(contract.rules))
          ? {
              scan: {
                rules: structuredClone(scan.rules),
                hash_key: await sealed(secrets.scan, secretContext('scan')),
                known: scan.kept.map(({ id, secret }) => ({
                  id,
                  class: 'secret.api_key' as const,
                  length: secret.length,
                  hash: createHmac('sha256', secrets.scan).update(secret).digest('base64url'),
                })),
              },
            }
          : {}),
        ...structuredClone(given),
      };
    },
  };
}
