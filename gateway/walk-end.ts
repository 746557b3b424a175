import { corsHeaders, type Target } from './accept/index.ts';
import { sendAnswer } from './answer.ts';
import { spentOf } from './budget/index.ts';
import { canariesIn, canaryAmong, canaryKey, clientClass, keysInHead } from './canary.ts';
import type { Outcome } from './forward/index.ts';
import type { House, Walk } from './house.ts';
import { traceOf } from './log.ts';
import { liftedAt } from './mode.ts';
import { record } from './record/index.ts';
import { Refusal, vendorProblem } from './refusal/index.ts';
import { pathShape, sightedKey } from './sighting.ts';
import { callerOf, networkOf } from './source.ts';
import { stageIndex } from './trace.ts';
import { appendSettlement, type Known, lost, notSent, refusedRecord } from './walk-records.ts';

/** How a walk ends that is not just answered: refused, recorded, settled; and who was seen on the way. */

/** Refused crossings of one key that are journalled per minute; the rest is only counted, lest a stranger fill the disk. */
const RECORDED_REFUSALS_PER_MINUTE = 120;

/** Journals that a planted key was shown, and has it told. The answer is out by now. */
export async function tellCanary(
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

/** Has each planted key told that was found in what an app sent. The crossing's own record has it too. */
export function tellKept({ house, connection, request }: Walk, known: Known): void {
  for (const canary of canariesIn(known.kept ?? [])) {
    house.log.warn(
      { event: 'canary_seen', canary, crossing: known.id },
      'a planted key was found in a request',
    );
    house.onCanary({
      canary,
      crossing: known.id,
      at: known.at,
      address: known.address,
      client: clientClass(request.headers['user-agent']),
      connection: connection.config.id,
      endpoint: known.endpoint.id,
      seen: { app: known.key.config.app, key: known.key.config.id },
    });
  }
}

export function knownBy(
  { house, connection, request, step }: Walk,
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
    kept: null,
    decision: null,
    admitting: null,
    charge: null,
    drill: step?.drill ?? null,
  };
}

/** Whose request it was that can't be served, for the journal; null when nobody known asked. */
export function sighted(self: Walk, { path, query }: Target): Known | null {
  const { house, live, connection, request } = self;
  const at = house.clock();
  const method = request.method ?? '';
  const key = sightedKey(connection, live.keys, { method, path, query, headers: request.rawHeaders }, at);
  if (key === null) return null;
  const endpoint = { id: pathShape(path, connection.endpoints), class: 'unknown' };
  return knownBy(self, key, at, endpoint, method);
}

/** Response headers of ours: CORS, and under which id the crossing is found. */
export function answerHeaders(self: Walk): string[] {
  const headers = corsHeaders(self.connection, self.origin);
  if (self.known !== null) headers.push('X-Drawbridge-Crossing', self.known.id);
  if (self.step !== null) {
    const { route, tried } = self.step;
    headers.push('X-Drawbridge-Route', route.slug, 'X-Drawbridge-Connection', self.connection.config.slug);
    if (tried !== '') headers.push('X-Drawbridge-Tried', tried);
  }
  return headers;
}

/** `isShown`: the console has a page on it. */
export function refuse(self: Walk, refusal: Refusal, isShown: boolean): void {
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
export async function refuseAndRecord(self: Walk, refusal: Refusal): Promise<void> {
  const { house, known, connection } = self;
  if (known !== null && self.isRecorded) {
    refuse(self, refusal, true);
    settle(self, known, lost);
    return;
  }
  const isRecorded = known !== null && mayRecord(house, known, refusal);
  refuse(self, refusal, isRecorded);
  house.metrics.crossing(connection.config.slug, 'refused');
  if (isRecorded) await tellRefused(self, known, refusal);
}

/** Journals a try that was refused, and answers nobody: another one is made. */
export async function recordRefused(self: Walk, refusal: Refusal): Promise<void> {
  const { house, known, connection } = self;
  house.metrics.crossing(connection.config.slug, 'refused');
  if (known === null) return;
  if (refusal.kept !== null) known.kept = refusal.kept;
  if (mayRecord(house, known, refusal)) await tellRefused(self, known, refusal);
  if (refusal.kept !== null) tellKept(self, known);
}

async function tellRefused(self: Walk, known: Known, refusal: Refusal): Promise<void> {
  const { house } = self;
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
  // Each is the drill's evidence, and it ends by itself.
  if (known.drill !== null) return true;
  const wait = house.refusalRates.take(known.key.config.id, RECORDED_REFUSALS_PER_MINUTE, house.monotonic());
  if (wait > 0) house.metrics.unrecorded();
  return wait === 0;
}

/** Counts what was used, and tells the journal how it ended. */
export function settle(self: Walk, known: Known, outcome: Outcome): void {
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
