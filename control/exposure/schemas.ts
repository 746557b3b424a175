import { connectionModes, FieldClassSchema, TreatmentNameSchema } from '@drawbridge/protocol';
import { z } from '@hono/zod-openapi';
import { ConnectionSchema } from '../connections/index.ts';
import { Traffic24hSchema } from '../crossings/index.ts';
import { PageQuerySchema } from '../platform/index.ts';

/** What the exposure routes take and answer. */

const NamedSchema = z.object({ id: z.string(), name: z.string() });

export const VendorRowSchema = z
  .object({
    vendor: z.string(),
    name: z.string(),
    kind: z.string(),
    connections: z.number(),
    /** People of whom the vendor got anything, linked identifiers counted once. */
    people: z.number(),
    /** Field classes of which the vendor got the value or something made of it. */
    fieldClassesGot: z.number(),
    classes: z.array(z.object({ class: z.string(), treatment: z.string(), people: z.number() })),
    ...Traffic24hSchema.shape,
    lastCrossingAt: z.string().nullable(),
    state: z.enum(['open', 'severed']),
    modes: z
      .array(z.enum(connectionModes))
      .openapi({ description: 'Modes of its connections that are not `enforce`' }),
  })
  .openapi('VendorRow');
export type VendorRow = z.infer<typeof VendorRowSchema>;

export const VendorDetailSchema = VendorRowSchema.omit({ connections: true })
  .extend({
    homepage: z.string(),
    organisations: z.number(),
    holdings: z.array(
      z.object({
        class: z.string(),
        label: z.string(),
        treatment: z.string(),
        people: z.number(),
        crossings: z.number(),
        firstSeenAt: z.string(),
        lastSeenAt: z.string(),
        apps: z.array(NamedSchema),
      }),
    ),
    connections: z.array(ConnectionSchema),
    days: z.array(z.iso.date()).openapi({ description: 'The UTC days of `heat`, oldest first' }),
    heat: z.array(
      z.object({ class: z.string(), day: z.iso.date(), people: z.number(), crossings: z.number() }),
    ),
  })
  .openapi('VendorDetail');

export const ExposureSchema = z
  .object({
    subject: z.string(),
    about: z.enum(['person', 'organisation']),
    person: z.string().openapi({
      description:
        'The subject that stands for all that are linked with this one: counts of people count each such once. ' +
        'The subject itself when nothing is linked with it',
    }),
    kind: z.string().nullable(),
    app: NamedSchema,
    connection: NamedSchema,
    class: z.string(),
    treatment: z.string(),
    firstSeenAt: z.string(),
    lastSeenAt: z.string(),
    crossings: z.number(),
  })
  .openapi('Exposure');
export type Exposure = z.infer<typeof ExposureSchema>;

export const ExposureQuerySchema = PageQuerySchema.extend({
  class: FieldClassSchema.optional(),
  treatment: TreatmentNameSchema.optional(),
  held: z
    .enum(['true', 'false'])
    .default('false')
    .openapi({
      description:
        '`true`: only what left something at the vendor, the value or what was made of it, in crossings that were ' +
        "forwarded. With `about=person`, the `person`s of all rows are those that the vendor's `people` counts",
    }),
  about: z
    .enum(['person', 'organisation'])
    .optional()
    .openapi({ description: 'Only rows about such subjects' }),
});
export type ExposureQuery = z.infer<typeof ExposureQuerySchema>;
