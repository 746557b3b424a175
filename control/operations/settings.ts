import { createRoute, z } from '@hono/zod-openapi';
import {
  createRouter,
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

const SettingsSchema = z.object({ deploymentName: z.string() }).openapi('Settings');

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
          schema: z.strictObject({ deploymentName: z.string().max(500), reason: ReasonSchema.optional() }),
        },
      },
    },
  },
  responses: { 200: json(SettingsSchema, 'The settings in force now'), ...problemResponses },
});

export function settingRoutes(platform: Platform) {
  return createRouter()
    .openapi(read, async (c) => c.json({ deploymentName: await readDeploymentName(platform) }, 200))
    .openapi(change, async (c) => {
      const given = c.req.valid('json');
      const by = { actor: c.get('actor'), reason: givenReason(c, given.reason) };
      await platform.db
        .transaction()
        .execute((tx) => writeSetting(tx, platform, deploymentName, given.deploymentName, by));
      return c.json({ deploymentName: await readDeploymentName(platform) }, 200);
    });
}
