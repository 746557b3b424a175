import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type By, givenReason, type HttpEnv, Problem, ReasonSchema } from '../platform/index.ts';
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

/** Throws Problem 403 where who asks may not decide about conditions: a tier opens and closes connections. */
export const mayDecide = (c: Context<HttpEnv>) => async (): Promise<void> => {
  if (c.get('actor').actions.has('register.decide')) return;
  throw new Problem(
    403,
    'not_permitted',
    'Changing a tier that was set needs the right to decide what tiers ask for. Ask somebody who has it.',
    undefined,
    { action: 'register.decide' },
  );
};
