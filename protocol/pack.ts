import { z } from 'zod';
import { ContractRulesSchema } from './contract.ts';
import { FieldClassSchema } from './fields.ts';
import { HistorySchema } from './pack-history.ts';
import { RotationSchema } from './pack-rotation.ts';

/**
 * A vendor pack: a vendor as data. Adding a vendor that speaks HTTP and JSON needs no TypeScript.
 * Files live in `packs/vendors/*.yaml`; the part that the gateway needs (a service) travels in the snapshot.
 */

const Sourced = { source: z.string().min(8).max(500), as_of: z.iso.date() };
const Id = z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/, 'lower case letters, digits, - and _, at most 41');
const Host = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/);

/** Where a vendor's SDK puts its credential, and so where the virtual key is found and the real one goes. */
export const AuthPlacementSchema = z.discriminatedUnion('in', [
  /** `prefix` is what stands before the key in the header, such as `Bearer `. */
  z.strictObject({
    in: z.literal('header'),
    name: z.string().min(1).max(60),
    prefix: z.string().max(20).optional(),
  }),
  /**
   * HTTP basic: the key is the user name or the password. `pair`: the virtual key is the user name, and the credential is
   * both, as `user:password`.
   */
  z.strictObject({ in: z.literal('basic'), part: z.enum(['username', 'password', 'pair']) }),
  z.strictObject({ in: z.literal('query'), name: z.string().min(1).max(60) }),
  /** A path within each record of the decoded body (`properties.token`), or from its root (`$.api_key`). */
  z.strictObject({ in: z.literal('body'), path: z.string().min(1).max(120) }),
  /**
   * The vendor is shown no key: the request is signed, or a short-lived token is made, with the credential. The virtual
   * key stands in the header that another placement names. `service`: the name that it signs for.
   */
  z.strictObject({
    in: z.literal('signature'),
    scheme: z.enum(['aws-sigv4', 'google-oauth', 'entra-oauth']),
    service: z.string().regex(/^[a-z0-9-]{1,40}$/),
  }),
]);

const FieldRuleSchema = z.strictObject({
  path: z.string().min(1).max(200),
  class: FieldClassSchema,
  json: z.boolean().optional(),
  prefixes: z.array(z.string().min(1).max(20)).max(8).optional(),
  name: z.boolean().optional(),
  known: z.array(z.string().min(1).max(100)).max(200).optional(),
  queue: z.boolean().optional(),
});
const SubjectRuleSchema = z.strictObject({
  path: z.string().min(1).max(200),
  kind: z.enum(['user', 'email', 'device', 'group']),
  rank: z.int().min(0).max(9),
  prefixes: z.array(z.string().min(1).max(20)).max(8).optional(),
});
/**
 * Where the data of a body is. In a pack's text, `fields: { like: openai/api/chat_completions }` stands for that
 * endpoint's map: rules of its own come first, other members replace (`control/vendors/like.ts`).
 */
export const FieldMapSchema = z.strictObject({
  records: z.string().min(1).max(100),
  fields: z.array(FieldRuleSchema).max(1000),
  subjects: z.array(SubjectRuleSchema).max(40),
  unmapped: FieldClassSchema,
});

/** What the gateway answers in the vendor's own shape, so that SDKs show it. `{message}`, `{code}` are filled in. */
const ErrorShapeSchema = z.strictObject({
  content_type: z.string().max(100),
  body: z.string().max(2000),
  headers: z.record(z.string(), z.string().max(200)).optional(),
});

const AnswerPath = z.string().min(1).max(200);

/**
 * Where the text of a streamed answer stands, so that a token whose pieces come in several events is put together again.
 * Paths as in field maps, of names and `[*]`; where two go through the same `[*]` they mean the same element.
 */
const AnswerSchema = z.strictObject({
  deltas: z
    .array(
      z.strictObject({
        /** Only events of this type: their member `type`, or else their event field. Left out: all. */
        event: z.string().min(1).max(100).optional(),
        text: AnswerPath,
        /** Pieces with the same values here belong together. */
        channel: z.array(AnswerPath).max(4),
        /** The text is a piece of a JSON document, as tools' arguments are. */
        json: z.boolean().optional(),
        /** Nothing is put back in it (it stands in `as_is`, too): it is only looked through for secrets. */
        as_is: z.boolean().optional(),
      }),
    )
    .max(40),
  /**
   * What ends the channels whose first values are these: an event of one of these types, or one with a value that is not
   * null at `when`. The stream's end ends them all; before whatever is no JSON goes what is held back.
   */
  ends: z
    .array(
      z.strictObject({
        events: z.array(z.string().min(1).max(100)).min(1).max(40).optional(),
        when: AnswerPath.optional(),
        channel: z.array(AnswerPath).max(4),
      }),
    )
    .max(20)
    .optional(),
  /** Texts, streamed or not, in which nothing is put back: what the vendor signed has to be sent back as it was. */
  as_is: z.array(AnswerPath).max(20).optional(),
});

export const EndpointSchema = z.strictObject({
  id: Id,
  /** What the endpoint is for: keys are allowed by class. */
  class: z.enum(['ingest', 'inference', 'embedding', 'catalogue', 'files', 'admin']),
  methods: z.array(z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])).min(1),
  /**
   * Path below the connection's prefix: literal segments, `{name}` for one segment, `{name}:verb` for one that ends in
   * this verb. A trailing slash is ignored.
   */
  path: z.string().startsWith('/').max(200),
  /**
   * How the body is packed. `none`: there must be none. `envelope`: lines of JSON and payloads, as Sentry's, which fields
   * see as `{header, items: [{header, <type>}]}`. `ndjson`: a JSON document a line, which fields see as a list.
   * `multipart`: multipart/form-data, which fields see as an object of its parts: a value as its text, a file as
   * `{filename, <content>}`, where the content is what `parts` says. Layers are recognised by sniffing, not by label.
   */
  body: z.enum(['none', 'json', 'form_data_json', 'envelope', 'ndjson', 'multipart']),
  /**
   * What the contents of a multipart body's parts are, by name; the first that holds counts. Without a rule a file is
   * `media`, which is not looked into: it crosses or is dropped. `when`: other parts, and values of which they have one.
   * `endings`: only files whose names end so, and only where the contract has free text looked through.
   */
  parts: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(60),
        content: z.enum(['json', 'lines', 'text', 'media']),
        when: z.record(z.string().min(1).max(60), z.array(z.string().max(60)).min(1).max(20)).optional(),
        endings: z
          .array(z.string().regex(/^[a-z0-9]{1,8}$/))
          .min(1)
          .max(60)
          .optional(),
      }),
    )
    .max(40)
    .optional(),
  /** The query parameter that may carry the whole body (`data` in Mixpanel's GET). */
  query_body: z.string().max(40).optional(),
  /** A GET with personal data in its query goes on as POST only if this is stated: the vendor stores it equally. */
  get_as_post: z.boolean().optional(),
  /** Query parameters that cross, with their class; others are unmapped. `set` forces a value. */
  query: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(60),
        class: FieldClassSchema,
        set: z.string().max(60).optional(),
      }),
    )
    .max(60),
  fields: FieldMapSchema.optional(),
  /** Classes of path parameters, by name (`{name}` in `path`). */
  path_params: z.record(z.string(), FieldClassSchema).optional(),
  /** The answer streams (server-sent events) when the request asks for it. */
  streams: z.boolean().optional(),
  /** Left out: each string of an event is a text of its own. */
  answer: AnswerSchema.optional(),
  /**
   * Where a JSON answer holds addresses at the vendor that clients go on to (`results_url`, `data[*].results_url`): they
   * are written anew to lead through the gateway.
   */
  answer_urls: z.array(z.string().min(1).max(120)).max(10).optional(),
  /** What the vendor keeps of its requests, and how later ones name it. */
  history: HistorySchema.optional(),
  /**
   * Whether a request that the vendor may have acted on may be sent again, there or elsewhere: `safe`: it changes nothing;
   * `pays_twice`: it changes nothing but the bill; `never`. Left out: GET is safe, but for events that are handed in.
   */
  repeat: z.enum(['safe', 'pays_twice', 'never']).optional(),
  /**
   * What the vendor answers with status 200 when it took events in: the first that fits counts. `when`: only where the
   * query has this. `{count}`: how many records there were. Left out: the gateway can't answer in the vendor's place, and
   * holds nothing back for it.
   */
  accepted: z
    .array(
      z.strictObject({
        when: z.strictObject({ query: z.string().min(1).max(60), is: z.string().max(60) }).optional(),
        content_type: z.string().max(100),
        body: z.string().max(500),
      }),
    )
    .min(1)
    .max(5)
    .optional(),
  /**
   * By what the vendor removes duplicates: a member of each record (`properties.$insert_id`), which the gateway adds where it
   * is missing. `with`: members that have to be there, and the same, for it to do so. Left out: it removes none.
   */
  insert_id: z
    .strictObject({
      path: z.string().regex(/^[A-Za-z0-9_$]{1,60}(?:\.[A-Za-z0-9_$]{1,60}){0,3}$/),
      with: z.array(z.string().min(1).max(120)).max(5).optional(),
    })
    .optional(),
  /**
   * Members of the body by which a request goes on from what the vendor keeps, where nothing says how: they do not cross
   * where a contract makes tokens. Written before there was `history`.
   */
  kept_history: z.array(z.string().min(1).max(60)).max(10).optional(),
});

/** A vendor's list price, as it was read on a day. Measured by it, a budget is a guard and no invoice. */
const PriceSchema = z.strictObject({
  /** A model's name as requests say it; with `*` at its end, all that begin so. The longest that fits counts. */
  model: z.string().regex(/^[^*]{1,100}\*?$/),
  /** Per million tokens, in units of the currency. Null: that kind of token is not sold. */
  input: z.number().min(0),
  output: z.number().min(0).nullable(),
  currency: z.string().regex(/^[A-Z]{3}$/),
  ...Sourced,
});

export const ServiceSchema = z.strictObject({
  id: Id,
  name: z.string().min(1).max(100),
  kind: z.enum(['analytics', 'ai']),
  regions: z
    .array(
      z.strictObject({
        id: Id,
        name: z.string().max(60),
        host: Host,
        jurisdiction: z.string().max(40),
        /** Every customer has a host of their own: `host` is an example, and a connection names its upstream. */
        own_host: z.boolean().optional(),
        ...Sourced,
      }),
    )
    .min(1),
  auth: z.array(AuthPlacementSchema).min(1),
  /**
   * Services of one family understand each other's requests, once `base`, with which the paths begin, is exchanged, and
   * models go by their own names. Left out: only the service itself speaks so.
   */
  dialect: z
    .strictObject({
      family: Id,
      base: z
        .string()
        .regex(/^(?:\/[A-Za-z0-9._-]{1,60}){0,6}$/, 'begins with /, or is empty; no / at its end'),
    })
    .optional(),
  /** Whether browsers may hold a (publishable) virtual key for the ingest endpoints. */
  browser: z.boolean(),
  /** Request headers that cross, with their class; all others are dropped. Lower case. `x-stainless-*` style ends allowed. */
  headers: z
    .array(z.strictObject({ name: z.string().regex(/^[a-z0-9-]+\*?$/), class: FieldClassSchema }))
    .max(100),
  endpoints: z.array(EndpointSchema).min(1),
  errors: z.strictObject({
    /** For what will not pass however often it is tried. Extra `headers` carry the vendor's no-retry signal. */
    refused: ErrorShapeSchema,
    /** For what will pass again (503): SDKs keep it and retry. */
    later: ErrorShapeSchema,
  }),
  /** What tokens cost. A model that is not here has no known price. */
  prices: z.array(PriceSchema).max(500).optional(),
  /** Contracts that Connect offers. `recommended` and `as_is` are always there. */
  contracts: z.strictObject({ recommended: ContractRulesSchema, as_is: ContractRulesSchema }),
  /** Lines for people's SDKs. `{gateway}`, `{connection}`, `{key}` are filled in. */
  snippets: z.array(
    z.strictObject({
      id: Id,
      label: z.string().max(60),
      language: z.string().max(20),
      code: z.string().max(3000),
    }),
  ),
  /** A made-up request that Connect shows before the first real one. */
  sample: z.strictObject({ endpoint: Id, body: z.string().max(20_000) }),
});

/** A made-up request, and what the vendor is to get of it: `drawbridge packs test` tries it. */
const ExampleSchema = z.strictObject({
  name: z.string().min(1).max(200),
  /** The pack's first service if left out. */
  service: Id.optional(),
  contract: z.enum(['recommended', 'as_is']).default('recommended'),
  /** `POST /v1/events?verbose=1`: method, and what stands below a connection. */
  request: z.string().regex(/^(GET|POST|PUT|PATCH|DELETE) \/\S{0,2000}$/, 'write "POST /path?query"'),
  headers: z.record(z.string(), z.string().max(2000)).optional(),
  /** As text; `{key}` is where the virtual key stands, if not where the pack puts it first. */
  body: z.string().max(100_000).optional(),
  /**
   * By place (`body.user.email`, `body[0].event`, `query.ip`, `header.user-agent`): that the value does not cross, crosses as it
   * is, crosses as a pseudonym, or is this text.
   */
  expect: z
    .record(
      z.string().max(300),
      z.union([z.enum(['gone', 'same', 'pseudonym']), z.strictObject({ is: z.string().max(2000) })]),
    )
    .optional(),
  /** The code with which it is refused; then nothing crosses. */
  refused: z.string().max(60).optional(),
});

/** `{alnum:48}` stands for so many random characters: `hex`, `lower` and `upper` (with digits), `alnum` or `base64url`. */
const KeyFormSchema = z.strictObject({
  id: Id,
  name: z.string().min(1).max(100),
  form: z
    .string()
    .max(200)
    .regex(/^(?:[A-Za-z0-9_.-]|\{(?:hex|lower|upper|alnum|base64url):\d{1,3}\})+$/)
    .regex(
      /\{(?:hex|lower|upper|alnum|base64url):(?:1[6-9]|[2-9]\d|[12]\d\d)\}/,
      'has a run of 16 random characters or more',
    ),
  ...Sourced,
});

export const PackSchema = z.strictObject({
  format: z.literal('drawbridge.pack/1'),
  vendor: Id,
  name: z.string().min(1).max(100),
  homepage: z.url(),
  ...Sourced,
  services: z.array(ServiceSchema).min(1),
  /** What the vendor's keys look like, for canary keys that look as real. Gateways do not get them. */
  key_forms: z.array(KeyFormSchema).max(10).optional(),
  /** They stay here: gateways do not get them. */
  examples: z.array(ExampleSchema).max(100).optional(),
  /** How keys are replaced, by service. It stays here too. */
  rotation: z.array(RotationSchema).max(20).optional(),
});

export type AuthPlacement = z.infer<typeof AuthPlacementSchema>;
export type AnswerTexts = z.infer<typeof AnswerSchema>;
export type Endpoint = z.infer<typeof EndpointSchema>;
export type Price = z.infer<typeof PriceSchema>;
export type Service = z.infer<typeof ServiceSchema>;
export type Pack = z.infer<typeof PackSchema>;
export type PackExample = z.infer<typeof ExampleSchema>;
