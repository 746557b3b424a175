import { createRoute, z } from '@hono/zod-openapi';
import { type Approvals, needsSecondPerson, setSecondPerson } from '../approvals/index.ts';
import {
  createRouter,
  expectStepUp,
  givenReason,
  json,
  needs,
  type Platform,
  problemResponses,
  ReasonSchema,
  readSetting,
  type Setting,
  writeSetting,
} from '../platform/index.ts';

/** What this deployment is called, in the console's head and in reports. */
const deploymentName: Setting<string> = {
  key: 'deployment_name',
  schema: z.string().trim().min(1, 'a name has at least one character').max(60, 'at most 60 characters'),
  initial: 'Drawbridge',
};

export const readDeploymentName = (platform: Platform): Promise<string> =>
  readSetting(platform.db, deploymentName);

const SettingsSchema = z
  .object({
    deploymentName: z.string(),
    secondPerson: z.boolean().openapi({
      description:
        'Whether a second person has to approve a change of host, a credential for a host that had none, looser rules of the egress proxy, and who becomes somebody who may approve',
    }),
  })
  .openapi('Settings');

const read = createRoute({
  method: 'get',
  path: '/settings',
  'x-needs': needs('setting.read'),
  summary: 'What is set for the whole deployment',
  responses: { 200: json(SettingsSchema, 'The settings'), ...problemResponses },
});
const change = createRoute({
  method: 'patch',
  path: '/settings',
  'x-needs': needs('setting.change'),
  summary: 'Change settings',
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({
            deploymentName: z.string().max(500).optional(),
            secondPerson: z.boolean().optional(),
            reason: ReasonSchema.optional(),
          }),
        },
      },
    },
  },
  responses: { 200: json(SettingsSchema, 'The settings in force now'), ...problemResponses },
});

async function readAll({ db }: Platform): Promise<z.infer<typeof SettingsSchema>> {
  return { deploymentName: await readSetting(db, deploymentName), secondPerson: await needsSecondPerson(db) };
}

/** Who decides about what waits for a second person is a sensitive matter; what the deployment is called is not. */
export function settingRoutes(
  platform: Platform,
  deps: { approvals: Approvals; people: () => Promise<number> },
) {
  return createRouter()
    .openapi(read, async (c) => c.json(await readAll(platform), 200))
    .openapi(change, async (c) => {
      const given = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, given.reason) };
      if (given.secondPerson !== undefined) expectStepUp(c, platform);
      await deps.approvals.asking(by, () =>
        platform.db.transaction().execute(async (tx) => {
          if (given.deploymentName !== undefined)
            await writeSetting(tx, platform, deploymentName, given.deploymentName, by);
          if (given.secondPerson !== undefined)
            await setSecondPerson(tx, { ...deps, platform }, given.secondPerson, by);
        }),
      );
      return c.json(await readAll(platform), 200);
    });
}
