import { z } from 'zod';
import { type FieldClass, FieldClassSchema } from './fields.ts';
import { foundClasses } from './vocabulary.ts';

/**
 * Detectors: what secrets of known vendors look like, as data (`packs/detectors/*.yaml`). A form is literals and
 * `{alphabet:N}` or `{alphabet:MIN-MAX}`; a literal brace is `{{`. The grammar is that of libs/scan.
 */
const Id = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}(?:\.[a-z0-9][a-z0-9_-]{0,59})+$/);
const found: readonly FieldClass[] = foundClasses;

/** What can be found within free text. */
export const FoundClassSchema = FieldClassSchema.refine(
  (name) => found.includes(name),
  'is no class of findings',
);

/** One detector, as gateways get it. */
export const DetectorRuleSchema = z.strictObject({
  id: Id,
  class: FoundClassSchema,
  forms: z.array(z.string().min(2).max(300)).min(1).max(40),
  /** For forms without a telling prefix: one of these must stand shortly before. */
  keywords: z.array(z.string().min(2).max(60)).min(1).max(40).optional(),
  checksum: z.enum(['crc32_base62']).optional(),
  /** Bits per character that a match must have. */
  min_entropy: z.number().min(0).max(8).optional(),
});
export type DetectorRule = z.infer<typeof DetectorRuleSchema>;

/** One file of `packs/detectors`. */
export const DetectorPackSchema = z.strictObject({
  format: z.literal('drawbridge.detectors/1'),
  as_of: z.iso.date(),
  detectors: z
    .array(
      DetectorRuleSchema.extend({
        vendor: z.string().min(1).max(100),
        name: z.string().min(1).max(150),
        /** Where the form is documented: `https://…`, or a page of this project. */
        source: z.string().regex(/^(?:https:\/\/\S{4,400}|docs\/[a-z-]+\.md)$/, 'is https://… or docs/….md'),
        /** Where one takes such a secret back, if that is documented. */
        revoke: z.url({ protocol: /^https$/ }).optional(),
        /** Other detectors that find its values too: vendors that chose the same form. */
        overlaps: z.array(Id).min(1).max(10).optional(),
      }),
    )
    .max(1000),
});
export type DetectorPack = z.infer<typeof DetectorPackSchema>;

/** What gateways need of a detector: its form, not where it was read. */
export function ruleOf({
  id,
  class: name,
  forms,
  keywords,
  checksum,
  min_entropy,
}: DetectorRule): DetectorRule {
  return {
    id,
    class: name,
    forms,
    ...(keywords === undefined ? {} : { keywords }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(min_entropy === undefined ? {} : { min_entropy }),
  };
}
