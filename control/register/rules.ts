import { z } from '@hono/zod-openapi';
import type { Setting } from '../platform/index.ts';
import { agreementKinds } from './agreements.ts';

/** What a tier of vendors asks for before a connection may be used, and how often its vendors are reviewed. */
export const TierSchema = z.strictObject({
  id: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'has lower-case letters, digits and hyphens, at most 31'),
  name: z.string().trim().min(1).max(60),
  /** Each of them has to be in force. */
  agreements: z.array(z.enum(agreementKinds)).max(agreementKinds.length),
  /** A review that did not fail has to be there, and not older than `reviewEveryDays`. */
  reviewed: z.boolean(),
  /** It has to be stated where the data lies. */
  residency: z.boolean(),
  /** Null: its vendors fall due for no review. */
  reviewEveryDays: z.int().min(7).max(3660).nullable(),
  /** What happens when a condition that held runs out: it is told, or the connection is closed too. */
  atExpiry: z.enum(['warn', 'close']),
});
export type Tier = z.infer<typeof TierSchema>;

export const NO_TIER = 'none';

export const RulesSchema = z
  .strictObject({
    tiers: z.array(TierSchema).min(1).max(20),
    /** Of requests for vendors that have no tier. */
    usualTier: z.string().max(31),
    /** Connections made since then need a request; null: none does. */
    requestsSince: z.iso.datetime().nullable(),
  })
  .superRefine(({ tiers, usualTier }, context) => {
    const ids = tiers.map(({ id }) => id);
    if (new Set(ids).size < ids.length)
      context.addIssue({ code: 'custom', path: ['tiers'], message: 'two tiers have one id' });
    if (!ids.includes(NO_TIER)) {
      context.addIssue({ code: 'custom', path: ['tiers'], message: `keep the tier "${NO_TIER}"` });
    }
    if (!ids.includes(usualTier)) {
      context.addIssue({ code: 'custom', path: ['usualTier'], message: 'is none of the tiers' });
    }
    const free = tiers.find(({ id }) => id === NO_TIER);
    if (free !== undefined && (free.agreements.length > 0 || free.reviewed || free.residency)) {
      context.addIssue({
        code: 'custom',
        path: ['tiers'],
        message: `the tier "${NO_TIER}" asks for nothing`,
      });
    }
  });
export type Rules = z.infer<typeof RulesSchema>;

/** To begin with nothing is asked of what is there, nor of what is connected: somebody has to want it. */
export const rulesSetting: Setting<Rules> = {
  key: 'register.rules',
  schema: RulesSchema,
  initial: {
    tiers: [
      {
        id: NO_TIER,
        name: 'No conditions',
        agreements: [],
        reviewed: false,
        residency: false,
        reviewEveryDays: null,
        atExpiry: 'warn',
      },
      {
        id: 'standard',
        name: 'Standard',
        agreements: ['dpa'],
        reviewed: false,
        residency: false,
        reviewEveryDays: 365,
        atExpiry: 'warn',
      },
      {
        id: 'high',
        name: 'High',
        agreements: ['dpa'],
        reviewed: true,
        residency: true,
        reviewEveryDays: 180,
        atExpiry: 'warn',
      },
    ],
    usualTier: NO_TIER,
    requestsSince: null,
  },
};

export const tierOf = (rules: Rules, id: string): Tier | undefined =>
  rules.tiers.find((tier) => tier.id === id);

/** Whether a tier asks for less than requests for vendors without one do: naming it would be the way around those. */
export function asksLess({ tiers, usualTier }: Rules, id: string): boolean {
  const [tier, usual] = [id, usualTier].map((each) => tiers.find((one) => one.id === each));
  if (tier === undefined || usual === undefined) return false;
  const asksAnything = usual.agreements.length > 0 || usual.reviewed || usual.residency;
  return (
    usual.agreements.some((kind) => !tier.agreements.includes(kind)) ||
    (usual.reviewed && !tier.reviewed) ||
    (usual.residency && !tier.residency) ||
    (asksAnything && usual.atExpiry === 'close' && tier.atExpiry === 'warn')
  );
}
