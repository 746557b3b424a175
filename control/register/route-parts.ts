import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  type By,
  expectStepUp,
  givenReason,
  type HttpEnv,
  type Platform,
  Problem,
  ReasonSchema,
} from '../platform/index.ts';
import { VendorIdSchema } from './schemas.ts';

/** What the register's routes have in common. */

export const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
export const vendorParams = z.object({ vendor: VendorIdSchema });
export const OnlyReasonSchema = z.strictObject({ reason: ReasonSchema });

export const byOf = (c: Context<HttpEnv>, reason?: string): By => ({
  actor: c.get('actor'),
  reason: givenReason(c, reason),
});

/**
 * Throws Problem 403 where who asks may not decide about conditions, or used no factor just now, as every route that
 * decides asks for: a tier opens and closes connections.
 */
export const mayDecide =
  (c: Context<HttpEnv>, platform: Pick<Platform, 'clock'>) => async (): Promise<void> => {
    const { actions, level } = c.get('actor');
    if (!actions.has('register.decide')) {
      throw new Problem(
        403,
        'not_permitted',
        'A tier that asks for less, or another than was set, needs the right to decide what tiers ask for. Ask somebody who has it.',
        undefined,
        { action: 'register.decide' },
      );
    }
    if (level === 2) expectStepUp(c, platform);
  };
