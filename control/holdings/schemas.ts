import { z } from '@hono/zod-openapi';
import { layers, scopes, US } from '../chain/index.ts';
import { PageQuerySchema, pageSchema, ReasonSchema } from '../platform/index.ts';

const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const line = (least: number, most: number) =>
  z
    .string()
    .trim()
    .min(least)
    .max(most)
    .refine((text) => !CONTROL.test(text), 'holds a control character; leave it out');

export const VendorIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'is lower case letters, digits and -, at most 60')
  .refine((id) => id !== US, 'is what this organisation is called in the chain; choose another id');
/** A vendor's id, or the name of a host of which nobody knows whose it is. */
export const PartyIdSchema = z
  .string()
  .max(253)
  .regex(/^[a-z0-9_][a-z0-9._-]*$/, 'is a vendor’s id or the name of a host, in lower case');
const DaySchema = z.iso.date().openapi({ example: '2026-11-22' });
const LayerSchema = z.enum(layers);

export const VisitQuerySchema = z.object({
  name: line(1, 400).openapi({ description: 'The file’s name', example: 'visit.har' }),
  day: DaySchema.openapi({ description: 'On which the console was visited, in UTC' }),
});
export const VisitSchema = z
  .object({
    id: z.string(),
    vendor: z.string(),
    day: z.string(),
    name: z.string(),
    sha256: z.string(),
    bytes: z.int(),
    entries: z.int().openapi({ description: 'Calls in the recording' }),
    unread: z.int().openapi({ description: 'Places that could not be read, and were left out' }),
    overflow: z.int().openapi({ description: 'Hosts left out because there were too many' }),
    hosts: z.int(),
    at: z.string(),
    by: z.string(),
  })
  .openapi('ConsoleVisit');
export type VisitView = z.infer<typeof VisitSchema>;
export const VisitTakenSchema = z
  .object({
    visit: VisitSchema,
    again: z.boolean().openapi({ description: 'The same file was there already' }),
  })
  .openapi('ConsoleVisitTaken');
export const VisitPageSchema = pageSchema(VisitSchema);
export const ListQuerySchema = PageQuerySchema;

export const DeclareSchema = z
  .strictObject({
    field: z
      .string()
      .regex(/^[A-Za-z_][\w.-]{0,79}$/, 'is letters, digits, _, . and -, at most 80')
      .openapi({ description: 'The name of the field, never a value', example: 'browser.user_agent' }),
    source: line(3, 500).openapi({ description: 'Where one reads that it is collected' }),
    asOf: DaySchema.openapi({ description: 'The day of that source' }),
    reason: ReasonSchema,
  })
  .openapi('ConsoleFieldAsked');

export const FieldSchema = z
  .object({
    name: z.string(),
    layer: LayerSchema,
    source: z.string(),
    since: z.string().nullable().openapi({ description: 'The first day of which it is known' }),
    last: z.string().nullable().openapi({ description: 'The last day of which it is known' }),
    receivers: z
      .array(z.string())
      .openapi({ description: 'Who was seen to get it: vendors by id, others by their hosts' }),
    statement: z.string().nullable().openapi({ description: 'Id of the statement, where it is one' }),
  })
  .openapi('HoldingField');
export type FieldView = z.infer<typeof FieldSchema>;

const FirstParty = z
  .boolean()
  .nullable()
  .openapi({ description: 'Whether it is the vendor’s own; null: nobody knows whose the host is' });

export const BehindSchema = z
  .object({
    party: z
      .string()
      .openapi({ description: 'A vendor’s id, or the host where it is not known whose it is' }),
    name: z.string(),
    known: z.boolean(),
    firstParty: FirstParty,
    layer: z.enum(['observed', 'declared']),
    hosts: z.array(z.string()),
    calls: z.int().nullable(),
    fields: z.array(z.string()),
    addresses: z.array(z.string()),
    firstSeen: z.string().nullable(),
    lastSeen: z.string().nullable(),
    notSeenIn: z
      .string()
      .nullable()
      .openapi({ description: 'The day of the newest visit, where that did not show it' }),
    declared: z
      .boolean()
      .openapi({ description: 'Whether the vendor, or a list of it, names it for data of accounts' }),
    scopes: z
      .array(z.enum(scopes))
      .nullable()
      .openapi({ description: 'What it is declared for; empty: nobody said; null: it is not declared' }),
    source: z.string(),
  })
  .openapi('PartyBehindConsole');
export type BehindView = z.infer<typeof BehindSchema>;

export const PeopleSchema = z
  .object({
    people: z.int().openapi({ description: 'Distinct people, each once' }),
    accounts: z.int(),
    unnamed: z
      .int()
      .openapi({ description: 'Accounts of which it is not known whose they are; not among the people' }),
  })
  .openapi('AccountHolders');
export type PeopleView = z.infer<typeof PeopleSchema>;

const UnknownSchema = z.object({ code: z.string(), text: z.string() });

export const VendorHoldingSchema = z
  .object({
    vendor: z.string(),
    name: z.string(),
    holders: PeopleSchema,
    visits: z.object({ count: z.int(), first: z.string().nullable(), last: z.string().nullable() }),
    fields: z.array(FieldSchema),
    behind: z.array(BehindSchema),
    unknown: z.array(UnknownSchema),
  })
  .openapi('AccountHolding');
export type VendorHolding = z.infer<typeof VendorHoldingSchema>;

export const PartyVendorSchema = z
  .object({ vendor: z.string(), name: z.string(), holders: PeopleSchema, link: BehindSchema })
  .openapi('PartyBehindVendor');

export const PartyHoldingSchema = z
  .object({
    party: z.string(),
    name: z.string(),
    known: z.boolean(),
    holders: PeopleSchema.openapi({ description: 'Over all the vendors, each person once' }),
    vendors: z.array(PartyVendorSchema),
    unknown: z.array(UnknownSchema),
  })
  .openapi('PartyHolding');
export type PartyHolding = z.infer<typeof PartyHoldingSchema>;

export const PartySummarySchema = z
  .object({
    party: z.string(),
    name: z.string(),
    known: z.boolean(),
    people: z.int(),
    accounts: z.int(),
    unnamed: z.int(),
    observed: z.array(z.string()).openapi({ description: 'Vendors behind whose consoles it was seen' }),
    declared: z.array(z.string()).openapi({ description: 'Vendors that only declare it' }),
    lastSeen: z.string().nullable(),
  })
  .openapi('PartyBehindSummary');
export type PartySummary = z.infer<typeof PartySummarySchema>;
export const PartyPageSchema = pageSchema(PartySummarySchema);
