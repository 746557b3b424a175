import { JournalUnavailable } from '@drawbridge/journal';
import type { OneWay } from '@drawbridge/protocol';
import { sendAnswer } from '../answer.ts';
import type { Incoming, LiveConnection, RouteStep } from '../crossing.ts';
import type { Walk } from '../house.ts';
import { type CompiledEndpoint, inspect } from '../inspect/index.ts';
import { minimise } from '../minimise/index.ts';
import { Refusal } from '../refusal/index.ts';
import { authorise, type Entered, foundAhead, holdToRegion } from '../walk.ts';
import { answerHeaders } from '../walk-end.ts';
import { recordOf } from '../walk-records.ts';
import { countRecords, withInsertIds } from './insert-ids.ts';
import { HoldFull, type HoldQueue } from './queue.ts';
import { rulesHash } from './rest.ts';
import type { Stored } from './stored.ts';

/**
 * A connection as it stands while nothing may cross to it: requests are judged and minimised under its contract, with a text of
 * ours in the credential's place. It is never sent with.
 */
export function heldConnection(connection: LiveConnection, placeholder: string): LiveConnection {
  const { withheld: _, closes_at: __, ...config } = connection.config;
  const { auth } = connection.service;
  const bodyPaths = auth.flatMap((placement) => (placement.in === 'body' ? [placement.path] : []));
  return {
    ...connection,
    config: { ...config, state: 'open' },
    credential: { value: placeholder, places: new Set(auth), bodyPaths: new Set(bodyPaths) },
    credentialProblem: null,
    signer: null,
    second: null,
  };
}

const DAY_MS = 86_400_000;
const closed: ReadonlySet<string> = new Set(['connection_severed', 'connection_withheld']);

export interface KeptAs {
  placeholder: string;
  queue: HoldQueue;
  rules: Extract<OneWay, { do: 'hold' }>;
  /** The vendor may have it already. */
  wasSent: boolean;
}

/**
 * Keeps a request in the queue, minimised as it would have gone out now. Durable when it resolves. Throws Refusal: what the
 * contract or a policy refuses, `hold_full`, `hold_unavailable`.
 */
export async function keep(
  self: Walk,
  { found, known }: Entered,
  endpoint: CompiledEndpoint,
  given: Incoming,
  { placeholder, queue, rules, wasSent }: KeptAs,
): Promise<void> {
  const { house, connection } = self;
  const incoming = withInsertIds(given, endpoint, () => house.random.uuid(house.clock()));
  const { app } = known.key.config;
  const inspection = inspect(incoming, endpoint, known.lifted);
  const ahead = connection.text === null ? null : await foundAhead(self, endpoint, inspection, known.lifted);
  const minimised = minimise(incoming, endpoint, inspection, connection, found, app, known.lifted, ahead);
  known.would = minimised.would;
  known.kept = minimised.kept;
  holdToRegion(self, known);
  if (connection.policies !== null) authorise(self, known, connection.policies, endpoint, null, minimised);
  // That nothing crosses to it is why it is kept.
  if (self.cut !== null && !closed.has(self.cut.code)) throw self.cut;
  const { leaf, payload } = recordOf(self, known, minimised);
  const stored: Stored = {
    id: known.id,
    app,
    method: incoming.method,
    endpoint: endpoint.id,
    contract: { id: connection.config.contract.id, version: connection.config.contract.version },
    rules: rulesHash(connection.config.contract.rules),
    isPersons: known.key.config.person !== undefined,
    isLifted: known.lifted !== null,
    fields: minimised.fields.map(([name, treatment, count]) => [name, treatment, count]),
    leaf: leaf.toString('latin1'),
    subjects: subjectsOf(minimised.items),
    until: known.at + rules.days * DAY_MS,
    inDoubt: rules.in_doubt,
    wasSent,
    placeholder,
    request: {
      method: minimised.method,
      path: minimised.path,
      query: minimised.query,
      headers: [...minimised.headers],
    },
    items: payload,
    body: minimised.body,
  };
  try {
    await queue.put(self.step?.route.id ?? '', known.at, stored, rules.bytes);
  } catch (cause) {
    throw refusalOf(cause);
  }
}

function subjectsOf(
  items: readonly { item: { subject: string | null; links: readonly string[] } }[],
): string[] {
  return [
    ...new Set(
      items.flatMap(({ item: { subject, links } }) => (subject === null ? [] : [subject, ...links])),
    ),
  ];
}

function refusalOf(cause: unknown): unknown {
  if (cause instanceof HoldFull) {
    return new Refusal('hold_full', 'record', `${cause.message} Send it again later.`);
  }
  if (cause instanceof JournalUnavailable) {
    return new Refusal(
      'hold_unavailable',
      'record',
      `The gateway could not keep this request durably (${cause.code}). Send it again later.`,
    );
  }
  return cause;
}

/** Answers as the vendor does when it took a request. */
export function answerAccepted(self: Walk, endpoint: CompiledEndpoint, given: Incoming, what: string): void {
  const query = new URLSearchParams(given.query);
  const fitting = endpoint.endpoint.accepted?.find(
    ({ when }) => when === undefined || query.get(when.query) === when.is,
  );
  const body = Buffer.from(
    (fitting?.body ?? '').replaceAll('{count}', () => String(countRecords(given, endpoint))),
  );
  const headers = ['Content-Type', fitting?.content_type ?? 'application/json', 'Cache-Control', 'no-store'];
  const added = [...answerHeaders(self), 'X-Drawbridge-Held', what];
  sendAnswer(self.request, self.response, { status: 200, headers, body }, added);
}

/** The step of a route that ends on the gateway's disk. */
export function heldStep(
  route: RouteStep['route'],
  number: number,
  first: string | null,
  tried: string,
  drill: RouteStep['drill'] = null,
): RouteStep {
  return {
    route,
    drill: drill === null ? null : { id: drill.id, held: true },
    number,
    first,
    tried,
    firstByteMs: null,
    diverts: () => false,
    began: () => undefined,
  };
}
