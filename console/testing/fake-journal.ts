import { createHash } from 'node:crypto';
import { itemHash, payloadCommitment } from '@drawbridge/protocol';
import type {
  Contradiction,
  CrossingEvidence,
  CrossingPayload,
  EvidenceEntry,
  GatewayLog,
} from '../api/log-types.ts';
import type { CrossingDetail } from '../api/types.ts';
import { FakeLog } from './fake-log.ts';
import type { Answer, Asked } from './fake-routes.ts';
import type { World } from './fake-world.ts';

/** The log of the made-up gateway: a leaf for each made-up crossing, and then their settlements. */
export interface FakeJournal {
  log: FakeLog;
  /** How the gateway's log is listed. */
  listed(): Promise<GatewayLog>;
  /** Evidence against it: none, unless a test puts some here. */
  contradictions: Contradiction[];
  answer(asked: Pick<Asked, 'method' | 'path' | 'body'>): Promise<Answer | null>;
}

const NAME = 'gateways/1';
const GATEWAY = 'gw-1';
const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();
const salt = (text: string): string => hashOf(`made-up ${text}`).toString('base64url').slice(0, 22);

function itemsOf(crossing: CrossingDetail): Buffer[] {
  return crossing.items.map((item) => {
    const f = item.fields.map((one) => [one.path, one.class, one.treatment, one.shape, one.count]);
    const said = { v: 1, s: item.subject, k: item.kind, l: [], f, r: [], salt: salt(`${crossing.id} item`) };
    return Buffer.from(JSON.stringify(said));
  });
}

function leafOf(crossing: CrossingDetail): Buffer {
  const { id, vendor, service, endpoint, method, decision, reason, stage, contract, snapshot } = crossing;
  const items = itemsOf(crossing);
  const head = { v: 1, type: 'crossing', id, at: Date.parse(crossing.at), gateway: GATEWAY, vendor, service };
  const leaf = {
    ...head,
    connection: crossing.connection.id,
    app: crossing.app.id,
    key: 'qwertyuiopasdfgh',
    endpoint,
    class: crossing.class,
    method,
    decision,
    reason,
    stage,
    contract,
    policy: null,
    snapshot,
    fields: crossing.fields,
    ...(crossing.mode === 'enforce' ? {} : { mode: crossing.mode }),
    ...(crossing.breakGlass === null ? {} : { break_glass: crossing.breakGlass }),
    ...(crossing.would === null ? {} : { would: crossing.would }),
    bytes: crossing.bytes,
    nonce: salt(id),
    payload: payloadCommitment(items.map(itemHash)),
    items: items.length,
  };
  return Buffer.from(JSON.stringify(leaf));
}

function settlementOf({ id, settlement }: CrossingDetail): Buffer {
  const { at, tokens = null, ...rest } = settlement ?? { at: '2026-01-01T00:00:00.000Z' };
  const said = {
    v: 1,
    type: 'settlement',
    crossing: id,
    at: Date.parse(at),
    ...rest,
    ...(tokens === null ? {} : { tokens }),
    nonce: salt(`${id} s`),
  };
  return Buffer.from(JSON.stringify(said));
}

export function makeFakeJournal(world: World): FakeJournal {
  const log = new FakeLog('example.com/gateway/gw-1', 9);
  const places = new Map<string, { leaf: number; settlement: number }>();
  let entries: Buffer[] = [];
  /** Of what was there when it was first asked for: most tests never ask. */
  const made = async (): Promise<void> => {
    if (log.checkpoint !== null) return;
    const rows = world.crossings.toReversed();
    // The first made-up crossing is entry 1.
    entries = [Buffer.from('{"made-up":0}'), ...rows.map(leafOf), ...rows.map(settlementOf)];
    for (const [at, { id }] of rows.entries())
      places.set(id, { leaf: 1 + at, settlement: 1 + rows.length + at });
    await log.sign(entries);
  };
  const entry = (index: number): EvidenceEntry => ({
    index,
    entry: entries[index]?.toString('base64') ?? null,
    proven: true,
    note: null,
  });
  const journal: FakeJournal = {
    log,
    contradictions: [],
    async listed() {
      await made();
      const { origin, checkpoint, signer } = log;
      const at = new Date(Date.now() - 2000).toISOString();
      const [last] = journal.contradictions;
      const open = journal.contradictions.filter(({ acknowledged }) => acknowledged === null).length;
      return {
        name: NAME,
        gateway: GATEWAY,
        origin,
        entries: entries.length,
        verifierKey: checkpoint === null ? null : signer.verifierKey,
        checkpoint: checkpoint === null ? null : { ...checkpoint, signedAt: at, verifiedAt: at },
        tiled: entries.length,
        minimumIndex: 0,
        contradictions: { open, acknowledged: journal.contradictions.length - open },
        contradiction: last ?? null,
      };
    },
    async answer({ method, path, body }) {
      if (path === `/gateways/${GATEWAY}/contradictions`)
        return { status: 200, body: { items: journal.contradictions } };
      const acknowledged = /^\/gateways\/gw-1\/contradictions\/(\d+)\/acknowledge$/.exec(path)?.[1];
      if (acknowledged !== undefined && method === 'POST') {
        const one = journal.contradictions.find(({ id }) => String(id) === acknowledged);
        if (one === undefined) return missing;
        const { reason } = body as { reason: string };
        one.acknowledged = { at: new Date().toISOString(), by: 'local-administrator', reason };
        return { status: 200, body: one };
      }
      if (path.startsWith(`/logs/${NAME}/`)) {
        await made();
        const raw = log.files.get(path.slice(`/logs/${NAME}/`.length));
        return raw === undefined ? missing : { status: 200, raw };
      }
      const [, id = '', what] =
        /^\/crossings\/([^/]+)\/(evidence|payload|proof|settlement\/proof)$/.exec(path) ?? [];
      if (what === undefined) return null;
      await made();
      const place = places.get(id);
      const crossing = world.crossings.find((one) => one.id === id);
      if (place === undefined || crossing === undefined) return missing;
      if (what === 'proof') return log.proof(place.leaf);
      if (what === 'settlement/proof') return log.proof(place.settlement);
      if (what === 'payload') {
        const items = itemsOf(crossing).map((bytes) => ({
          hash: itemHash(bytes).toString('base64'),
          bytes: bytes.toString('base64'),
        }));
        return { status: 200, body: { items } satisfies CrossingPayload };
      }
      const evidence: CrossingEvidence = {
        log: { name: NAME, origin: log.origin, verifierKey: log.signer.verifierKey },
        leaf: entry(place.leaf),
        settlement: entry(place.settlement),
      };
      return { status: 200, body: evidence };
    },
  };
  return journal;
}

const missing: Answer = {
  status: 404,
  body: { title: 'Not found', status: 404, code: 'not_found', detail: 'There is no such file or crossing.' },
};
