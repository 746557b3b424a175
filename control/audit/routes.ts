import {
  BUNDLE_LIMIT,
  HASH_BYTES,
  NOTE_LIMIT,
  parsePath,
  TILE_WIDTH,
  type TileFiles,
} from '@drawbridge/tlog';
import { createRoute, z } from '@hono/zod-openapi';
import { type LogOverview as GatewayLog, LogSchema as GatewayLogSchema } from '../checkpoints/index.ts';
import {
  type By,
  createRouter,
  givenReason,
  json,
  needs,
  notFound,
  type Platform,
  pageSchema,
  problemResponses,
  ReasonSchema,
} from '../platform/index.ts';
import { findChange, listChanges } from './changes.ts';
import type { Evidence } from './evidence.ts';
import {
  ChainSchema,
  ChangeDetailSchema,
  ChangeQuerySchema,
  ChangeSchema,
  type Hold,
  type LogOverview,
  LogSchema,
} from './schemas.ts';

const listLogs = createRoute({
  method: 'get',
  path: '/logs',
  'x-needs': needs('log.read'),
  summary: 'The transparency logs: size, last checkpoint, key, and what is wrong with them',
  responses: {
    200: json(
      z.object({ items: z.array(LogSchema), gateways: z.array(GatewayLogSchema) }),
      'All logs: `items` are those of the control plane, `gateways` the journals, one per worker',
    ),
    ...problemResponses,
  },
});
const list = createRoute({
  method: 'get',
  path: '/changes',
  'x-needs': needs('log.read'),
  summary: 'Who changed what and why, newest first',
  request: { query: ChangeQuerySchema },
  responses: { 200: json(pageSchema(ChangeSchema), 'A page of changes'), ...problemResponses },
});
const params = z.object({ id: z.uuid() });
const read = createRoute({
  method: 'get',
  path: '/changes/{id}',
  'x-needs': needs('log.read'),
  summary: 'One change, with its entry in the log and whether the two agree',
  request: { params },
  responses: { 200: json(ChangeDetailSchema, 'The change'), ...problemResponses },
});
const proof = createRoute({
  method: 'get',
  path: '/changes/{id}/proof',
  'x-needs': needs('log.read'),
  summary: 'That the log has the change: a file in the format c2sp.org/tlog-proof',
  request: { params },
  responses: {
    200: { description: 'The proof', content: { 'text/plain': { schema: z.string() } } },
    ...problemResponses,
  },
});

const chain = createRoute({
  method: 'get',
  path: '/changes/{id}/chain',
  'x-needs': needs('log.read'),
  summary:
    'That the log has the change, and that the root log has a checkpoint which holds it: two proofs, one above the other',
  request: { params },
  responses: { 200: json(ChainSchema, 'The chain, from the entry to the root log'), ...problemResponses },
});

const beginEpoch = createRoute({
  method: 'post',
  path: '/logs/control/epochs',
  'x-needs': needs('log.change'),
  summary: 'Begin the log of changes anew',
  description:
    'For a log whose files are lost or were set back. The next epoch has a name and a key of its own; its first entry quotes the last checkpoint of the one before, and the reason. The reason stands in the log for ever: name no person in it.',
  request: {
    body: {
      required: true,
      content: { 'application/json': { schema: z.strictObject({ reason: ReasonSchema.optional() }) } },
    },
  },
  responses: { 201: json(LogSchema, 'The new epoch, which begins in a moment'), ...problemResponses },
});

/** The logs of the gateways, to be listed beside the control plane's own. */
export type GatewayLogs = () => Promise<GatewayLog[]>;

/** Logs of the control plane that are not its log of changes. */
export interface OtherLogs {
  logs(): Promise<LogOverview[]>;
  /** By its name in this API; null: there is none. */
  filesOf(name: string): TileFiles | null;
  /**
   * The first checkpoint of a log in the root log that holds its entry at `index`, with what proves that it is there; null
   * while no published checkpoint of the root log has one.
   */
  hold(origin: string, index: number): Promise<Hold | null>;
}

export interface AuditDeps extends Omit<OtherLogs, 'filesOf'> {
  gatewayLogs: GatewayLogs;
  /** A log's files by its name in this API; null for none of that name. */
  filesOf(name: string): Promise<TileFiles | null>;
  beginEpoch(by: By): Promise<LogOverview>;
  evidence: Evidence;
}

/** Whole tiles are 8 KiB, bundles are larger. */
const TILE_LIMIT = TILE_WIDTH * HASH_BYTES;

export function auditRoutes(platform: Platform, deps: AuditDeps) {
  const { evidence } = deps;
  const filesOf = async (name: string): Promise<TileFiles> => {
    const files = await deps.filesOf(name);
    if (files === null) throw notFound('log');
    return files;
  };
  const changeOf = async (id: string) => {
    const change = await findChange(platform, id);
    if (change === null) throw notFound('change');
    return change;
  };
  return (
    createRouter()
      .openapi(listLogs, async (c) => {
        const [items, gateways] = await Promise.all([deps.logs(), deps.gatewayLogs()]);
        return c.json({ items, gateways }, 200);
      })
      .openapi(beginEpoch, async (c) => {
        const by = { actor: c.get('actor'), reason: givenReason(c, c.req.valid('json').reason) };
        return c.json(await deps.beginEpoch(by), 201);
      })
      .openapi(list, async (c) => c.json(await listChanges(platform, c.req.valid('query')), 200))
      .openapi(read, async (c) => c.json(await evidence.of(await changeOf(c.req.valid('param').id)), 200))
      .openapi(proof, async (c) => {
        const { id } = c.req.valid('param');
        const text = await evidence.proof(await changeOf(id));
        return c.text(text, 200, { 'content-disposition': `attachment; filename="${id}.tlog-proof"` });
      })
      .openapi(chain, async (c) =>
        c.json(await evidence.chain(await changeOf(c.req.valid('param').id), deps.hold), 200),
      )
      // The log's files as they are, under the paths of c2sp.org/tlog-tiles: also damaged ones, to be looked at.
      .get('/logs/:log/checkpoint', async (c) => {
        const note = await (await filesOf(c.req.param('log'))).read('checkpoint', NOTE_LIMIT);
        if (note === null) throw notFound('checkpoint');
        return c.text(note.toString());
      })
      .get('/logs/:log/tile/*', async (c) => {
        const name = c.req.param('log');
        const path = c.req.path.slice(c.req.path.indexOf(`/logs/${name}/tile/`) + `/logs/${name}/`.length);
        const known = parsePath(path);
        if (known === null || known.kind === 'checkpoint') throw notFound('tile');
        const files = await filesOf(name);
        const bytes = await files.read(path, known.kind === 'entries' ? BUNDLE_LIMIT : TILE_LIMIT);
        if (bytes === null) throw notFound('tile');
        return c.body(new Uint8Array(bytes), 200, { 'content-type': 'application/octet-stream' });
      })
  );
}
