import { parseVerifierKey } from '@drawbridge/tlog';
import { createRoute } from '@hono/zod-openapi';
import { type LogOverview, RootWitnessesSchema } from '../audit/index.ts';
import {
  createRouter,
  givenReason,
  json,
  type Platform,
  problemResponses,
  ReasonSchema,
  writeSetting,
} from '../platform/index.ts';
import { rootWitnesses, WitnessesSchema } from './witnesses.ts';

const set = createRoute({
  method: 'put',
  path: '/logs/root/witnesses',
  summary: 'Who is asked to cosign the root log, and how many have to before a checkpoint is published',
  request: {
    body: {
      required: true,
      content: {
        'application/json': { schema: WitnessesSchema.safeExtend({ reason: ReasonSchema.optional() }) },
      },
    },
  },
  responses: { 200: json(RootWitnessesSchema, 'The witnesses'), ...problemResponses },
});

export interface RootRoutesDeps {
  witnesses(): Promise<Pick<NonNullable<LogOverview['root']>, 'required' | 'witnesses'>>;
  /** Asks them at once. */
  changed(): void;
}

export function rootRoutes(platform: Platform, { witnesses, changed }: RootRoutesDeps) {
  return createRouter().openapi(set, async (c) => {
    const { reason, ...given } = c.req.valid('json');
    const names = given.witnesses.map(({ key }) => parseVerifierKey(key).name);
    const detail = { required: given.required, witnesses: names };
    const by = { actor: c.get('actor'), reason: givenReason(c, reason), detail };
    await platform.db.transaction().execute((tx) => writeSetting(tx, platform, rootWitnesses, given, by));
    changed();
    return c.json(await witnesses(), 200);
  });
}
