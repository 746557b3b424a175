import { createHash } from 'node:crypto';
import type { Change, ChangeDetail, LogRow } from '../api/audit-types.ts';
import type { GatewayLog } from '../api/log-types.ts';
import { FakeLog } from './fake-log.ts';
import { type FakeRoot, makeFakeRoot } from './fake-root.ts';
import type { Answer, Asked } from './fake-routes.ts';

/** A made-up history of changes, in a log of the real format that is signed with a made-up key. */

const minute = 60_000;
const origin = 'dep-made-up.example/control';

type Happening = Pick<Change, 'act' | 'subject' | 'reason' | 'detail'> & { actor?: string };

const happenings: readonly Happening[] = [
  {
    act: 'connection.sever',
    subject: { kind: 'connection', id: 'mixpanel_eu' },
    reason: 'They were breached',
    detail: { changed: ['state'], credentialDropped: false },
  },
  {
    act: 'key.caps',
    subject: { kind: 'key', id: 'qwertyuiopasdfgh' },
    reason: 'The shop has a sale on',
    detail: {
      before: { perMinute: 60, perDay: null },
      after: { perMinute: 600, perDay: { crossings: 10_000, requests: 1 } },
    },
  },
  {
    act: 'contract.change',
    subject: { kind: 'connection', id: 'openai' },
    reason: 'Let the funnel keep its names',
    detail: { contract: 'con_openai', version: 2 },
  },
  {
    act: 'app.change',
    subject: { kind: 'app', id: 'app_1' },
    reason: 'The shop team took it over',
    detail: { owner: 'Shop team', was: { name: 'web-shop', owner: 'Platform team' } },
  },
  {
    act: 'connection.mode',
    subject: { kind: 'connection', id: 'openai' },
    reason: 'A week without surprises',
    detail: { changed: ['mode'], credentialDropped: false, mode: { from: 'observe', to: 'enforce' } },
  },
  {
    act: 'break_glass.expire',
    subject: { kind: 'connection', id: 'mixpanel_eu' },
    reason: 'The time that was set for it is over',
    detail: { breakGlass: 'bg_1' },
    actor: 'system:launcher',
  },
  {
    act: 'session.open',
    subject: { kind: 'deployment', id: 'dep_made_up' },
    reason: 'Signed in with a link',
    detail: {},
  },
];

interface Row extends Change {
  payload: string;
  salt: Buffer;
  entry: Buffer;
}

function rowOf(index: number, at: number, why?: string): Row {
  const made = happenings[index % happenings.length] ?? happenings[0];
  if (made === undefined) throw new Error('nothing happens');
  const { act, subject, reason, detail, actor = 'local-administrator' } = made;
  const row = {
    id: `0199c0de-0000-7000-8000-${String(index).padStart(12, '0')}`,
    at: new Date(at).toISOString(),
    actor,
    reason: why ?? reason,
    act,
    subject,
    detail,
  };
  const payload = JSON.stringify({ v: 1, ...row });
  const salt = createHash('sha256').update(`made-up salt ${index}`).digest();
  const commit = createHash('sha256').update(salt).update(payload).digest('base64');
  const entry = Buffer.from(JSON.stringify({ v: 1, id: row.id, at: row.at, act, subject, commit }));
  return { ...row, index, payload, salt, entry };
}

export interface FakeAudit {
  /** Newest last. */
  rows: Row[];
  /** The log's files, by their path: for tests to bend. */
  files: Map<string, Buffer>;
  /** What is wrong with the log, as the made-up control plane says. */
  trouble: LogRow['trouble'];
  /** The log over all logs; null: there is none. */
  root: FakeRoot | null;
  /** Begins the log over all logs, with the checkpoint as it is. */
  beginRoot(): Promise<FakeRoot>;
  /** Makes another change, and signs. */
  happen(reason: string): Promise<void>;
  /** Another history, signed with the log's own key: an entry says something else, and all that follows from it. */
  rewrite(index: number, reason: string): Promise<void>;
  answer(asked: Pick<Asked, 'method' | 'path' | 'query'>): Promise<Answer | null>;
}

export async function makeFakeAudit(options: {
  now: number;
  changes: number;
  /** The logs of gateways, to be listed beside this one. */
  gateways: () => Promise<GatewayLog[]>;
}): Promise<FakeAudit> {
  const rows = Array.from({ length: options.changes }, (_, index) =>
    rowOf(index, options.now - (options.changes - index) * 47 * minute + 3000),
  );
  const kept = new FakeLog(origin, 7);
  const { files, signer } = kept;
  let signedAt = '';

  async function sign(): Promise<void> {
    await kept.sign(rows.map(({ entry }) => entry));
    signedAt = new Date(Date.now() - 3000).toISOString();
  }
  await sign();

  const audit: FakeAudit = {
    rows,
    files,
    trouble: null,
    root: null,
    async beginRoot() {
      const note = files.get('checkpoint') ?? Buffer.alloc(0);
      audit.root = await makeFakeRoot({ origin, size: rows.length, note });
      return audit.root;
    },
    async happen(reason) {
      rows.push(rowOf(rows.length, Date.now(), reason));
      await sign();
    },
    async rewrite(index, reason) {
      rows[index] = rowOf(index, options.now, reason);
      await sign();
    },
    async answer({ method, path, query }) {
      if (method !== 'GET') return null;
      if (path === '/logs') {
        const { verifierKey } = signer;
        const { trouble } = audit;
        const checkpoint = kept.checkpoint === null ? null : { ...kept.checkpoint, signedAt };
        const log = { name: 'control', origin, verifierKey, size: rows.length, waiting: 0, checkpoint };
        const own: LogRow = { ...log, isCurrent: true, trouble, root: null };
        const items = audit.root === null ? [own] : [own, audit.root.log];
        return { status: 200, body: { items, gateways: await options.gateways() } };
      }
      const [, name, file] = /^\/logs\/(control|root)\/(.+)$/.exec(path) ?? [];
      if (file !== undefined) {
        const raw = (name === 'root' ? audit.root?.files : files)?.get(file);
        return raw === undefined ? missing : { status: 200, raw };
      }
      if (path === '/changes') return { status: 200, body: listed(rows, query) };
      const [, id, proof] = /^\/changes\/([^/]+)(\/proof)?$/.exec(path) ?? [];
      if (id === undefined) return null;
      const row = rows.find((one) => one.id === id);
      if (row === undefined) return missing;
      if (proof === undefined) return { status: 200, body: detailOf(row) };
      return kept.proof(row.index ?? 0);
    },
  };
  return audit;
}

const missing: Answer = {
  status: 404,
  body: { title: 'Not found', status: 404, code: 'not_found', detail: 'There is no such file or change.' },
};

function plain({ payload: _payload, salt: _salt, entry: _entry, ...change }: Row): Change {
  return change;
}

function detailOf(row: Row): ChangeDetail {
  const { payload, salt, entry } = row;
  return {
    ...plain(row),
    log: origin,
    payload,
    salt: salt.toString('base64'),
    entry: entry.toString('base64'),
    agrees: 'yes',
    note: null,
  };
}

function listed(rows: readonly Row[], query: URLSearchParams): { items: Change[]; next: string | null } {
  const wanted = (name: string, value: string): boolean => (query.get(name) ?? value) === value;
  const fits = rows
    .filter(
      ({ act, actor, at, subject: { kind, id } }) =>
        wanted('act', act) &&
        wanted('actor', actor) &&
        (wanted('subject', kind) || wanted('subject', `${kind}:${id}`)) &&
        at >= (query.get('since') ?? '') &&
        at < (query.get('until') ?? '9'),
    )
    .toReversed();
  const start = Number(query.get('cursor') ?? 0);
  const end = start + Number(query.get('limit') ?? 50);
  return {
    items: fits.slice(start, end).map(plain),
    next: end < fits.length ? String(end) : null,
  };
}
