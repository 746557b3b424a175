import type { IncomingMessage, ServerResponse } from 'node:http';
import { drillOf, type LeafDrill, type RecoveryDrill } from '@drawbridge/protocol';
import { announcedLength, checkLength, readBody, releaseBody, type Target } from '../accept/index.ts';
import type { Incoming, LiveMember, LiveRoute } from '../crossing.ts';
import { answerAccepted, heldConnection, heldStep, isDeduplicated, keep } from '../hold/index.ts';
import type { House, Walk } from '../house.ts';
import { Refusal } from '../refusal/index.ts';
import type { Live } from '../snapshot/index.ts';
import { stageIndex } from '../trace.ts';
import { cross, type Entered, endRefused, enter, newWalk, refusalFrom, walk } from '../walk.ts';
import { recordRefused, refuse, settle } from '../walk-end.ts';
import { type Candidate, candidatesOf } from './candidates.ts';
import { goesOn, passesOn } from './judge.ts';
import { withModel } from './model.ts';
import { Tries, type Turn } from './tries.ts';

const nothing = Buffer.alloc(0);

/** A request over a route: what all its tries have in common. */
interface Journey {
  house: House;
  route: LiveRoute;
  target: Target;
  request: IncomingMessage;
  tries: Tries;
  /** As the app sent it; null: it was not read yet. */
  body: Buffer | null;
  /** Where events go that nobody takes now; null: they are refused. */
  aside: Candidate | null;
  /** The recovery drill that keeps it from a member; null: none does. */
  drill: LeafDrill | null;
}

/**
 * Takes a request over a route: to the first member that can have it, and on to the next while nothing of an answer was
 * handed on. Each try is a crossing of its own, under its connection's own contract, policies, budget and place, with its
 * own pseudonyms, tokens and credential: it begins again with what the app sent. Never rejects, but for a route without members.
 */
export async function walkRoute(
  house: House,
  live: Live,
  route: LiveRoute,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
  isUpgrade: boolean,
): Promise<void> {
  const method = request.method ?? '';
  const drill = live.drills === null ? null : drillOfRoute(house, live.drills, route);
  const { usable, passed } = candidatesOf(route, method, target.path, house.clock(), drill?.vendor);
  const inDrill = drill !== null && passed.some(({ why }) => why === 'drill') ? { id: drill.id } : null;
  const [first] = usable;
  const aside = isUpgrade ? null : asideOf(route, first, passed);
  if (aside === null && (isUpgrade || first === undefined)) {
    // The stages themselves say what is wrong, in the vendor's own shape, and journal it.
    const at = first ?? passed.find(({ why }) => why !== 'path') ?? passed[0];
    if (at === undefined) throw noMember();
    const { connection } = at.member;
    await walk(house, live, connection, { ...target, path: at.path }, request, response, isUpgrade, {
      part: inDrill,
      lost: inDrill === null ? null : (drill?.vendor ?? null),
    });
    return;
  }
  const tries = new Tries(house, route, usable, method, (member) =>
    inDrill !== null && comesAfterLost(route, member, passed) ? inDrill : null,
  );
  for (const { member, why } of passed) tries.tell(member, why);
  const journey: Journey = { house, route, target, request, tries, body: null, aside, drill: inDrill };
  try {
    // What waits for a connection goes there first: what comes now has to wait behind it.
    if (
      aside !== null &&
      (first === undefined || house.holds?.isPending(aside.member.connection.config.id))
    ) {
      await setAside(journey, live, response, aside);
      return;
    }
    for (let turn = tries.next(); turn !== null; ) {
      const { connection } = turn.candidate.member;
      const self = newWalk(house, live, connection, request, response, turn);
      const end = await make(journey, self, turn);
      if (end === 'aside' && aside !== null) await setAside(journey, live, response, aside);
      turn = end === 'next' ? tries.next(self.known?.id ?? null) : null;
    }
  } finally {
    if (journey.body !== null) releaseBody(journey.body, house.budget);
  }
}

/** One try. `done`: the request was answered, or can't be any more. */
async function make(journey: Journey, self: Walk, turn: Turn): Promise<'done' | 'next' | 'aside'> {
  const { house, tries, target } = journey;
  const { member, path, endpoint } = turn.candidate;
  try {
    const entered = await arrive(journey, self, turn.candidate);
    const { known } = entered;
    const given = withModel(incomingOf(journey, turn.candidate, journey.body ?? nothing), endpoint, member);
    if (given === null) throw noSuchModel();
    known.received = journey.body?.length ?? 0;
    if (known.admitting !== null) await known.admitting;
    if (journey.aside !== null) turn.setsAside = asideRule(journey.route, given, endpoint);
    const outcome = await cross(self, entered, endpoint, given);
    turn.ended(outcome);
    const isNext = tries.hasMore && goesOn(outcome, turn.isRepeatable);
    const isAside = !isNext && turn.goesAside(outcome);
    if (isNext || isAside) tries.failed(member, outcome);
    else if (outcome.refusal !== null) refuse(self, outcome.refusal, true);
    settle(self, known, outcome);
    return isNext ? 'next' : isAside ? 'aside' : 'done';
  } catch (cause) {
    const refusal = refusalFrom(self, cause);
    turn.release();
    const isPassed = refusal.code === 'model_not_routed' || passesOn(refusal.code, tries.hasFailed);
    if (!isPassed || !tries.hasMore) {
      await endRefused(self, { ...target, path }, tries.answerFor(refusal));
      return 'done';
    }
    tries.tell(member, refusal.code);
    // That a member does not have a model is no try of it.
    if (refusal.code !== 'model_not_routed') await recordRefused(self, refusal);
    return 'next';
  } finally {
    house.underWay.delete(self);
  }
}

/** The drill that a request over a route is part of; its lot is drawn before anything of it is read. */
function drillOfRoute(
  house: House,
  drills: readonly RecoveryDrill[],
  { config }: LiveRoute,
): RecoveryDrill | null {
  const now = house.clock();
  return drillOf(drills, config.app, house.random.uuid(now), now);
}

/** Whether a member is asked because one before it is treated as lost. */
function comesAfterLost(
  { members }: LiveRoute,
  member: LiveMember,
  passed: ReturnType<typeof candidatesOf>['passed'],
): boolean {
  const at = members.indexOf(member);
  return passed.some(({ why, member: before }) => why === 'drill' && members.indexOf(before) < at);
}

/** Where events go that no member takes: to the first that would be asked, or that would be if it were open. */
function asideOf(
  route: LiveRoute,
  first: Candidate | undefined,
  passed: ReturnType<typeof candidatesOf>['passed'],
): Candidate | null {
  if (route.config.one_way === undefined) return null;
  for (const { member, path, endpoint } of first === undefined ? passed : [first]) {
    if (endpoint === null) continue;
    const isTaken = endpoint.class === 'ingest' && endpoint.endpoint.accepted !== undefined;
    return isTaken ? { member, path, endpoint } : null;
  }
  return null;
}

/** Throws Refusal for a body that can't be read. */
function asideRule(route: LiveRoute, given: Incoming, endpoint: Candidate['endpoint']): Turn['setsAside'] {
  const rules = route.config.one_way;
  if (rules === undefined) return 'nothing';
  if (rules.do === 'drop' || rules.in_doubt === 'repeat') return 'all';
  return isDeduplicated(given, endpoint) ? 'all' : 'untaken';
}

/** Keeps or drops events that nobody takes now, and answers as the vendor does when it took them. */
async function setAside(
  journey: Journey,
  live: Live,
  response: ServerResponse,
  aside: Candidate,
): Promise<void> {
  const { house, route, request, target, tries } = journey;
  const rules = route.config.one_way;
  const { config } = aside.member.connection;
  const { count, first, tried } = tries.told;
  const placeholder = `held-${house.random.token()}`;
  const step = heldStep(
    { id: route.config.id, slug: route.config.slug },
    count + 1,
    first,
    tried,
    journey.drill,
  );
  const self = newWalk(
    house,
    live,
    heldConnection(aside.member.connection, placeholder),
    request,
    response,
    step,
  );
  const tell = (what: string) => house.metrics.route(route.config.slug, config.slug, what);
  try {
    const entered = await arrive(journey, self, aside);
    const { known } = entered;
    known.received = journey.body?.length ?? 0;
    if (known.admitting !== null) await known.admitting;
    const given = incomingOf(journey, aside, journey.body ?? nothing);
    if (rules?.do !== 'hold') {
      answerAccepted(self, aside.endpoint, given, 'dropped');
      tell('dropped');
      await recordRefused(self, dropped());
      return;
    }
    if (house.holds === null) throw holdsNothing();
    const queue = await house.holds.queueOf(config.id).catch((cause: unknown) => {
      throw holdsNothing(cause);
    });
    await keep(self, entered, aside.endpoint, given, { placeholder, queue, rules, wasSent: tries.mayBeSent });
    answerAccepted(self, aside.endpoint, given, 'held');
    tell('held');
    house.holds.poke(config.id);
  } catch (cause) {
    await endRefused(self, { ...target, path: aside.path }, refusalFrom(self, cause));
  } finally {
    house.underWay.delete(self);
  }
}

/** Stages accept to admit. Of a stranger's body nothing is read, or no more than may be needed to find the key in it. */
async function arrive(journey: Journey, self: Walk, candidate: Candidate): Promise<Entered> {
  const { house, request } = journey;
  let entered: Entered | null = null;
  const enterWith = (start: Buffer): Entered => {
    entered = enter(self, candidate.endpoint, incomingOf(journey, candidate, start));
    holdToApp(entered, journey.route);
    return entered;
  };
  if (journey.body !== null) return enterWith(journey.body);
  const announced = announcedLength(request);
  checkLength(announced, house.bodyLimit);
  if (!self.connection.keysInBody) enterWith(nothing);
  self.trace.enter(stageIndex.accept);
  if (request.headers.expect !== undefined) self.response.writeContinue();
  journey.body = await readBody(request, {
    announced,
    limit: house.bodyLimit,
    budget: house.budget,
    onStart: entered === null ? (start) => void enterWith(start) : null,
  });
  await house.cohort.next();
  return entered ?? enterWith(journey.body);
}

/** Made anew for each try: what is read of it is read by one endpoint's rules. */
function incomingOf({ target, request }: Journey, { path }: Candidate, body: Buffer): Incoming {
  return {
    method: request.method ?? '',
    path,
    query: target.query,
    headers: request.rawHeaders,
    body,
  };
}

function holdToApp({ known }: Entered, { config }: LiveRoute): void {
  if (known.key.config.app === config.app) return;
  throw new Refusal(
    'key_not_allowed',
    'admit',
    "This virtual key is of another app than this route. Check the base URL, or use a key of the route's app.",
  );
}

function noSuchModel(): Refusal {
  return new Refusal(
    'model_not_routed',
    'admit',
    'The route does not say what this model is called at any of its connections that could take the request. Its page in Drawbridge shows which models it knows.',
  );
}

function noMember(): Refusal {
  return new Refusal(
    'connection_severed',
    'accept',
    'None of the connections of this route is served by this gateway. Its page in Drawbridge shows why.',
  );
}

function dropped(): Refusal {
  return new Refusal(
    'route_dropped',
    'forward',
    'No connection takes it now, and the route drops what none takes.',
  );
}

function holdsNothing(cause?: unknown): Refusal {
  return new Refusal(
    'hold_unavailable',
    'record',
    'This gateway can keep nothing for this connection. Send it again later.',
    { cause },
  );
}
