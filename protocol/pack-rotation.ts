import { z } from 'zod';

/** How the keys of a service are replaced, as data: what tells that one works, and the vendor's own API for keys. */

const Id = z.string().regex(/^[a-z][a-z0-9_-]{0,40}$/, 'lower case letters, digits, - and _, at most 41');
const Host = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/);
/** A value in the JSON of an answer: `$.api_key.id`. */
const JsonPath = z.string().regex(/^\$(\.[A-Za-z0-9_]{1,60}){1,6}$/, 'write $.name.name');
/** Values by the names that templates call them: `{name}`. */
const Read = z.record(z.string().regex(/^[a-z_]{1,40}$/), JsonPath);

/** `{name}` in path, query and body stands for parameters, for what was read of answers, and for the name of the new key. */
const RequestSchema = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().startsWith('/').max(300),
  /** Left out where its value is not known, such as a list's cursor on the first page. */
  query: z.record(z.string().max(60), z.string().max(200)).optional(),
  /** JSON as text. Values are filled in as JSON has them within a text, or bare where they are numbers. */
  body: z.string().max(2000).optional(),
});

export const AdminSchema = z.strictObject({
  source: z.string().min(8).max(500),
  as_of: z.iso.date(),
  /** Where the API answers, and where it does for connections of a region. */
  host: Host,
  hosts: z.record(Id, Host).optional(),
  /** `pair`: the credential is entered as `user:password`. */
  place: z.discriminatedUnion('in', [
    z.strictObject({
      in: z.literal('header'),
      name: z.string().min(1).max(60),
      prefix: z.string().max(20).default(''),
    }),
    z.strictObject({ in: z.literal('basic'), part: z.enum(['username', 'password', 'pair']) }),
  ]),
  /** What a person enters as the admin credential, and where to get it. */
  credential: z.string().max(300),
  /** What a person says about their account there. */
  parameters: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z_]{1,40}$/),
        label: z.string().max(100),
        example: z.string().max(100),
      }),
    )
    .max(10),
  /** Says which values (by name) tell one key at the vendor: asked of people for a key that was not made here. */
  refs: z
    .array(z.strictObject({ id: z.string().regex(/^[a-z_]{1,40}$/), label: z.string().max(100) }))
    .max(5),
  create: z.strictObject({
    request: RequestSchema,
    read: Read,
    /** The key, which is shown this once: `template` with `parts` filled in. */
    secret: z.strictObject({
      parts: Read,
      template: z.string().max(100),
      base64: z.boolean().default(false),
    }),
  }),
  /** All keys, to find by name what a call made whose answer was lost. `read` has `name` and the refs. */
  list: z.strictObject({
    request: RequestSchema,
    items: JsonPath,
    read: Read,
    /** Whether the vendor puts something behind the name that was asked for. */
    name: z.enum(['exact', 'begins']).default('exact'),
    next: z.strictObject({ cursor: JsonPath, more: JsonPath }).optional(),
  }),
  /** Takes a key's rights, and gives them back. Without it a key works until it is deleted. */
  disable: RequestSchema.optional(),
  enable: RequestSchema.optional(),
  /** The first of which all values are known: a key that a person made may be deleted in another way. */
  delete: z.array(RequestSchema).min(1).max(3),
  /** When a key was last used, as seconds since 1970 or as a date; it shows up after at most `lag_seconds`. */
  last_used: z
    .strictObject({
      request: RequestSchema,
      at: JsonPath,
      unit: z.enum(['s', 'iso']),
      lag_seconds: z
        .int()
        .min(0)
        .max(7 * 86_400),
    })
    .optional(),
});
export type Admin = z.infer<typeof AdminSchema>;
export type AdminRequest = z.infer<typeof RequestSchema>;

export const RotationSchema = z.strictObject({
  service: Id,
  /** The cheapest call that needs the key: 401 and 403 say that it does not work. `{key}` in a body is the key. */
  probe: RequestSchema.omit({ query: true }),
  /** Where a person makes and deletes a key, in words. */
  manual: z.strictObject({ url: z.url(), text: z.string().max(500) }),
  admin: AdminSchema.optional(),
});
export type PackRotation = z.infer<typeof RotationSchema>;
