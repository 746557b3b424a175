import { createRoute, z } from '@hono/zod-openapi';
import {
  BlobRefSchema,
  bodyOf,
  createRouter,
  fileAnswer,
  givenReason,
  json,
  LARGEST_BLOB,
  needs,
  PageQuerySchema,
  pageSchema,
  problemResponses,
} from '../../platform/index.ts';
import { openActions } from './actions.ts';
import { type AttachmentDeps, attach, listAttachments, openAttachment } from './attachments.ts';
import { type FeedDeps, timeline } from './feed.ts';
import { expectVisible, type ReadDeps, readIncident } from './read.ts';
import { ActionSchema, AttachmentSchema, FeedLineSchema, IncidentSchema } from './schemas.ts';

/** What an incident leaves on record: its timeline, its files, and what its review asks to be done. */

const read = needs('incident.read');
const params = z.object({ incident: z.uuid() });

const lines = createRoute({
  method: 'get',
  path: '/incidents/{incident}/timeline',
  'x-needs': read,
  summary: 'All that was entered, and what was changed and first crossed about its party; the newest first',
  request: { params, query: PageQuerySchema },
  responses: { 200: json(pageSchema(FeedLineSchema), 'A page of lines'), ...problemResponses },
});
const files = createRoute({
  method: 'get',
  path: '/incidents/{incident}/attachments',
  'x-needs': read,
  summary: 'Files of an incident, the newest first',
  request: { params, query: PageQuerySchema },
  responses: { 200: json(pageSchema(AttachmentSchema), 'A page of files'), ...problemResponses },
});
const add = createRoute({
  method: 'post',
  path: '/incidents/{incident}/attachments',
  'x-needs': needs('incident.work'),
  summary: 'Keep a file with an incident',
  description: `The body is the file itself, at most ${LARGEST_BLOB} bytes, its type in content-type; the reason goes in x-drawbridge-reason.`,
  request: { params, query: z.object({ name: BlobRefSchema.shape.name }) },
  responses: { 201: json(IncidentSchema, 'The incident'), ...problemResponses },
});
const file = createRoute({
  method: 'get',
  path: '/incidents/{incident}/attachments/{n}',
  'x-needs': read,
  summary: 'Download a file of an incident, which is recorded',
  description: 'Always as a download, never shown as a page.',
  request: {
    params: z.object({ incident: z.uuid(), n: z.coerce.number().int().min(1).max(1_000_000) }),
  },
  responses: {
    200: { description: 'The file', content: { 'application/octet-stream': { schema: z.any() } } },
    ...problemResponses,
  },
});
const actions = createRoute({
  method: 'get',
  path: '/incident-actions',
  'x-needs': read,
  summary: 'What reviews of incidents asked for and is not done yet, due soonest first',
  request: { query: PageQuerySchema },
  responses: { 200: json(pageSchema(ActionSchema), 'A page of actions'), ...problemResponses },
});

export type RecordDeps = AttachmentDeps & FeedDeps & ReadDeps;

export function recordRoutes(deps: RecordDeps) {
  return createRouter()
    .openapi(lines, async (c) => {
      const { incident } = c.req.valid('param');
      await expectVisible(deps, incident, c.get('actor'));
      return c.json(await timeline(deps, incident, c.req.valid('query')), 200);
    })
    .openapi(files, async (c) => {
      const { incident } = c.req.valid('param');
      await expectVisible(deps, incident, c.get('actor'));
      return c.json(await listAttachments(deps, incident, c.req.valid('query')), 200);
    })
    .openapi(add, async (c) => {
      const { incident } = c.req.valid('param');
      await expectVisible(deps, incident, c.get('actor'));
      const given = {
        name: c.req.valid('query').name,
        type: c.req.header('content-type') ?? '',
        content: bodyOf(c.req.raw),
      };
      await attach(deps, incident, given, { actor: c.get('actor'), reason: givenReason(c) });
      deps.platform.events.publish('incidents');
      return c.json(await readIncident(deps, incident), 201);
    })
    .openapi(file, async (c) => {
      const { incident, n } = c.req.valid('param');
      await expectVisible(deps, incident, c.get('actor'));
      const { info, name, content } = await openAttachment(deps, incident, n, c.get('actor'));
      return fileAnswer(info, name, content);
    })
    .openapi(actions, async (c) =>
      c.json(await openActions(deps, c.get('actor'), c.req.valid('query')), 200),
    );
}
