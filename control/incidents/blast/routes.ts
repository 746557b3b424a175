import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
  invalid,
  json,
  needs,
  notFound,
  type Platform,
  pageSchema,
  problemResponses,
} from '../../platform/index.ts';
import { blastOf } from './blast.ts';
import type { BlastDeps } from './deps.ts';
import { BlastSchema, type Weakest, WeakestSchema } from './schemas.ts';

const Party = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'a vendor’s id has lower-case letters, digits and hyphens, at most 61');
const Moment = z.iso
  .datetime({ offset: true, error: 'is a time with its zone, such as 2025-11-08T00:00:00Z' })
  .openapi({ example: '2025-11-08T00:00:00Z' });

const read = createRoute({
  method: 'get',
  path: '/blast-radius/{party}',
  'x-needs': needs('incident.read'),
  summary: 'What a vendor or sub-processor may hold of ours, about whom, and what hangs on it',
  request: {
    params: z.object({ party: Party }),
    query: z.object({
      from: Moment.optional().openapi({ description: 'Since when it was breached; 30 days ago if left out' }),
      to: Moment.optional().openapi({ description: 'Until when; now if left out' }),
    }),
  },
  responses: { 200: json(BlastSchema, 'The blast radius'), ...problemResponses },
});
const weakest = createRoute({
  method: 'get',
  path: '/weakest-links',
  'x-needs': needs('incident.read'),
  summary: 'All vendors by what a breach at each would bring',
  responses: { 200: json(pageSchema(WeakestSchema), 'The first brings most'), ...problemResponses },
});

const USUAL_MS = 30 * 24 * 3_600_000;
const MOST_LINKS = 500;

export interface BlastRouteDeps extends BlastDeps {
  platform: Platform;
  /** Whether anybody here knows such a vendor: from packs, registers, the chain or traffic. */
  isKnown(party: string): Promise<boolean>;
  weakest(): Promise<Weakest[]>;
}

export function blastRoutes(deps: BlastRouteDeps) {
  return createRouter()
    .openapi(read, async (c) => {
      const { party } = c.req.valid('param');
      const asked = c.req.valid('query');
      const to = asked.to === undefined ? deps.platform.clock.now() : Date.parse(asked.to);
      const from = asked.from === undefined ? to - USUAL_MS : Date.parse(asked.from);
      if (from > to) throw invalid('from', 'is later than `to`');
      if (!(await deps.isKnown(party))) throw notFound('vendor');
      return c.json(await blastOf(deps, party, from, to), 200);
    })
    .openapi(weakest, async (c) =>
      c.json({ items: (await deps.weakest()).slice(0, MOST_LINKS), next: null }, 200),
    );
}
