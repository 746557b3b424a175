import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { canaryUseRoutes } from './canaries/index.ts';
import { largestChain } from './chain/index.ts';
import { checkpointRoutes } from './checkpoints/index.ts';
import { largestReport } from './coverage/index.ts';
import { ingestRoutes } from './crossings/index.ts';
import { largestImport } from './detectors/index.ts';
import { largestEvidence } from './discovery/index.ts';
import { fleetRoutes, gatewayAuth } from './fleet/index.ts';
import { largestVisit } from './holdings/index.ts';
import { gate, sameOrigin, sessionRoutes } from './identity/index.ts';
import { largestVendorImport } from './imports/index.ts';
import { liveRoutes, readDeploymentName, replayRoutes } from './operations/index.ts';
import { ownersFrom } from './owners.ts';
import {
  createRouter,
  handleErrors,
  idempotency,
  largestBlob,
  type Needs,
  type NeedsTable,
  needs,
  Problem,
  readNeeds,
} from './platform/index.ts';
import { largestRegister } from './register/index.ts';
import { API_BASE, type Rooms } from './rooms.ts';
import { peopleRoutes } from './routes.ts';
import { oidcRoutes } from './sso/index.ts';
import { exchangeRoutes } from './workload/index.ts';

/** Routes that stand beside the documented ones: streams, files of logs, and the document itself. */
const undocumentedNeeds: Readonly<Record<string, Needs>> = {
  'GET /openapi.json': needs.anyone,
  'GET /events': needs('overview.read'),
  'GET /replay': needs('overview.read'),
  'GET /crossings/live': needs('crossing.read'),
  'GET /logs/:log/checkpoint': needs('log.read'),
  'GET /logs/:log/tile/*': needs('log.read'),
  'GET /logs/gateways/:log/checkpoint': needs('log.read'),
  'GET /logs/gateways/:log/tile/*': needs('log.read'),
};
const LARGEST_BODY = 4 * 1024 * 1024;

/** Imports of lists, and evidence, are larger than what else people send. */
const limitBody: MiddlewareHandler = (c, next) => {
  const { path } = c.req;
  const maxSize =
    [
      largestImport,
      largestChain,
      largestEvidence,
      largestReport,
      largestVisit,
      largestBlob,
      largestRegister,
      largestVendorImport,
    ]
      .map((largest) => largest(path))
      .find((size) => size !== null) ?? LARGEST_BODY;
  const onError = (): never => {
    throw new Problem(413, 'too_large', `A request to the API has at most ${maxSize} bytes here.`);
  };
  return bodyLimit({ maxSize, onError })(c, next);
};

/** The API under `API_BASE`: sessions before there is one, everything else behind the gate. */
export function apiPlane(rooms: Rooms) {
  const { platform, secrets, policies, audit, warnings, reached, identity, who, mayGoOn, sso, workloads } =
    rooms;
  const api = createRouter();
  // No secret, and asked for before there is a session; whole, as it is made when all routes are there.
  const document = (c: Context) =>
    c.json(
      api.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Drawbridge',
          version: '1',
          description: 'The API of the control plane. The console uses nothing else.',
        },
        servers: [{ url: API_BASE }],
      }),
    );
  api.onError(handleErrors(platform.log));
  api.use('*', sameOrigin(reached));
  api.use('*', limitBody);
  api.use('*', audit.answerWhenLogged);
  let table: NeedsTable | null = null;
  const needsTable = () => (table ??= readNeeds(api, API_BASE, undocumentedNeeds));
  api.use(
    '*',
    gate({ ...who, needs: needsTable, ownerOf: ownersFrom(platform), checkAct: policies.checkAct }),
  );
  api.route(
    '/',
    sessionRoutes({
      ...identity,
      warnings,
      name: () => readDeploymentName(platform),
      oidc: () => sso.issuers.methods(),
    }),
  );
  api.route('/', oidcRoutes(sso.signIn, reached));
  api.route('/', exchangeRoutes(workloads, reached.addressOf));
  api.get('/openapi.json', document);
  api.use('*', idempotency(platform, { hashRequest: (digest) => secrets.hashRequest(digest) }));
  api.route('/', peopleRoutes(rooms));
  api.route(
    '/',
    liveRoutes(platform, (c) => mayGoOn(c, 'overview.read')),
  );
  api.route('/', replayRoutes(rooms.options.readReplay));
  return { api, document };
}

/** What gateways call: snapshots down, journals up. */
export function fleetPlane(rooms: Rooms) {
  const { platform, payloadKey, fleet, erasure, projector } = rooms;
  const fleetApp = new Hono<{ Variables: { gateway: { id: string }; requestId: string } }>();
  fleetApp.onError(handleErrors(platform.log));
  fleetApp.route('/', fleetRoutes(platform, fleet));
  fleetApp.use('/journal', gatewayAuth(platform));
  fleetApp.use('/checkpoint', gatewayAuth(platform));
  fleetApp.use('/canary-uses', gatewayAuth(platform));
  fleetApp.route('/', canaryUseRoutes(platform));
  fleetApp.route('/', checkpointRoutes(platform));
  fleetApp.route(
    '/',
    ingestRoutes(platform, {
      openDataKey: payloadKey.open,
      erased: erasure.erased,
      onStored: () => projector.poke(),
    }),
  );
  return fleetApp;
}
