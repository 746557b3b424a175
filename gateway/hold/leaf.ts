import { LEAF_LIMIT, LeafSchema, payloadCommitment } from '@drawbridge/protocol';
import type { Fields, LiveConnection, Minimised } from '../crossing.ts';
import type { RandomTexts } from '../record/index.ts';
import type { Refusal } from '../refusal/index.ts';
import type { Live } from '../snapshot/index.ts';
import type { Stored } from './stored.ts';

interface Going {
  id: string;
  at: number;
  tries: number;
  live: Live;
  connection: LiveConnection;
  minimised: Minimised;
}

const MOST_FIELDS = 40;

/**
 * The leaf of a kept request as it goes out: what was done to its data when it came, and what was done since; the crossing
 * of its own try, which refers to the one that the client was told.
 */
export function forwardedLeaf(stored: Stored, going: Going, random: Pick<RandomTexts, 'token'>): Buffer {
  const { id, at, tries, live, connection, minimised } = going;
  const then = LeafSchema.parse(JSON.parse(stored.leaf));
  const { credentialVersion } = connection;
  const fields = [...then.fields, ...since(stored.fields, minimised.fields)].slice(0, MOST_FIELDS);
  const leaf = {
    ...then,
    id,
    at,
    snapshot: live.version,
    contract: { id: connection.config.contract.id, version: connection.config.contract.version },
    fields,
    ...(credentialVersion === null ? {} : { credential: credentialVersion }),
    ...routed(then, tries, stored),
    bytes: { received: then.bytes.received, sent: minimised.body.length },
    nonce: random.token(),
  };
  const bytes = Buffer.from(JSON.stringify(leaf));
  return bytes.length <= LEAF_LIMIT ? bytes : Buffer.from(JSON.stringify({ ...leaf, fields: then.fields }));
}

/** The leaf of one that may not go out any more: it speaks of nobody. */
export function refusedLeaf(
  stored: Stored,
  { id, at, live, connection, refusal }: Omit<Going, 'tries' | 'minimised'> & { refusal: Refusal },
  random: Pick<RandomTexts, 'token'>,
): Buffer {
  const then = LeafSchema.parse(JSON.parse(stored.leaf));
  return Buffer.from(
    JSON.stringify({
      ...then,
      id,
      at,
      decision: 'refused',
      reason: refusal.code,
      stage: refusal.stage,
      snapshot: live.version,
      contract: { id: connection.config.contract.id, version: connection.config.contract.version },
      fields: refusal.fieldClass === null ? [] : [[refusal.fieldClass, 'refuse', 1]],
      ...routed(then, 1, stored),
      bytes: { received: then.bytes.received, sent: 0 },
      nonce: random.token(),
      payload: payloadCommitment([]),
      items: 0,
    }),
  );
}

function routed(then: { route?: { id: string } | undefined }, tries: number, { id }: Stored) {
  return then.route === undefined
    ? {}
    : { route: { id: then.route.id, try: Math.min(tries, 100), first: id } };
}

/** What a stricter contract did since: treatments other than passing that were not there then. */
function since(then: Stored['fields'], now: Fields): Fields {
  const known = new Set(then.map(([name, treatment]) => `${name} ${treatment}`));
  return now.filter(([name, treatment]) => treatment !== 'pass' && !known.has(`${name} ${treatment}`));
}
