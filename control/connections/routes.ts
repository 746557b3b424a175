import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Approvals } from '../approvals/index.ts';
import {
  type Action,
  type By,
  type Caller,
  createRouter,
  expectStepUp,
  givenReason,
  type HttpEnv,
  json,
  needs,
  PageQuerySchema,
  type Platform,
  problemResponses,
} from '../platform/index.ts';
import type { Connections } from './connections.ts';
import type { Contracts } from './contracts.ts';
import {
  AllowanceSchema,
  ConnectionChangeSchema,
  ConnectionPageSchema,
  ConnectionSchema,
  ContractChangeSchema,
  ContractHistorySchema,
  ContractVersionSchema,
  CredentialEntrySchema,
  NewConnectionSchema,
} from './schemas.ts';

const params = z.object({ id: z.string().max(60) });
const body = <T extends z.ZodType>(schema: T) =>
  ({ required: true, content: { 'application/json': { schema } } }) as const;
const headers = z.object({
  'if-match': z.string().max(200).optional().openapi({
    description: 'The ETag as it was read: what was changed meanwhile is not changed (412)',
  }),
});

const listConnections = createRoute({
  method: 'get',
  path: '/connections',
  'x-needs': needs('connection.read'),
  summary: 'Connections, in order of creation',
  request: { query: PageQuerySchema },
  responses: { 200: json(ConnectionPageSchema, 'A page of connections'), ...problemResponses },
});
const createConnection = createRoute({
  method: 'post',
  path: '/connections',
  'x-needs': needs('connection.create'),
  summary: 'Connect a vendor’s service',
  request: { body: body(NewConnectionSchema) },
  responses: { 201: json(ConnectionSchema, 'The new connection'), ...problemResponses },
});
const readConnection = createRoute({
  method: 'get',
  path: '/connections/{id}',
  'x-needs': needs('connection.read'),
  summary: 'One connection',
  request: { params },
  responses: { 200: json(ConnectionSchema, 'The connection'), ...problemResponses },
});
const changeConnection = createRoute({
  method: 'patch',
  path: '/connections/{id}',
  'x-needs': needs('connection.change'),
  summary: 'Rename, repoint, sever or open a connection',
  description:
    'Changing the host, port or scheme needs `connection.change_host` too, and erases the credential, which is bound to them: it must be entered again. It asks for a factor used within five minutes, and waits for a second person where that is set (409 `approval_needed`). Changing `state` asks for what a severance asks for: `severance.run`, and a factor used within five minutes.',
  request: { params, headers, body: body(ConnectionChangeSchema) },
  responses: { 200: json(ConnectionSchema, 'The connection as it is now'), ...problemResponses },
});
const enterCredential = createRoute({
  method: 'put',
  path: '/connections/{id}/credential',
  'x-needs': needs('credential.enter'),
  summary: 'Enter the vendor’s credential',
  description: 'Binds it to the connection, its host, and the places that the service’s `auth` has now.',
  request: { params, headers, body: body(CredentialEntrySchema) },
  responses: { 200: json(ConnectionSchema, 'The connection; never the credential'), ...problemResponses },
});
const readContract = createRoute({
  method: 'get',
  path: '/connections/{id}/contract',
  'x-needs': needs('connection.read'),
  summary: 'The data contract in force, and its versions',
  request: { params },
  responses: { 200: json(ContractHistorySchema, 'The contract'), ...problemResponses },
});
const changeContract = createRoute({
  method: 'put',
  path: '/connections/{id}/contract',
  'x-needs': needs('contract.change'),
  summary: 'Put a new version of the data contract in force',
  request: { params, headers, body: body(ContractChangeSchema) },
  responses: { 200: json(ContractVersionSchema, 'The new version'), ...problemResponses },
});
const allowName = createRoute({
  method: 'post',
  path: '/connections/{id}/contract/allow',
  'x-needs': needs('contract.change'),
  summary: 'Let a name cross: an event name, or a property with its class and treatment',
  request: { params, body: body(AllowanceSchema) },
  responses: { 200: json(ContractVersionSchema, 'The version in force now'), ...problemResponses },
});

function by(c: Context<HttpEnv>, reason: string | undefined): By & { actor: Caller } {
  return { actor: c.get('actor'), reason: givenReason(c, reason) };
}

export function connectionRoutes(deps: {
  platform: Platform;
  connections: Connections;
  contracts: Contracts;
  approvals: Approvals;
}) {
  const { platform, connections, contracts, approvals } = deps;
  return createRouter()
    .openapi(listConnections, async (c) => c.json(await connections.list(c.req.valid('query')), 200))
    .openapi(createConnection, async (c) => {
      const given = c.req.valid('json');
      const made = await connections.create(given, by(c, given.reason));
      return c.json(made, 201, { etag: made.etag, location: `${c.req.path}/${made.id}` });
    })
    .openapi(readConnection, async (c) => {
      const found = await connections.get(c.req.valid('param').id);
      return c.json(found, 200, { etag: found.etag });
    })
    .openapi(changeConnection, async (c) => {
      const given = c.req.valid('json');
      const ifMatch = c.req.valid('header')['if-match'];
      const who = by(c, given.reason);
      const confirmed = (action: Action) => async () => {
        await c.get('expectMay')?.(action);
        expectStepUp(c, platform);
      };
      const changed = await approvals.asking(who, () =>
        connections.change(c.req.valid('param').id, given, who, {
          ifMatch,
          onMove: confirmed('connection.change_host'),
          // What a connection says of itself cuts as a severance does: one is not the way around the other.
          onCut: confirmed('severance.run'),
        }),
      );
      return c.json(changed, 200, { etag: changed.etag });
    })
    .openapi(enterCredential, async (c) => {
      const given = c.req.valid('json');
      const ifMatch = c.req.valid('header')['if-match'];
      const who = by(c, given.reason);
      const changed = await approvals.asking(who, () =>
        connections.enterCredential(c.req.valid('param').id, given, who, ifMatch),
      );
      return c.json(changed, 200, { etag: changed.etag });
    })
    .openapi(readContract, async (c) => {
      const history = await contracts.history(c.req.valid('param').id);
      return c.json(history, 200, { etag: `"${history.current.version}"` });
    })
    .openapi(changeContract, async (c) => {
      const given = c.req.valid('json');
      const ifMatch = c.req.valid('header')['if-match'];
      const version = await contracts.change(c.req.valid('param').id, given, by(c, given.reason), ifMatch);
      return c.json(version, 200, { etag: `"${version.version}"` });
    })
    .openapi(allowName, async (c) => {
      const { reason, ...given } = c.req.valid('json');
      const version = await contracts.allow(c.req.valid('param').id, given, by(c, reason));
      return c.json(version, 200, { etag: `"${version.version}"` });
    });
}
