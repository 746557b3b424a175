import { createRoute, z } from '@hono/zod-openapi';
import { createRouter, givenReason, json, needs, problemResponses, ReasonSchema } from '../platform/index.ts';
import type { Secrets } from '../vault/index.ts';

const beginEpoch = createRoute({
  method: 'post',
  path: '/vendors/{vendor}/epochs',
  'x-needs': needs('epoch.begin'),
  summary: "Destroy the vendor's pseudonym secret and begin a new epoch",
  description:
    'What the vendor gets from now on can be joined with what it got before by nobody, us included. It can not be undone; the ledger keeps counting people as before.',
  request: {
    params: z.object({ vendor: z.string().min(1).max(60) }),
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
    },
  },
  responses: { 201: json(z.object({ epoch: z.number() }), 'The new epoch'), ...problemResponses },
});

/** Ends the joins that a vendor's pseudonyms allow. */
export function epochRoutes(secrets: Pick<Secrets, 'beginEpoch'>) {
  return createRouter().openapi(beginEpoch, async (c) => {
    const by = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
    return c.json(await secrets.beginEpoch(c.req.valid('param').vendor, by), 201);
  });
}
