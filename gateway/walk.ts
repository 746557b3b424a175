import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlockList } from 'node:net';
import {
  announcedLength,
  type BodyBudget,
  checkLength,
  corsHeaders,
  readBody,
  releaseBody,
  type Target,
} from './accept/index.ts';
import { admit, admitModel, type RateLimiter } from './admit/index.ts';
import { sendAnswer } from './answer.ts';
import { authenticate } from './authenticate/index.ts';
import type { ConnectionPolicies } from './authorise/index.ts';
import { type KeyLimits, planCharge, spentOf, uncompressed } from './budget/index.ts';
import { type CanaryUse, canaryAmong, canaryKey, clientClass, keysInHead } from './canary.ts';
import type { Cohort } from './cohort.ts';
import { withCredentialFor } from './credential-share.ts';
import type { FoundKey, Incoming, LiveConnection, Minimised } from './crossing.ts';
import { forward, type Outcome } from './forward/index.ts';
import {
  type CompiledEndpoint,
  findKeys,
  type Inspection,
  inspect,
  matchEndpoint,
  modelOf,
  patternFor,
} from './inspect/index.ts';
import type { GatewayJournal } from './journal/index.ts';
import { type GatewayLog, traceOf } from './log.ts';
import type { Metrics } from './metrics.ts';
import { minimise } from './minimise/index.ts';
import { liftedAt } from './mode.ts';
import { type RandomTexts, record } from './record/index.ts';
import { Refusal, vendorProblem } from './refusal/index.ts';
import { answerUrls, passThrough } from './restore/index.ts';
import { isSighting, pathShape, sightedKey, upgradeRefusal } from './sighting.ts';
import type { Live } from './snapshot/index.ts';
import { callerOf, networkOf } from './source.ts';
import { stageIndex, Trace } from './trace.ts';
import type { Upstream } from './upstream/index.ts';
import { appendSettlement, type Known, lost, notSent, recordOf, refusedRecord } from './walk-records.ts';
import type { UnderWay } from './withdrawn.ts';

/** Refused crossings of one key that are journalled per minute; the rest is only counted, lest a stranger fill the disk. */
const RECORDED_REFUSALS_PER_MINUTE = 120;

const nothing = Buffer.alloc(0);

/** What all crossings of a worker share. */
export interface House {
  journal: Pick<GatewayJournal, 'append' | 'appendLater'>;
  upstream: Upstream;
  keyLimits: KeyLimits;
  refusalRates: RateLimiter;
  budget: BodyBudget;
  metrics: Metrics;
  log: GatewayLog;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Monotonic milliseconds with fractions. */
  monotonic: () => number;
  random: RandomTexts;
  /** Base URL of the console, for links; null where there is none. */
  console: string | null;
  cohort: Cohort;
  /** Crossings under way whose keys are known. */
  underWay: Set<UnderWay>;
  /** Proxies that are believed where a request comes from; null: none is. */
  proxies: BlockList | null;
  /** Told of each use of a planted key. */
  onCanary: (use: CanaryUse) => void;
  bodyLimit: number;
  clientStallMs: number;
}

/** What a request came in with. */
interface Entered {
  found: readonly FoundKey[];
  known: Known;
}

/** One request on its way through the stages. */
interface Walk extends UnderWay {
  house: House;
  live: Live;
  request: IncomingMessage;
  response: ServerResponse;
  trace: Trace;
  /** What it showed; null: nobody has looked yet. */
  found: readonly FoundKey[] | null;
  /** The record says that it goes out: from here on its end is told by a settlement. */
  isRecorded: boolean;
}

/** Takes one request through the ten stages and answers it in every case. Never rejects. */
export async function walk(
  house: House,
  live: Live,
  connection: LiveConnection,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
  isUpgrade = false,
): Promise<void> {
  const trace = new Trace(house.monotonic);
  const { origin } = request.headers;
  const self: Walk = {
    house,
    live,
    connection,
    request,
    response,
    trace,
    origin,
    known: null,
    found: null,
    cut: null,
    relay: null,
    isRecorded: false,
  };
  let body: Buffer = nothing;
  try {
    if (isUpgrade) throw upgradeRefusal();
    const method = request.method ?? '';
    const endpoint = endpointOf(connection, method, target.path);
    const announced = announcedLength(request);
    checkLength(announced, house.bodyLimit);
    const { path, query } = target;
    const headers = request.rawHeaders;

    // Of a stranger's body nothing is read, or no more than may be needed to find the key in it.
    let entered: Entered | null = null;
    const enterWith = (start: Buffer): void => {
      entered = enter(self, endpoint, { method, path, query, headers, body: start });
    };
    if (!connection.keysInBody) enterWith(nothing);
    trace.enter(stageIndex.accept);
    if (request.headers.expect !== undefined) response.writeContinue();
    body = await readBody(request, {
      announced,
      limit: house.bodyLimit,
      budget: house.budget,
      onStart: entered === null ? enterWith : null,
    });
    await house.cohort.next();
    const incoming: Incoming = { method, path, query, headers, body };
    const { found, known } = entered ?? enter(self, endpoint, incoming);
    known.received = body.length;
    if (known.admitting !== null) await known.admitting;

    trace.enter(stageIndex.inspect);
    const inspection = inspect(incoming, endpoint, known.lifted);
    const model = endpoint.runsModel ? askedFor(self, known, endpoint, path, inspection) : null;
    if (known.key.caps !== null)
      known.charge = planCharge(known.key.caps, connection.service, endpoint, model);
    trace.enter(stageIndex.minimise);
    const minimised = minimise(incoming, endpoint, inspection, self.connection, found, known.lifted);
    known.would = minimised.would;
    trace.enter(stageIndex.authorise);
    if (connection.policies !== null) authorise(self, known, connection.policies, endpoint, model, minimised);
    if (known.charge !== null) uncompressed(known.charge, minimised);
    if (self.cut !== null) throw self.cut;
    trace.enter(stageIndex.record);
    await record(house.journal, recordOf(self, known, minimised));
    self.isRecorded = true;
    trace.enter(stageIndex.forward);
    const { signer } = self.connection;
    const sent = signer === null ? minimised : signer.sign(minimised, house.clock());
    const outcome = await forward(sent, response, {
      upstream: house.upstream,
      target: connection.config.upstream,
      added: answerHeaders(self),
      restore: passThrough,
      rewrite:
        endpoint.answerUrls === null
          ? null
          : answerUrls(endpoint.answerUrls, connection.config, request.headers, isOverTls(request)),
      meter: known.charge?.meter ?? null,
      clientStallMs: house.clientStallMs,
      crossing: self,
    });
    await house.cohort.next();
    trace.enter(stageIndex.settle);
    if (outcome.refusal !== null) refuse(self, outcome.refusal, true);
    settle(self, known, outcome);
  } catch (cause) {
    const refusal = refusalFrom(self, cause);
    if (self.known === null && isSighting(refusal)) self.known = sighted(self, target);
    await refuseAndRecord(self, refusal);
    if (self.known === null && live.canaries !== null) await tellCanary(self, target, live.canaries);
  } finally {
    house.underWay.delete(self);
    releaseBody(body, house.budget);
  }
}

function isOverTls({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

/** Stages authenticate and admit. Throws Refusal. */
function enter(self: Walk, endpoint: CompiledEndpoint, incoming: Incoming): Entered {
  const { house, live, connection, origin, trace } = self;
  trace.enter(stageIndex.authenticate);
  const found = findKeys(connection.service, endpoint, incoming);
  self.found = found;
  const at = house.clock();
  const key = authenticate(found, live.keys, at);
  const known = knownBy(self, key, at, endpoint, incoming.method);
  known.received = incoming.body.length;
  self.known = known;
  if (connection.second !== null)
    self.connection = withCredentialFor(known.id, connection, connection.second);
  house.underWay.add(self);
  trace.enter(stageIndex.admit);
  admit({ key, found, connection: self.connection, endpoint, origin, address: known.address });
  if (key.caps !== null) {
    known.admitting = house.keyLimits.admit(key.caps);
    // It is waited for once the body is here; a body that never comes leaves nobody to hear of it.
    known.admitting?.catch(() => undefined);
  }
  return { found, known };
}

/** The model that a request asks for, noted as far as the pack or the key names it. Throws Refusal `model_not_allowed`. */
function askedFor(
  { connection }: Walk,
  known: Known,
  endpoint: CompiledEndpoint,
  path: string,
  inspection: Inspection,
): string | null {
  const model = modelOf(endpoint, path, inspection);
  const { models } = known.key;
  if (model !== null) known.model = patternFor(model, models ?? connection.models)?.text ?? null;
  if (models !== null) admitModel(models, model);
  return model;
}

/** Journals that a planted key was shown, and has it told. The answer is out by now. */
async function tellCanary(
  self: Walk,
  { path, query }: Target,
  canaries: ReadonlyMap<string, string>,
): Promise<void> {
  const { house, connection, request } = self;
  const method = request.method ?? '';
  const shown = self.found ?? keysInHead(connection, { method, path, query, headers: request.rawHeaders });
  const canary = canaryAmong(shown, canaries);
  if (canary === null) return;
  const endpoint = { id: pathShape(path, connection.endpoints), class: 'unknown' };
  const at = house.clock();
  const known = knownBy(self, canaryKey(canary), at, endpoint, method);
  house.log.warn({ event: 'canary_used', canary, crossing: known.id }, 'a planted key was used');
  house.onCanary({
    canary,
    crossing: known.id,
    at,
    address: known.address,
    client: clientClass(request.headers['user-agent']),
    connection: connection.config.id,
    endpoint: endpoint.id,
  });
  const refusal = new Refusal('canary_used', 'authenticate', 'A planted key was used.');
  if (mayRecord(house, known, refusal)) await recordRefusal(self, known, refusal);
}

function knownBy(
  { house, connection, request }: Walk,
  key: Known['key'],
  at: number,
  endpoint: Known['endpoint'],
  method: string,
): Known {
  const address = callerOf(request, house.proxies);
  const { kind, person } = key.config;
  const isWorkload = kind === 'secret' && person === undefined;
  return {
    id: house.random.uuid(at),
    at,
    key,
    endpoint,
    method,
    address,
    network: isWorkload && address !== null ? networkOf(address) : null,
    model: null,
    received: 0,
    lifted: liftedAt(connection.modes, at),
    would: null,
    decision: null,
    admitting: null,
    charge: null,
  };
}

/** Whose request it was that can't be served, for the journal; null when nobody known asked. */
function sighted(self: Walk, { path, query }: Target): Known | null {
  const { house, live, connection, request } = self;
  const at = house.clock();
  const method = request.method ?? '';
  const key = sightedKey(connection, live.keys, { method, path, query, headers: request.rawHeaders }, at);
  if (key === null) return null;
  const endpoint = { id: pathShape(path, connection.endpoints), class: 'unknown' };
  return knownBy(self, key, at, endpoint, method);
}

function endpointOf(connection: LiveConnection, method: string, path: string): CompiledEndpoint {
  const match = matchEndpoint(connection.endpoints, method, path);
  if (match === null) {
    throw new Refusal(
      'unknown_endpoint',
      'accept',
      `Drawbridge knows no such path of ${connection.service.name}. Check the base URL; it ends before the vendor's own path begins.`,
    );
  }
  if (match === 'method') {
    throw new Refusal('method_not_allowed', 'accept', 'This path is not served for this HTTP method.');
  }
  return match.endpoint;
}

/** Throws Refusal `policy_denied`, but where policies are lifted: then it is noted. */
function authorise(
  { house }: Walk,
  known: Known,
  policies: ConnectionPolicies,
  endpoint: CompiledEndpoint,
  model: string | null,
  minimised: Minimised,
): void {
  const { app, person } = known.key.config;
  const decision = policies.decide({
    app,
    isPersons: person !== undefined,
    endpoint: endpoint.id,
    endpointClass: endpoint.class,
    runsModel: endpoint.runsModel,
    model,
    fields: known.would?.contract ?? minimised.fields,
    at: known.at,
  });
  known.decision = decision;
  if (decision.allowed) return;
  if (decision.failed) {
    house.log.error(
      { event: 'policy_failed', crossing: known.id, policies: decision.names },
      'policies could not be evaluated; the crossing was refused',
    );
  }
  if (known.would === null) throw new Refusal('policy_denied', 'authorise', decision.message);
  known.would.reason ??= 'policy_denied';
}

/** Response headers of ours: CORS, and under which id the crossing is found. */
function answerHeaders(self: Walk): string[] {
  const headers = corsHeaders(self.connection, self.origin);
  if (self.known !== null) headers.push('X-Drawbridge-Crossing', self.known.id);
  return headers;
}

/** An error that is no Refusal is ours: the crossing is refused, and the log says where it arose, not what it said. */
function refusalFrom(self: Walk, cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  self.house.log.error(
    { event: 'crossing_error', crossing: self.known?.id, stage: self.trace.stage, ...traceOf(cause) },
    'a stage failed; the crossing was refused',
  );
  return new Refusal(
    'internal',
    self.trace.stage,
    'The gateway failed on this request, so it was not sent. Its log says more.',
  );
}

/** `isShown`: the console has a page on it. */
function refuse(self: Walk, refusal: Refusal, isShown: boolean): void {
  const { house, known } = self;
  house.metrics.refusal(refusal.code);
  const base = self.live.console ?? house.console;
  const page = isShown && base !== null && known !== null ? `${base}/crossings/${known.id}` : null;
  sendAnswer(
    self.request,
    self.response,
    vendorProblem(refusal, self.connection.errors, page),
    answerHeaders(self),
  );
}

/** Refuses, and journals it when the key is known: what was tried with a key, and denied, is worth knowing. */
async function refuseAndRecord(self: Walk, refusal: Refusal): Promise<void> {
  const { house, known, connection } = self;
  if (known !== null && self.isRecorded) {
    refuse(self, refusal, true);
    settle(self, known, lost);
    return;
  }
  const isRecorded = known !== null && mayRecord(house, known, refusal);
  refuse(self, refusal, isRecorded);
  house.metrics.crossing(connection.config.slug, 'refused');
  if (!isRecorded) return;
  const key = known.key.config.id;
  house.log.info(
    { event: 'crossing_refused', crossing: known.id, code: refusal.code, stage: refusal.stage, key },
    'crossing refused',
  );
  await recordRefusal(self, known, refusal);
}

async function recordRefusal(self: Walk, known: Known, refusal: Refusal): Promise<void> {
  const { house } = self;
  try {
    self.trace.enter(stageIndex.record);
    await record(house.journal, refusedRecord(self, known, refusal));
    self.trace.enter(stageIndex.settle);
    appendSettlement(self, known, notSent, self.trace.timings());
  } catch (cause) {
    house.log.error(
      { event: 'refusal_not_recorded', crossing: known.id, ...traceOf(cause) },
      'a refused crossing could not be journalled',
    );
  }
}

function mayRecord(house: House, known: Known, refusal: Refusal): boolean {
  if (refusal.code === 'journal_unavailable') return false;
  const wait = house.refusalRates.take(known.key.config.id, RECORDED_REFUSALS_PER_MINUTE, house.monotonic());
  if (wait > 0) house.metrics.unrecorded();
  return wait === 0;
}

/** Counts what was used, and tells the journal how it ended. */
function settle(self: Walk, known: Known, outcome: Outcome): void {
  const { house, connection, trace } = self;
  const timings = trace.timings();
  if (known.charge !== null) house.keyLimits.spend(known.charge, spentOf(known.charge, outcome));
  house.metrics.crossing(connection.config.slug, outcome.outcome);
  house.metrics.stages(timings);
  house.log.debug(
    { event: 'crossing', crossing: known.id, outcome: outcome.outcome, status: outcome.status },
    'crossing',
  );
  appendSettlement(self, known, outcome, timings);
}
