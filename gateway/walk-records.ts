import type { LeafDrill } from '@drawbridge/protocol';
import type { Decision } from './authorise/index.ts';
import type { Charge } from './budget/index.ts';
import type { LiveConnection, LiveKey, Minimised, RouteStep, Would } from './crossing.ts';
import type { Outcome } from './forward/index.ts';
import type { GatewayJournal } from './journal/index.ts';
import type { Lifted } from './mode.ts';
import { type FormedRecord, formRecord, type RandomTexts } from './record/index.ts';
import type { Refusal } from './refusal/index.ts';
import { formSettlement } from './settle/index.ts';
import type { Live } from './snapshot/index.ts';

/** What the journal is told of a walk: its record, and how it ended. */

/** A crossing from when its key is known: what the journal needs, whichever way it ends. */
export interface Known {
  id: string;
  at: number;
  key: LiveKey;
  /** Of a sighting: the path's shape, and `unknown`. */
  endpoint: { id: string; class: string };
  method: string;
  /** Where it comes from; null: it can't be told. Never recorded. */
  address: string | null;
  /** Of it what the leaf has; null: nothing. */
  network: string | null;
  /** The model asked for, as pack or key write it; null: none, or one that they do not name. */
  model: string | null;
  received: number;
  /** Null: contract and policies are enforced. */
  lifted: Lifted | null;
  would: Would | null;
  /** Kept secrets that were found in what was sent, by their ids; null: none so far. */
  kept: readonly string[] | null;
  /** What policies said; null: there are none, or it did not come that far. */
  decision: Decision | null;
  /** A slice of the key's caps that is being fetched; null: it was at hand, or the key has none. */
  admitting: Promise<void> | null;
  /** What its budgets count when it ends; null: they count nothing. */
  charge: Charge | null;
  /** The recovery drill that it is part of; null: none. */
  drill: LeafDrill | null;
}

/** Where a walk goes through, as far as its records say it. */
interface Place {
  house: { journal: Pick<GatewayJournal, 'appendLater'>; random: RandomTexts; clock: () => number };
  live: Live;
  connection: LiveConnection;
  step: RouteStep | null;
}

/** That a crossing goes out, and what of it. */
export function recordOf(self: Place, known: Known, minimised: Minimised): FormedRecord {
  return formRecord(
    {
      ...identityOf(self, known),
      refusal: null,
      credential: self.connection.credentialVersion,
      fields: minimised.fields,
      items: minimised.items,
      imitated: minimised.imitated,
      bytes: { received: known.received, sent: minimised.body.length },
    },
    self.house.random,
  );
}

/** Nothing of a refused crossing reached the vendor: its record names the class that was refused, and no subjects. */
export function refusedRecord(self: Place, known: Known, refusal: Refusal): FormedRecord {
  return formRecord(
    {
      ...identityOf(self, known),
      refusal: { code: refusal.code, stage: refusal.stage },
      credential: null,
      fields: refusal.fieldClass === null ? [] : [[refusal.fieldClass, 'refuse', 1]],
      items: [],
      imitated: 0,
      bytes: { received: known.received, sent: 0 },
    },
    self.house.random,
  );
}

const nobody: readonly string[] = [];

function identityOf({ live, connection: { config }, step }: Place, known: Known) {
  return {
    id: known.id,
    at: known.at,
    gateway: live.gateway,
    vendor: config.vendor,
    service: config.service,
    connection: config.id,
    app: known.key.config.app,
    key: known.key.config.id,
    endpoint: known.endpoint.id,
    class: known.endpoint.class,
    method: known.method,
    model: known.model,
    network: known.network,
    contract: config.contract,
    snapshot: live.version,
    lifted: known.lifted,
    would: known.would,
    kept: known.kept,
    policy: known.decision === null ? null : known.decision.policy,
    decidedBy: known.decision === null ? nobody : known.decision.names,
    drill: known.drill,
    route: step === null ? null : { id: step.route.id, number: step.number, first: step.first },
  };
}

/** How a crossing ends that was recorded and then failed in our hands: whether a part was sent is not known. */
export const lost: Outcome = {
  outcome: 'upstream_failed',
  status: null,
  remote: null,
  responseBytes: 0,
  usage: null,
  tokens: null,
  found: null,
  reason: null,
  why: null,
  refusal: null,
};

/** How a refused crossing ends: no vendor heard of it. */
export const notSent: Omit<Outcome, 'refusal'> = {
  outcome: 'not_sent',
  status: null,
  remote: null,
  responseBytes: 0,
  usage: null,
  tokens: null,
  found: null,
  reason: null,
  why: null,
};

/** The second record, which refers to the first. */
export function appendSettlement(
  { house }: Place,
  known: Known,
  outcome: Omit<Outcome, 'refusal'>,
  timings: number[],
): void {
  house.journal.appendLater(
    formSettlement(
      {
        crossing: known.id,
        at: house.clock(),
        outcome: outcome.outcome,
        status: outcome.status,
        remote: outcome.remote,
        responseBytes: outcome.responseBytes,
        timings,
        usage: outcome.usage,
        tokens: outcome.tokens,
        found: outcome.found,
        reason: outcome.reason,
      },
      house.random,
    ),
  );
}
