import { parseVerifierKey } from '@drawbridge/tlog';
import { createRoute, z } from '@hono/zod-openapi';
import { type LogOverview, RootWitnessesSchema } from '../audit/index.ts';
import {
  type By,
  createRouter,
  givenReason,
  json,
  needs,
  type Platform,
  problemResponses,
  ReasonSchema,
  writeSetting,
} from '../platform/index.ts';
import { rootWitnesses, WitnessesSchema } from './witnesses.ts';

const set = createRoute({
  method: 'put',
  path: '/logs/root/witnesses',
  'x-needs': needs('log.change'),
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

const beginEpoch = createRoute({
  method: 'post',
  path: '/logs/root/epochs',
  'x-needs': needs('log.change'),
  summary: 'Begin the root log anew, with the next start',
  description:
    'For a log whose files are lost or were set back. The next epoch has a name and a key of its own, and takes in all logs from their beginning, the epoch before among them.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
    },
  },
  responses: {
    202: json(
      z.object({
        origin: z.string().openapi({ description: 'Its name: it begins when Drawbridge is started next' }),
      }),
      'The epoch that was asked for',
    ),
    ...problemResponses,
  },
});

export interface RootRoutesDeps {
  /** Has it begin anew at the next start; the name of what will begin. */
  beginEpoch(by: By): Promise<string>;
  witnesses(): Promise<Pick<NonNullable<LogOverview['root']>, 'required' | 'witnesses'>>;
  /** Asks them at once. */
  changed(): void;
}

export function rootRoutes(platform: Platform, { beginEpoch: begin, witnesses, changed }: RootRoutesDeps) {
  return createRouter()
    .openapi(set, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const names = given.witnesses.map(({ key }) => parseVerifierKey(key).name);
      const detail = { required: given.required, witnesses: names };
      const by = { actor: c.get('actor'), reason: givenReason(c, reason), detail };
      await platform.db.transaction().execute((tx) => writeSetting(tx, platform, rootWitnesses, given, by));
      changed();
      return c.json(await witnesses(), 200);
    })
    .openapi(beginEpoch, async (c) => {
      const by = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
      return c.json({ origin: await begin(by) }, 202);
    });
}
