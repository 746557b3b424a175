import { z } from 'zod';
import { ContractRulesSchema } from './contract.ts';
import { DetectorRuleSchema, FoundClassSchema } from './detectors.ts';
import { EgressSchema } from './egress.ts';
import { FieldClassSchema } from './fields.ts';
import { type AuthPlacement, AuthPlacementSchema, ServiceSchema } from './pack.ts';
import { PolicySetSchema } from './policy.ts';
import { MOST_DRILLS, RecoveryDrillSchema } from './recovery.ts';
import { RouteSchema } from './routes.ts';
import { UnknownVersionError } from './version.ts';
import { connectionModes } from './vocabulary.ts';

export { type ConnectionMode, connectionModes } from './vocabulary.ts';

/**
 * The snapshot: all that a gateway runs on, compiled by the control plane for one gateway. Secrets in it are sealed
 * to that gateway's public key and bound to their place (`credentialContext`, `secretContext`).
 */
export const SNAPSHOT_FORMAT = 'drawbridge.snapshot/1';

const Base64Url = z.string().regex(/^[A-Za-z0-9_-]+$/);
const Id = z.string().min(1).max(60);

/** Ten thousandths of a connection's crossings. */
export const SHARE_WHOLE = 10_000;

/** HPKE base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM (RFC 9180). */
export const SealedSchema = z.strictObject({ enc: Base64Url, ct: Base64Url });
export type Sealed = z.infer<typeof SealedSchema>;

const CredentialSchema = z.strictObject({
  id: Id,
  version: z.int().min(1),
  /** Where it may stand in a request: what the service had in `auth` when it was entered. */
  placements: z.array(AuthPlacementSchema).min(1),
  sealed: SealedSchema,
});

export const ConnectionSchema = z.strictObject({
  id: Id,
  /** The path prefix on the gateway: `/<slug>/…`. */
  slug: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/),
  vendor: Id,
  service: Id,
  region: Id,
  /** `private` allows upstream addresses in private and link-local ranges (a vendor stood in for, a model of one's own). */
  upstream: z.strictObject({
    scheme: z.enum(['https', 'http']),
    host: z.string().min(1).max(253),
    port: z.int().min(1).max(65535),
    private: z.boolean(),
  }),
  /** `open`, or `severed`: nothing crosses. */
  state: z.enum(['open', 'severed']),
  /** Absent: `enforce`. */
  mode: z.enum(connectionModes).optional(),
  /** Contract and policies are lifted, as in `observe`, until this time: milliseconds since 1970, by the gateway's clock. */
  break_glass: z.strictObject({ id: Id, until: z.int() }).optional(),
  /**
   * Where it has to be (a country, EU, EEA, a cloud's region), where its host is as far as is known, and whether that is
   * within. `instead`: a host of the vendor that is. Absent: nothing is demanded.
   */
  residency: z
    .strictObject({
      demands: z.string().min(1).max(60),
      place: z.string().min(1).max(60),
      within: z.boolean(),
      instead: z
        .strictObject({ host: z.string().min(1).max(253), place: z.string().min(1).max(60) })
        .optional(),
    })
    .optional(),
  credential: CredentialSchema.nullable(),
  /** It may not be used yet, or any more, and why, in sentences for who calls it. Absent: it may. Its credential stays away. */
  withheld: z.array(z.string().min(1).max(300)).min(1).max(20).optional(),
  /**
   * From this time on it may not be used, whether or not a newer snapshot has come by then: milliseconds since 1970, by the
   * gateway's clock. An exception ends, or a condition does. Absent: no such time is known.
   */
  closes_at: z.int().optional(),
  /**
   * Its credential is being replaced: crossings say which version they went with. `second`: another credential, and the
   * share of crossings (in ten thousandths) that go with it; null: all go with `credential`. Absent: nothing of this.
   */
  rotation: z
    .strictObject({
      second: CredentialSchema.extend({ share: z.int().min(1).max(SHARE_WHOLE) }).nullable(),
    })
    .optional(),
  /**
   * Field classes that are cut off from this vendor: `contract.rules` treat them so, and no mode and no break-glass lifts that.
   * Absent: none are.
   */
  severed_classes: z.array(FieldClassSchema).min(1).optional(),
  contract: z.strictObject({ id: Id, version: z.int().min(1), rules: ContractRulesSchema }),
  /** Exact origins that browsers may call from (publishable keys, CORS). */
  origins: z.array(z.string().max(300)).max(200),
});
export type Connection = z.infer<typeof ConnectionSchema>;

/** A day's budget; null: not limited. Tokens are those in and out together. */
export const DayBudgetSchema = z.strictObject({
  requests: z.int().min(1).nullable(),
  tokens: z.int().min(1).nullable(),
  /** Millionths of the currency's unit, by the list prices of the service's pack. */
  money: z.strictObject({ micros: z.int().min(1), currency: z.string().regex(/^[A-Z]{3}$/) }).nullable(),
});
export type DayBudget = z.infer<typeof DayBudgetSchema>;

export const ModelPatternSchema = z
  .string()
  .regex(/^[^*\s\p{Cc}]{1,100}\*?$/u, 'a name, or the beginning of one and *');
/** `10.1.0.0/16`, `2001:db8::/32`. */
export const NetworkSchema = z.union([z.cidrv4(), z.cidrv6()], 'an address range, such as 10.1.0.0/16');

export const VirtualKeySchema = z.strictObject({
  id: z.string().regex(/^[a-z2-7]{16}$/),
  /** SHA-256 of the whole key. */
  hash: Base64Url,
  app: Id,
  kind: z.enum(['secret', 'publishable']),
  connections: z.array(Id).max(500),
  /** Endpoint classes that the key may call; publishable keys: only `ingest`. */
  classes: z.array(z.string()).max(20),
  /** Publishable: exact origins. Empty for secret keys. */
  origins: z.array(z.string().max(300)).max(200),
  /** Requests per minute, over all workers of a gateway; null: no cap. Publishable keys always have one. */
  per_minute: z.int().min(1).nullable(),
  /** What may be used per day (UTC), over all workers of a gateway; left out: no budget. */
  per_day: DayBudgetSchema.optional(),
  expires_at: z.int().nullable(),
  /** Models that it may ask for, as requests name them; with `*` at its end, all that begin so. Left out: any. */
  models: z.array(ModelPatternSchema).min(1).max(200).optional(),
  /** Networks that it may be used from, in CIDR notation. Left out: any. */
  networks: z.array(NetworkSchema).min(1).max(100).optional(),
  /** Whose own key it is, such as that on a laptop. Left out: a workload's. */
  person: Id.optional(),
});
export type VirtualKey = z.infer<typeof VirtualKeySchema>;

/** What people call a pattern of theirs in refusals and reports: `custom.<id>`. */
export const DetectorIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, 'has lower-case letters, digits, - and _, at most 40');
export const MOST_PATTERN = 500;
export const MOST_PATTERNS = 200;

/** No expression over megabytes: what is no base64url is dropped when it is read, and its length no longer fits. */
const PackedSchema = z.string().max(16 * 1024 * 1024);

/**
 * What gateways look for in free text, beside personal data, whose forms they know. Rules come from packs/detectors. Values
 * that the organisation keeps travel as hashes under a random key (`hash_key`), so that a snapshot tells none of them.
 */
export const ScanSchema = z.strictObject({
  rules: z.array(DetectorRuleSchema).max(2000),
  hash_key: SealedSchema,
  /** Kept secrets. `hash`: `keyedHashOf` the whole text; `length`: of the text in UTF-16 units. */
  known: z
    .array(
      z.strictObject({ id: Id, class: FieldClassSchema, length: z.int().min(8).max(4096), hash: Base64Url }),
    )
    .max(20_000),
  /** Patterns of the organisation's, checked for bounded matching. Left out: there are none. */
  custom: z
    .array(
      z.strictObject({
        id: DetectorIdSchema,
        class: FoundClassSchema,
        pattern: z.string().min(1).max(MOST_PATTERN),
        flags: z.literal('i').optional(),
        confidence: z.enum(['certain', 'likely', 'possible']),
      }),
    )
    .max(MOST_PATTERNS)
    .optional(),
  /**
   * People, organisations, terms and marks that were registered, by list and class, as `packPhrases` packs them: no word
   * of them, and under a key that lies sealed in `hash_key`. `hash`: tells one content from another. Left out: none.
   */
  phrases: z
    .array(
      z.strictObject({
        list: z.string().min(1).max(60),
        class: FoundClassSchema,
        hash: Base64Url,
        first: PackedSchema,
        phrases: PackedSchema,
      }),
    )
    .max(500)
    .optional(),
});
export type ScanConfig = z.infer<typeof ScanSchema>;

export const SnapshotSchema = z.strictObject({
  format: z.literal(SNAPSHOT_FORMAT),
  version: z.int().min(1),
  deployment: Id,
  gateway: Id,
  /** Milliseconds since 1970. */
  made_at: z.int(),
  /** X25519 public key of the control plane: payload data keys are sealed to it. */
  payload_key: Base64Url,
  ledger_key: SealedSchema,
  review_key: SealedSchema,
  /** One random secret per vendor and epoch; only the current epoch travels. */
  vendor_secrets: z.array(z.strictObject({ vendor: Id, epoch: z.int().min(1), sealed: SealedSchema })),
  services: z.array(z.strictObject({ vendor: Id, service: ServiceSchema })),
  connections: z.array(ConnectionSchema),
  keys: z.array(VirtualKeySchema),
  /** Planted keys that nobody uses: whoever shows one took it. `hash`: SHA-256 of the whole text. Left out: there are none. */
  canaries: z
    .array(z.strictObject({ id: Id, hash: Base64Url }))
    .max(2000)
    .optional(),
  /** Review hashes whose names may now be shown: at least five subjects have sent them. */
  reveal: z.array(z.string()).max(10_000),
  /** Connections in an order, for apps. Left out: there are none. */
  routes: z.array(RouteSchema).max(2000).optional(),
  /** Vendors that are treated as lost for some of the traffic, for a time. Left out: none is. */
  drills: z.array(RecoveryDrillSchema).max(MOST_DRILLS).optional(),
  /** Left out: no policies. */
  policies: PolicySetSchema.optional(),
  /** Base URL of the console, without a slash at its end, for links in refusals; left out: where the gateway's control plane is. */
  console: z
    .string()
    .regex(/^https?:\/\/[!-~]{1,300}[^/]$/)
    .optional(),
  /** Left out: no contract has free text looked through. */
  scan: ScanSchema.optional(),
  /** Left out: the egress proxy serves nobody. */
  egress: EgressSchema.optional(),
});
export type Snapshot = z.infer<typeof SnapshotSchema>;

/** Reads a snapshot. Throws UnknownVersionError naming the format, or ZodError naming the field. */
export function parseSnapshot(value: unknown): Snapshot {
  const format = z.looseObject({ format: z.string() }).safeParse(value);
  if (format.success && format.data.format !== SNAPSHOT_FORMAT) {
    throw new UnknownVersionError('snapshot', format.data.format, SNAPSHOT_FORMAT);
  }
  return SnapshotSchema.parse(value);
}

/**
 * What a credential is bound to: with another host, or with one place more or less, it can't be opened. Bytes for
 * associated data; the order of hosts and placements, and of the members in a placement, does not count.
 */
export function credentialContext(binding: {
  connection: string;
  version: number;
  hosts: readonly string[];
  placements: readonly AuthPlacement[];
}): Uint8Array {
  const hosts = [...binding.hosts].sort();
  const placements = binding.placements.map(placementText).sort();
  return new TextEncoder().encode(
    JSON.stringify(['drawbridge credential 1', binding.connection, binding.version, hosts, placements]),
  );
}

/** One spelling per place: two placements with the same text are the same place. */
export function placementText(placement: AuthPlacement): string {
  const members = Object.entries(placement).filter(([, value]) => value !== undefined);
  return JSON.stringify(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The host (with port) that a credential is bound to. */
export function boundHost(upstream: Connection['upstream']): string {
  return `${upstream.scheme}://${upstream.host}:${upstream.port}`;
}

/** What another secret is bound to: its use, and for vendor secrets the vendor and epoch. */
export function secretContext(
  use: 'ledger' | 'review' | 'vendor' | 'payload' | 'requests' | 'scan',
  vendor = '',
  epoch = 0,
): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(['drawbridge secret 1', use, vendor, epoch]));
}
