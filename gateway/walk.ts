import type { IncomingMessage, ServerResponse } from 'node:http';
import { drillOf, type RecoveryDrill } from '@drawbridge/protocol';
import { announcedLength, checkLength, readBody, releaseBody, type Target } from './accept/index.ts';
import { admit, admitModel } from './admit/index.ts';
import { authenticate } from './authenticate/index.ts';
import type { ConnectionPolicies } from './authorise/index.ts';
import { regionProblem } from './authorise/index.ts';
import { planCharge, uncompressed } from './budget/index.ts';
import { withCredentialFor } from './credential-share.ts';
import type { FoundKey, Incoming, LiveConnection, Minimised, RouteStep } from './crossing.ts';
import { forward, type Outcome } from './forward/index.ts';
import { type CompiledHistory, type Recall, recall } from './history/index.ts';
import type { House, Walk, WalkDrill } from './house.ts';
import {
  type CompiledEndpoint,
  findKeys,
  type Inspection,
  inspect,
  matchEndpoint,
  modelOf,
  patternFor,
} from './inspect/index.ts';
import { traceOf } from './log.ts';
import { longTexts, minimise } from './minimise/index.ts';
import { record } from './record/index.ts';
import { Refusal } from './refusal/index.ts';
import { type AnswerRestore, answerUrls, restoreFor } from './restore/index.ts';
import { AnswerText, type FoundAhead, lookAhead } from './scan/index.ts';
import { isSighting, upgradeRefusal } from './sighting.ts';
import type { Live } from './snapshot/index.ts';
import { stageIndex, Trace } from './trace.ts';
import {
  answerHeaders,
  knownBy,
  refuse,
  refuseAndRecord,
  settle,
  sighted,
  tellCanary,
  tellKept,
} from './walk-end.ts';
import { type Known, recordOf } from './walk-records.ts';

const nothing = Buffer.alloc(0);

/** What a request came in with. */
export interface Entered {
  found: readonly FoundKey[];
  known: Known;
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
  drill?: WalkDrill,
): Promise<void> {
  const self = newWalk(house, live, connection, request, response, null);
  if (drill !== undefined) self.drill = drill;
  const { trace } = self;
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

    const outcome = await cross(self, { found, known }, endpoint, incoming);
    if (outcome.refusal !== null) refuse(self, outcome.refusal, true);
    settle(self, known, outcome);
  } catch (cause) {
    await endRefused(self, target, refusalFrom(self, cause));
  } finally {
    house.underWay.delete(self);
    releaseBody(body, house.budget);
  }
}

/** A request before anything is known of it. */
export function newWalk(
  house: House,
  live: Live,
  connection: LiveConnection,
  request: IncomingMessage,
  response: ServerResponse,
  step: RouteStep | null,
): Walk {
  return {
    house,
    live,
    connection,
    request,
    response,
    trace: new Trace(house.monotonic),
    origin: request.headers.origin,
    known: null,
    found: null,
    cut: null,
    relay: null,
    isRecorded: false,
    step,
    drill: null,
  };
}

/** Answers a request that did not go out, journals it, and tells of planted keys in it. */
export async function endRefused(self: Walk, target: Target, refusal: Refusal): Promise<void> {
  const { live } = self;
  if (self.known === null && isSighting(refusal)) self.known = sighted(self, target);
  if (self.known !== null && refusal.kept !== null) self.known.kept = refusal.kept;
  await refuseAndRecord(self, refusal);
  if (self.known !== null && refusal.kept !== null) tellKept(self, self.known);
  if (self.known === null && live.canaries !== null) await tellCanary(self, target, live.canaries);
}

/**
 * The stages from inspect to restore: what is left is to answer what was not answered yet, and to settle. Throws Refusal
 * for what does not go out.
 */
export async function cross(
  self: Walk,
  { found, known }: Entered,
  endpoint: CompiledEndpoint,
  incoming: Incoming,
): Promise<Outcome> {
  const { house, connection, request, response, trace } = self;
  const { path } = incoming;
  trace.enter(stageIndex.inspect);
  const inspection = inspect(incoming, endpoint, known.lifted);
  const model = endpoint.runsModel ? askedFor(self, known, endpoint, path, inspection) : null;
  if (known.key.caps !== null) known.charge = planCharge(known.key.caps, connection.service, endpoint, model);
  trace.enter(stageIndex.minimise);
  const { app } = known.key.config;
  const { lifted } = known;
  const ahead = self.connection.text === null ? null : await foundAhead(self, endpoint, inspection, lifted);
  const minimised = minimise(incoming, endpoint, inspection, self.connection, found, app, lifted, ahead);
  known.would = minimised.would;
  known.kept = minimised.kept;
  if (known.kept !== null) tellKept(self, known);
  const history =
    endpoint.history === null || !connection.contract.tokenises
      ? null
      : await historyOf(self, known, endpoint, endpoint.history, incoming, inspection, minimised);
  trace.enter(stageIndex.authorise);
  holdToRegion(self, known);
  if (connection.policies !== null) authorise(self, known, connection.policies, endpoint, model, minimised);
  if (known.charge !== null) uncompressed(known.charge, minimised);
  if (history !== null) await history.keep();
  if (self.cut !== null) throw self.cut;
  trace.enter(stageIndex.record);
  await record(house.journal, recordOf(self, known, minimised));
  self.isRecorded = true;
  trace.enter(stageIndex.forward);
  const { signer } = self.connection;
  const sent = signer === null ? minimised : signer.sign(minimised, house.clock());
  const restore =
    history === null
      ? answerOf(self.connection, endpoint, minimised.tokens)
      : history.answer(answerOf(self.connection, endpoint, history.tokens));
  const outcome = await forward(sent, response, {
    upstream: house.upstream,
    target: connection.config.upstream,
    added: answerHeaders(self),
    restore,
    rewrite:
      endpoint.answerUrls === null
        ? null
        : answerUrls(endpoint.answerUrls, connection.config, request.headers, isOverTls(request)),
    meter: known.charge?.meter ?? null,
    clientStallMs: house.clientStallMs,
    crossing: self,
    step: self.step,
  });
  await house.cohort.next();
  trace.enter(stageIndex.settle);
  if (outcome.error !== undefined) {
    house.log.error(
      { event: 'restore_error', crossing: known.id, ...traceOf(outcome.error) },
      'an answer could not be restored; it was cut off',
    );
  }
  // The client has a part, and sees a broken connection alone.
  if (outcome.why !== null) {
    house.log.warn(
      { event: 'answer_cut_off', crossing: known.id, code: outcome.reason, why: outcome.why },
      'an answer was cut off',
    );
  }
  if (outcome.found !== null) {
    house.log.warn(
      { event: 'secret_in_answer', crossing: known.id, found: outcome.found, known: restore?.text?.known },
      "a vendor's answer held secrets; they were kept from the app",
    );
  }
  return outcome;
}

/**
 * Looks through a long body in slices, so that crossings beside it go on; null: it is looked through at once. Throws Refusal, also
 * when nobody waits for it any more.
 */
export async function foundAhead(
  self: Walk,
  endpoint: CompiledEndpoint,
  inspection: Inspection,
  lifted: Known['lifted'],
): Promise<FoundAhead | null> {
  const { house, connection, response } = self;
  const texts = longTexts(inspection, endpoint, connection, lifted);
  if (texts === null || connection.text === null) return null;
  return await house.slices.run(lookAhead(connection.text, texts), () => {
    if (self.cut !== null || !response.destroyed) return self.cut;
    return new Refusal('bad_request', 'minimise', 'The client went away before its text was looked through.');
  });
}

/** What an answer goes through; null: it passes as it comes. */
function answerOf(
  { text }: LiveConnection,
  endpoint: CompiledEndpoint,
  tokens: Minimised['tokens'],
): AnswerRestore | null {
  if (text === null || text.answers === null)
    return tokens === null ? null : restoreFor(endpoint.answer, tokens, null);
  return restoreFor(endpoint.answer, tokens, new AnswerText(text.answers, tokens));
}

/** What is kept of what the request goes on from. Throws Refusal `history_unknown`, `history_unavailable`. */
async function historyOf(
  { house, connection }: Walk,
  known: Known,
  endpoint: CompiledEndpoint,
  history: CompiledHistory,
  incoming: Incoming,
  inspection: Inspection,
  minimised: Minimised,
): Promise<Recall> {
  const { app } = known.key.config;
  const isObserved = known.lifted?.lift.what === 'all';
  const asking = { connection, app, endpoint, history, incoming, inspection, minimised, isObserved };
  const recalled = await recall(house.history, asking);
  if (recalled.problem !== null && known.would !== null) known.would.reason ??= recalled.problem.code;
  return recalled;
}

function isOverTls({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

/** Stages authenticate and admit. Throws Refusal. */
export function enter(self: Walk, endpoint: CompiledEndpoint, incoming: Incoming): Entered {
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
  if (live.drills !== null && self.step === null) holdToDrill(self, known, live.drills);
  admit({ key, found, connection: self.connection, endpoint, origin, address: known.address, now: at });
  if (key.caps !== null) {
    known.admitting = house.keyLimits.admit(key.caps);
    // It is waited for once the body is here; a body that never comes leaves nobody to hear of it.
    known.admitting?.catch(() => undefined);
  }
  return { found, known };
}

/** Throws Refusal `vendor_lost` for a request that a recovery drill keeps from its vendor. */
function holdToDrill({ connection, drill }: Walk, known: Known, drills: readonly RecoveryDrill[]): void {
  const { vendor } = connection.config;
  if (drill === null) {
    const found = drillOf(drills, known.key.config.app, known.id, known.at);
    if (found?.vendor !== vendor) return;
    known.drill = { id: found.id };
  } else {
    known.drill = drill.part;
    if (drill.lost !== vendor) return;
  }
  throw new Refusal(
    'vendor_lost',
    'admit',
    'A recovery drill treats this vendor as lost for some minutes, so that it is seen what breaks. Nothing was sent. Send it again later, or stop the drill on the page of this app.',
  );
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

export function endpointOf(connection: LiveConnection, method: string, path: string): CompiledEndpoint {
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

/** Throws Refusal `region_not_allowed`, but where policies are lifted: then it is noted. */
export function holdToRegion({ connection }: Walk, known: Known): void {
  const problem = regionProblem(connection.config, connection.service.name);
  if (problem === null) return;
  if (known.would === null) throw new Refusal('region_not_allowed', 'authorise', problem);
  known.would.reason ??= 'region_not_allowed';
}

/** Throws Refusal `policy_denied`, but where policies are lifted: then it is noted. */
export function authorise(
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

/** An error that is no Refusal is ours: the crossing is refused, and the log says where it arose, not what it said. */
export function refusalFrom(self: Walk, cause: unknown): Refusal {
  if (cause instanceof Refusal && cause.cause === undefined) return cause;
  const error = cause instanceof Refusal ? cause.cause : cause;
  self.house.log.error(
    { event: 'crossing_error', crossing: self.known?.id, stage: self.trace.stage, ...traceOf(error) },
    'a stage failed; the crossing was refused',
  );
  if (cause instanceof Refusal) return cause;
  return new Refusal(
    'internal',
    self.trace.stage,
    'The gateway failed on this request, so it was not sent. Its log says more.',
  );
}
