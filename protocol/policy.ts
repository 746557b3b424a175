import { hash } from 'node:crypto';
import type { CedarEntity, CedarRequest, CedarValue } from '@drawbridge/cedar';
import { z } from 'zod';

/**
 * Policies: what may cross, and who may do what in the console, in Cedar (https://docs.cedarpolicy.com). Policies
 * only forbid: keys, contracts and roles have said what may, and what no policy forbids is permitted.
 */

/** The base of every set: what nothing forbids is permitted. It is no one's policy, and stands in no set's hash. */
export const OTHERWISE = { name: 'otherwise', text: 'permit (principal, action, resource);' } as const;

/** The schema that both planes check policies against. Actions of the console are declared behind it. */
export const policySchema = `
entity App { tags: Set<String>, team: String, owner: String };
entity Person { roles: Set<String> };
entity Token { roles: Set<String>, scopes: Set<String> };
entity Command;
entity Vendor {
  approved: Bool,
  agreement: String,
  status: String,
  tier: String,
  agreements: Set<String>,
  reviewInDate: Bool,
};
entity Connection in [Vendor] { vendor: Vendor, service: String, region: String, jurisdiction: String };
entity Deployment, EndpointClass, Model, Log, Incident;

action cross appliesTo {
  principal: [App],
  resource: [Connection],
  context: {
    classes: Set<String>,
    families: Set<String>,
    treatments: Set<String>,
    endpoint: String,
    endpointClass: String,
    model?: String,
    region: String,
    hour: Long,
    weekday: String,
    key: { kind: String },
    grants: Set<String>,
  },
};
`;

const Id = z.string().min(1).max(60);
export const PolicyNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'lower case letters, digits and -, at most 60')
  .refine((name) => name !== OTHERWISE.name, {
    error: `"${OTHERWISE.name}" is the name of the set's own base`,
  });

/** One policy: one statement of Cedar. Its name is the reason that records and refusals give. */
export const PolicyDocumentSchema = z.strictObject({
  name: PolicyNameSchema,
  text: z.string().min(1).max(20_000),
});
export type PolicyDocument = z.infer<typeof PolicyDocumentSchema>;

/** What policies may ask of an app. */
export const AppFactsSchema = z.strictObject({
  id: Id,
  tags: z.array(z.string().min(1).max(60)).max(50),
  team: z.string().max(100),
  owner: z.string().max(100),
  /** Whose its keys are: a workload's, or those of one human (a laptop, a notebook). */
  holder: z.enum(['workload', 'person']),
});
export type AppFacts = z.infer<typeof AppFactsSchema>;

/** A time in milliseconds since 1970: `from` belongs to it, `until` does not; null: no end is known. */
const spanOf = { from: z.int(), until: z.int().nullable() };

/**
 * What the register says of a vendor, with the times from and until which it does: what runs out does so by the clock of
 * who decides, whether or not a newer snapshot has come by then.
 */
const RegisterFactsSchema = z.strictObject({
  status: z.string().min(1).max(40),
  tier: z.string().max(40),
  agreements: z.array(z.strictObject({ kind: z.string().min(1).max(40), ...spanOf })).max(100),
  /** While the last review is in date; null: there is none, or it failed. */
  review: z.strictObject(spanOf).nullable(),
});

/** What policies may ask of a vendor. */
export const VendorFactsSchema = z.strictObject({
  id: Id,
  approved: z.boolean(),
  /** Whether there is a signed agreement on what the vendor may do with the data. */
  agreement: z.enum(['none', 'signed']),
  /** Left out: no policy asks for it, or the vendor is not entered. */
  register: RegisterFactsSchema.optional(),
});
export type VendorFacts = z.infer<typeof VendorFactsSchema>;

/** A vendor as policies see it at one time. */
export interface VendorSeen {
  id: string;
  approved: boolean;
  agreement: VendorFacts['agreement'];
  /** As the register has it; `not_entered` where it has none. */
  status: string;
  tier: string;
  /** Kinds that are in force, each once, in their order. */
  agreements: readonly string[];
  reviewInDate: boolean;
}

interface Span {
  from: number;
  until: number | null;
}
const holds = ({ from, until }: Span, at: number): boolean => from <= at && (until === null || at < until);

/** What holds of a vendor at a time, in milliseconds since 1970. Pure. */
export function vendorAt({ id, approved, agreement, register }: VendorFacts, at: number): VendorSeen {
  const inForce = (register?.agreements ?? []).filter((one) => holds(one, at)).map(({ kind }) => kind);
  const review = register?.review ?? null;
  return {
    id,
    approved,
    agreement,
    status: register?.status ?? 'not_entered',
    tier: register?.tier ?? '',
    agreements: [...new Set(inForce)].sort(),
    reviewInDate: review !== null && holds(review, at),
  };
}

/** Between which times around this one the same holds of a vendor: `from` belongs to it, `until` does not. Pure. */
export function vendorHolds({ register }: VendorFacts, at: number): { from: number; until: number } {
  const spans: Span[] = [...(register?.agreements ?? []), ...(register?.review ? [register.review] : [])];
  const times = spans.flatMap(({ from, until }) => (until === null ? [from] : [from, until]));
  return {
    from: Math.max(Number.NEGATIVE_INFINITY, ...times.filter((time) => time <= at)),
    until: Math.min(Number.POSITIVE_INFINITY, ...times.filter((time) => time > at)),
  };
}

/** Whether a text of a policy may ask for what the register says. One that asks for something called the same may, too. */
export const asksRegister = (text: string): boolean =>
  /\b(?:status|tier|agreements|reviewInDate)\b/.test(text);

/** An exception from a policy for an app, for a time. */
export const GrantSchema = z.strictObject({
  id: Id,
  policy: PolicyNameSchema,
  app: Id,
  /** Null: on every connection. */
  connection: Id.nullable(),
  /** Milliseconds since 1970, by the clock of who decides. */
  until: z.int(),
});
export type Grant = z.infer<typeof GrantSchema>;

/** The policies in force that can decide a crossing, and the facts that they refer to. Whom it does not list: `unlisted`. */
export const PolicySetSchema = z.strictObject({
  /** `policySetHash` of the items. */
  hash: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  items: z.array(PolicyDocumentSchema).min(1).max(500),
  apps: z.array(AppFactsSchema).max(10_000),
  vendors: z.array(VendorFactsSchema).max(1_000),
  grants: z.array(GrantSchema).max(10_000),
});
export type PolicySetDocument = z.infer<typeof PolicySetSchema>;

/** What is known of an app or vendor of which nothing was said: nothing good. */
export const unlisted = {
  app: { tags: [], team: '', owner: '', holder: 'workload' },
  vendor: { approved: false, agreement: 'none' },
} as const;

/** SHA-256 of names and texts in the order of names, base64url: which policies decided, whatever they are called elsewhere. */
export function policySetHash(items: readonly PolicyDocument[]): string {
  const sorted = items
    .map(({ name, text }) => [name, text] as const)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return hash('sha256', `drawbridge policies 1\n${JSON.stringify(sorted)}`, 'base64url');
}

/**
 * The jurisdiction of a connection's host, as the vendor's pack has it; empty where that says nothing. Where it really goes
 * counts: a connection's region is a name, and its host can be that of another one.
 */
export function jurisdictionOf(
  regions: readonly { id: string; host: string; jurisdiction: string; own_host?: boolean | undefined }[],
  { region, host }: { region: string; host: string },
): string {
  const named = regions.find(({ id }) => id === region);
  if (named?.host === host) return named.jurisdiction;
  const gone = regions.find((one) => one.own_host !== true && one.host === host);
  return (gone ?? named)?.jurisdiction ?? '';
}

/** What is known of a crossing when policies decide: no value of the request but the model's name. */
export interface CrossingFacts {
  app: AppFacts;
  vendor: VendorSeen;
  /** `jurisdiction`: of the region, as the vendor's pack has it; empty where that says nothing. */
  connection: { id: string; service: string; region: string; jurisdiction: string };
  endpoint: string;
  endpointClass: string;
  /** As the request names it; null: it runs none. */
  model: string | null;
  keyKind: 'workload' | 'person';
  /** Field class, treatment, count, as in a leaf: what minimising made of the request. */
  fields: readonly (readonly [fieldClass: string, treatment: string, count: number])[];
  /** Milliseconds since 1970. */
  at: number;
  /** Names of the policies that this app is excepted from on this connection at this time. */
  grants: readonly string[];
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** Hour and weekday (UTC) as policies read them. `at`: milliseconds since 1970. */
export function policyTime(at: number): { hour: number; weekday: string } {
  const days = Math.floor(at / 86_400_000);
  // 1970 began on a Thursday.
  const weekday = weekdays[(((days + 4) % 7) + 7) % 7] ?? 'sunday';
  return { hour: Math.floor((at - days * 86_400_000) / 3_600_000), weekday };
}

/** Whether a treatment leaves something of the value for the vendor to read. */
function isReadable(treatment: string): boolean {
  return treatment === 'pass' || treatment === 'generalise';
}

/** A crossing as the question that policies answer. */
export function crossingRequest(facts: CrossingFacts): CedarRequest {
  const readable = facts.fields.filter(([, treatment]) => isReadable(treatment)).map(([name]) => name);
  const { hour, weekday } = policyTime(facts.at);
  const [app, vendor, connection] = crossingEntities(facts);
  return {
    principal: app.uid,
    action: { type: 'Action', id: 'cross' },
    resource: connection.uid,
    context: {
      classes: [...new Set(readable)],
      families: [...new Set(readable.map((name) => name.slice(0, name.indexOf('.'))))],
      treatments: [...new Set(facts.fields.map(([name, treatment]) => `${name}:${treatment}`))],
      endpoint: facts.endpoint,
      endpointClass: facts.endpointClass,
      ...(facts.model === null ? {} : { model: facts.model }),
      region: facts.connection.region,
      hour,
      weekday,
      key: { kind: facts.keyKind },
      grants: [...facts.grants],
    },
    entities: [app, vendor, connection],
  };
}

/** What policies read of a vendor, by their names for it. */
export function vendorAttributes({ id: _, agreements, ...rest }: VendorSeen): Record<string, CedarValue> {
  return { ...rest, agreements: [...agreements] };
}

/** Whom and what a crossing's policies speak of: the app, the vendor, the connection. */
export function crossingEntities({
  app,
  vendor,
  connection,
}: Pick<CrossingFacts, 'app' | 'vendor' | 'connection'>): [CedarEntity, CedarEntity, CedarEntity] {
  const vendorId = { type: 'Vendor', id: vendor.id };
  return [
    {
      uid: { type: 'App', id: app.id },
      attrs: { tags: [...app.tags], team: app.team, owner: app.owner },
      parents: [],
    },
    { uid: vendorId, attrs: vendorAttributes(vendor), parents: [] },
    {
      uid: { type: 'Connection', id: connection.id },
      attrs: {
        vendor: { __entity: vendorId },
        service: connection.service,
        region: connection.region,
        jurisdiction: connection.jurisdiction,
      },
      parents: [vendorId],
    },
  ];
}
