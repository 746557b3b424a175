import type { IncomingMessage, ServerResponse } from 'node:http';
import { announcedLength, checkLength, readBody, releaseBody, type Target } from '../accept/index.ts';
import type { Incoming, LiveRoute } from '../crossing.ts';
import type { House, Walk } from '../house.ts';
import { Refusal } from '../refusal/index.ts';
import type { Live } from '../snapshot/index.ts';
import { stageIndex } from '../trace.ts';
import { cross, type Entered, endRefused, enter, newWalk, refusalFrom, walk } from '../walk.ts';
import { recordRefused, refuse, settle } from '../walk-end.ts';
import { candidatesOf } from './candidates.ts';
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
  const { usable, passed } = candidatesOf(route, method, target.path, house.clock());
  const [first] = usable;
  if (isUpgrade || first === undefined) {
    // The stages themselves say what is wrong, in the vendor's own shape, and journal it.
    const at = first ?? passed.find(({ why }) => why !== 'path') ?? passed[0];
    if (at === undefined) throw noMember();
    const { connection } = at.member;
    await walk(house, live, connection, { ...target, path: at.path }, request, response, isUpgrade);
    return;
  }
  const tries = new Tries(house, route, usable, method);
  for (const { member, why } of passed) tries.tell(member, why);
  const journey: Journey = { house, route, target, request, tries, body: null };
  try {
    for (let turn = tries.next(); turn !== null; ) {
      const { connection } = turn.candidate.member;
      const self = newWalk(house, live, connection, request, response, turn);
      const isDone = await make(journey, self, turn);
      turn = isDone ? null : tries.next(self.known?.id ?? null);
    }
  } finally {
    if (journey.body !== null) releaseBody(journey.body, house.budget);
  }
}

/** One try. True: the request was answered, or can't be any more. */
async function make(journey: Journey, self: Walk, turn: Turn): Promise<boolean> {
  const { house, tries, target } = journey;
  const { member, path, endpoint } = turn.candidate;
  try {
    const entered = await arrive(journey, self, turn);
    const { known } = entered;
    const given = withModel(incomingOf(journey, turn, journey.body ?? nothing), endpoint, member);
    if (given === null) throw noSuchModel();
    known.received = journey.body?.length ?? 0;
    if (known.admitting !== null) await known.admitting;
    const outcome = await cross(self, entered, endpoint, given);
    turn.ended(outcome);
    const isDone = !tries.hasMore || !goesOn(outcome, turn.isRepeatable);
    if (isDone && outcome.refusal !== null) refuse(self, outcome.refusal, true);
    if (!isDone) tries.failed(member, outcome);
    settle(self, known, outcome);
    return isDone;
  } catch (cause) {
    const refusal = refusalFrom(self, cause);
    turn.release();
    const isPassed = refusal.code === 'model_not_routed' || passesOn(refusal.code, tries.hasFailed);
    if (!isPassed || !tries.hasMore) {
      await endRefused(self, { ...target, path }, tries.answerFor(refusal));
      return true;
    }
    tries.tell(member, refusal.code);
    // That a member does not have a model is no try of it.
    if (refusal.code !== 'model_not_routed') await recordRefused(self, refusal);
    return false;
  } finally {
    house.underWay.delete(self);
  }
}

/** Stages accept to admit. Of a stranger's body nothing is read, or no more than may be needed to find the key in it. */
async function arrive(journey: Journey, self: Walk, turn: Turn): Promise<Entered> {
  const { house, request } = journey;
  let entered: Entered | null = null;
  const enterWith = (start: Buffer): Entered => {
    entered = enter(self, turn.candidate.endpoint, incomingOf(journey, turn, start));
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
function incomingOf({ target, request }: Journey, turn: Turn, body: Buffer): Incoming {
  return {
    method: request.method ?? '',
    path: turn.candidate.path,
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
