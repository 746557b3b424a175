import { FieldClassSchema } from '@drawbridge/protocol';
import { z } from 'zod';

/**
 * What is publicly known of a vendor, as data (`packs/vendors/known/<id>.yaml`): who it is, where it listens, what shows that it
 * is in use, and what it says of itself. Every fact says where it was read and when; what nobody looked up stands nowhere.
 */
export const FACTS_FORMAT = 'drawbridge.vendor/1';

const Id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'lower case letters, digits and -, at most 61');
const Text = z.string().trim().min(1).max(300);
const Url = z.url({ protocol: /^https$/, error: 'is no https address' }).max(500);
const Domain = z
  .string()
  .regex(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
    'is no domain in lower case',
  );
/** A whole address of mail, as the host's own mail has it: it holds for this address alone. */
const MailAddress = z
  .string()
  .max(254)
  .regex(
    /^[a-z0-9_%-][a-z0-9._%+-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
    'is no mail address in lower case',
  );
/** A name of a host; `*` stands for one or more characters of one label (`*.blob.core.windows.net`). */
const HostPattern = z
  .string()
  .regex(
    /^(?=.{4,253}$)([a-z0-9*]([a-z0-9*-]*[a-z0-9*])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
    'is no host in lower case',
  );
/** A host without `*`. */
const HostName = HostPattern.refine((host) => !host.includes('*'), 'is no one host');
const HeaderName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'is no name of a header in lower case');
const JsonPath = z.string().regex(/^\$(\.[a-z_]{1,40}){1,4}$/, 'is no path such as $.has_more');
/**
 * A path and a query. Filled in are the time asked for, as `{from}` and `{to}` in Unix seconds or `{from_iso}` and `{to_iso}`, the
 * first of it inclusive and the last not, and `{days}`, how many days a page may have.
 */
const REPORT_PATH = /^\/(?:[A-Za-z0-9_./?=&%[\]-]|\{(?:from|to|from_iso|to_iso|days)\})+$/;
const REPORT_PATH_SAYS = 'is no path with {from}, {to}, {from_iso}, {to_iso} and {days}';
/** ISO 3166-1 alpha-2. */
const Country = z.string().regex(/^[A-Z]{2}$/, 'is no country of two capital letters');

/** Sources by short names: where a fact was read, and when. */
const Sources = z
  .record(Id, z.strictObject({ url: Url, as_of: z.iso.date() }))
  .refine((all) => Object.keys(all).length > 0, 'a vendor without a source is a rumour');
/** The name of the source. */
const from = Id;

export const vendorCategories = [
  'ai_models',
  'ai_inference',
  'vector_store',
  'ai_observability',
  'analytics',
  'error_tracking',
  'observability',
  'support',
  'mail',
  'messaging',
  'identity',
  'code',
  'ci',
  'cloud',
  'data',
  'payments',
  'feature_flags',
  'cdn',
  'hr',
  'finance',
  'crm',
  'productivity',
  'security',
  'other',
] as const;

/** Whose mail a domain or an address sends: the vendor's own; that of its customers, which it passes on; news. */
export const mailKinds = ['vendor', 'relayed', 'marketing'] as const;
export const dnsRecords = ['txt', 'spf', 'mx', 'cname', 'ns', 'dmarc_rua'] as const;
export const registries = [
  'npm',
  'pypi',
  'go',
  'maven',
  'rubygems',
  'packagist',
  'cargo',
  'nuget',
  'terraform',
] as const;
/** Schemes that somebody attests. Laws are no certifications. */
export const schemes = [
  'soc1',
  'soc2',
  'soc3',
  'iso27001',
  'iso27017',
  'iso27018',
  'iso27701',
  'iso42001',
  'pci_dss',
  'hitrust',
  'csa_star',
  'fedramp',
  'c5',
  'ens',
  'tisax',
  'dpf',
] as const;

const one = <Value extends z.ZodType>(is: Value) => z.strictObject({ is, from });

export const VendorFactsSchema = z.strictObject({
  format: z.literal(FACTS_FORMAT),
  id: Id,
  name: Text,
  /** Other names that people know it by: former ones, and those of products that write to people under a name of their own. */
  aliases: z.array(one(Text)).max(20).optional(),
  /** Ours, by what most of its customers use it for. */
  category: z.enum(vendorCategories),
  sources: Sources,
  legal_name: one(Text).optional(),
  headquarters: one(Country).optional(),
  /** The vendor that owns it, by its id here. */
  parent: one(Id).optional(),
  services: z
    .array(z.strictObject({ id: Id, name: Text, from }))
    .max(40)
    .optional(),
  /** Domains that are its own: what is below one is a host of this vendor. */
  domains: z.array(one(Domain)).max(60),
  /** Where a host's data goes, as the vendor documents it. `region`: a country, or `EU`, `EEA`, `GLOBAL`. */
  hosts: z
    .array(
      z.strictObject({
        is: HostPattern,
        region: z.union([Country, z.enum(['EU', 'EEA', 'GLOBAL'])]).optional(),
        service: Id.optional(),
        from,
      }),
    )
    .max(200)
    .optional(),
  packages: z
    .array(
      z.strictObject({
        registry: z.enum(registries),
        is: z.string().min(1).max(200),
        service: Id.optional(),
        from,
      }),
    )
    .max(100)
    .optional(),
  /** Names of environment variables and secrets, never values; `*` at the end stands for the rest. */
  env: z
    .array(one(z.string().regex(/^[A-Z][A-Z0-9_]{2,80}\*?$/, 'is no name of a variable')))
    .max(60)
    .optional(),
  /** `is`: what a record's value begins with (`txt`), or the host that it names, with `*` as in hosts. */
  dns: z
    .array(z.strictObject({ record: z.enum(dnsRecords), is: z.string().min(3).max(253), from }))
    .max(60)
    .optional(),
  oauth: z
    .array(z.strictObject({ name: Text, client_id: z.string().min(4).max(200).optional(), from }))
    .max(20)
    .optional(),
  urls: z
    .strictObject({
      dpa: one(Url).optional(),
      sub_processors: one(Url).optional(),
      status: one(Url).optional(),
      trust: one(Url).optional(),
      security: one(Url).optional(),
      privacy: one(Url).optional(),
      /** Where its customers see alerts, bills and keys of theirs: people are sent there, so it lies below a domain of its own. */
      admin: one(Url).optional(),
      docs: one(Url).optional(),
    })
    .optional(),
  /** Who sends mail for it: a domain with what is below it, or a whole address, which counts before the domain it is at. */
  mail: z
    .array(
      z.strictObject({
        is: z.union([Domain, MailAddress], 'is no domain and no mail address in lower case'),
        kind: z.enum(mailKinds),
        from,
      }),
    )
    .max(30)
    .optional(),
  certifications: z
    .array(
      z.strictObject({
        scheme: z.enum(schemes),
        type: z.enum(['1', '2', 'level_1', 'level_2']).optional(),
        from,
      }),
    )
    .max(20)
    .optional(),
  /** How the vendor's own console is guarded. */
  access: z
    .strictObject({
      mfa: one(z.enum(['none', 'optional', 'can_be_required', 'required'])).optional(),
      sso: one(z.enum(['saml', 'oidc', 'saml_oidc', 'none'])).optional(),
      scim: one(z.boolean()).optional(),
    })
    .optional(),
  /** Kinds of data that it usually gets, as its documentation says what its SDK or API collects. */
  data: z.array(one(FieldClassSchema)).max(40).optional(),
  /** Where keys are made and revoked by a program. */
  key_api: one(Url).optional(),
  /**
   * Reports in which it tells what we used. `shape`: the form, as readers of evidence name it; `of`: what is counted, as the report
   * names it; `endpoints`: those of its pack whose crossings are counted there, none for a report of money.
   */
  usage_reports: z
    .array(
      z.strictObject({
        shape: z.string().regex(/^[a-z][a-z0-9-]{2,40}$/, 'is no name of a form'),
        of: z.string().regex(/^[a-z_]{1,40}$/, 'is no name of what is counted'),
        endpoints: z.array(z.string().min(1).max(60)).max(40),
        /** Where it is asked for, below the host of `usage_api`. */
        path: z.string().max(500).regex(REPORT_PATH, REPORT_PATH_SAYS).optional(),
        from,
      }),
    )
    .max(20)
    .optional(),
  /** How those reports that have a `path` are asked for by a program. */
  usage_api: z
    .strictObject({
      host: HostName,
      /** The header that the credential goes in, and what stands before it. */
      header: HeaderName,
      prefix: z
        .string()
        .regex(/^[ -~]{0,40}$/)
        .default(''),
      headers: z.record(HeaderName, z.string().regex(/^[!-~]{1,100}$/)).default({}),
      /** What a person has to have, and where it is made. */
      credential: Text,
      /** The parameter that asks for the page after, and where an answer says that there is one, and which. */
      page: z.strictObject({ parameter: z.string().regex(/^[a-z_]{1,40}$/), more: JsonPath, next: JsonPath }),
      from,
    })
    .optional(),
});
export type VendorFacts = z.infer<typeof VendorFactsSchema>;
