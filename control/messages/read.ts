import { shownMail, shownNote } from '@drawbridge/authenticity';
import { sql } from 'kysely';
import { z } from 'zod';
import {
  type Caller,
  decodeCursor,
  notFound,
  Problem,
  page,
  recordChange,
  type Sealer,
} from '../platform/index.ts';
import { type DeskDeps, isAlike, rows } from './desk.ts';
import { type Findings, openFindings, openRaw } from './findings.ts';
import type { DetailView, JudgedView } from './schemas.ts';
import type { MessageRow } from './tables.ts';
import { lookFor } from './words.ts';

/** Reading messages: one's own, or all for whoever looks after the queue. */

const MOST_SIMILAR = 20;
/** With words to look for, so many messages are opened at most. */
const MOST_SEARCHED = 2_000;

export interface ListQuery {
  limit: number;
  cursor?: string | undefined;
  mine?: boolean | undefined;
  state?: 'open' | 'closed' | undefined;
  verdict?: MessageRow['verdict'] | undefined;
  vendor?: string | undefined;
  campaign?: string | undefined;
  order?: 'harm' | 'newest' | undefined;
  q?: string | undefined;
}

const Cursor = z.tuple([z.int(), z.string(), z.uuid()]);

export const mayReadAll = (who: Caller): boolean => who.actions.has('message.read');

/** The most harmful first, or the newest. Throws Problem 403 for others' messages without the right. */
export async function listMessages(
  deps: DeskDeps,
  query: ListQuery,
  who: Caller,
): Promise<{ items: JudgedView[]; next: string | null }> {
  const mine = query.mine ?? !mayReadAll(who);
  if (!mine && !mayReadAll(who))
    throw new Problem(403, 'not_permitted', 'You see messages that you handed in: ask with mine=true.');
  const byHarm = (query.order ?? (query.state === 'open' && !mine ? 'harm' : 'newest')) === 'harm';
  const searched = query.q === undefined ? query.limit + 1 : MOST_SEARCHED;
  let asked = rows(deps.platform.db).selectFrom('message').select(columns).limit(searched);
  asked = byHarm ? asked.orderBy('harm', 'desc') : asked;
  asked = asked.orderBy('received_at', 'desc').orderBy('id', 'desc');
  if (mine) asked = asked.where('reporter_id', '=', who.id);
  if (query.state !== undefined) asked = asked.where('state', '=', query.state);
  if (query.verdict !== undefined) asked = asked.where('verdict', '=', query.verdict);
  if (query.vendor !== undefined) asked = asked.where('vendor', '=', query.vendor);
  if (query.campaign !== undefined) asked = asked.where('campaign', '=', query.campaign);
  if (query.cursor !== undefined) {
    const [harm, at, id] = decodeCursor(query.cursor, Cursor);
    asked = asked.where(
      byHarm
        ? sql<boolean>`(harm, received_at, id) < (${harm}, ${at}::timestamptz, ${id}::uuid)`
        : sql<boolean>`(received_at, id) < (${at}::timestamptz, ${id}::uuid)`,
    );
  }
  const found = await asked.execute();
  const seal = await deps.sealer();
  const matching = query.q === undefined ? found : found.filter((row) => says(seal, row, query.q ?? ''));
  const views = await viewsOf(deps, matching.slice(0, query.limit + 1));
  return page(
    views.map((view, at) => ({ view, row: matching[at] as Bare })),
    query.limit,
    ({ row }) => [row.harm, row.received_at.toISOString(), row.id],
    ({ view }) => view,
  );
}

const columns = [
  'id',
  'received_at',
  'reporter_id',
  'reporter',
  'form',
  'channel',
  'came',
  'verdict',
  'vendor',
  'topic',
  'harm',
  'findings',
  'campaign',
  'state',
  'closed_as',
  'closed_at',
  'closed_by_id',
  'closed_by',
  'reply',
  'answered_there',
  'answered_at',
  'kept_until',
] as const;
type Bare = Pick<MessageRow, (typeof columns)[number]>;

function says(seal: Sealer, row: Bare, q: string): boolean {
  if (row.findings === null) return false;
  const { subject, from, domains } = openFindings(seal, row.id, row.findings);
  const words = `${subject}\n${from?.name ?? ''}\n${from?.address ?? ''}\n${domains.join('\n')}`;
  return words.toLowerCase().includes(q.toLowerCase());
}

export async function viewsOf(deps: DeskDeps, found: readonly Bare[]): Promise<JudgedView[]> {
  const seal = await deps.sealer();
  const [alike, links, names] = await Promise.all([
    alikeOf(deps, found),
    dashboards(deps),
    vendorNames(deps),
  ]);
  return found.map((row) => {
    const findings = row.findings === null ? null : openFindings(seal, row.id, row.findings);
    return viewOf(row, findings, { alike: alike.get(row.campaign ?? '') ?? 0, links, names });
  });
}

function viewOf(
  row: Bare,
  findings: Findings | null,
  beside: { alike: number; links: ReadonlyMap<string, string>; names: ReadonlyMap<string, string> },
): JudgedView {
  const vendor =
    row.vendor === null ? null : { id: row.vendor, name: beside.names.get(row.vendor) ?? row.vendor };
  return {
    id: row.id,
    at: row.received_at.toISOString(),
    by: row.reporter_id === null ? null : { id: row.reporter_id, name: row.reporter ?? row.reporter_id },
    channel: row.channel,
    came: row.came,
    verdict: row.verdict,
    vendor,
    topic: row.topic,
    from: findings?.from ?? null,
    subject: findings?.subject ?? '',
    sentence: findings?.sentence ?? 'What it said is not kept any more.',
    reasons: findings?.reasons ?? [],
    dashboard:
      vendor === null
        ? null
        : { url: beside.links.get(vendor.id) ?? null, vendor: vendor.name, lookFor: lookFor(row.topic) },
    answer:
      row.answered_there === null || row.answered_at === null
        ? null
        : { there: row.answered_there, at: row.answered_at.toISOString() },
    forwardAsAttachment: findings?.forwardAsAttachment ?? false,
    state: row.state,
    closed:
      row.closed_as === null || row.closed_at === null
        ? null
        : {
            as: row.closed_as,
            at: row.closed_at.toISOString(),
            by: { id: row.closed_by_id ?? '', name: row.closed_by ?? '' },
            reply: row.reply,
          },
    harm: row.harm,
    campaign: row.campaign,
    alike: beside.alike,
  };
}

/** Of each campaign how many messages there are beside one. */
async function alikeOf(deps: DeskDeps, found: readonly Bare[]): Promise<Map<string, number>> {
  const campaigns = [...new Set(found.flatMap(({ campaign }) => (campaign === null ? [] : [campaign])))];
  if (campaigns.length === 0) return new Map();
  const counted = await rows(deps.platform.db)
    .selectFrom('message')
    .select(['campaign', (e) => e.fn.countAll<number>().as('count')])
    .where('campaign', 'in', campaigns)
    .groupBy('campaign')
    .execute();
  return new Map(counted.map(({ campaign, count }) => [campaign ?? '', Number(count) - 1]));
}

/** Where one looks after an account at each vendor: the organisation's own word before the packs'. */
export async function dashboards(deps: Pick<DeskDeps, 'platform' | 'facts'>): Promise<Map<string, string>> {
  const [facts, own] = await Promise.all([
    deps.facts(),
    rows(deps.platform.db).selectFrom('vendor_dashboard').select(['vendor', 'url']).execute(),
  ]);
  return new Map([
    ...facts.flatMap(({ id, urls }) => (urls?.admin === undefined ? [] : [[id, urls.admin.is] as const])),
    ...own.map(({ vendor, url }) => [vendor, url] as const),
  ]);
}

export const vendorNames = async (deps: Pick<DeskDeps, 'facts'>): Promise<Map<string, string>> =>
  new Map((await deps.facts()).map(({ id, name }) => [id, name]));

/** Throws Problem 404: also for another's message without the right to read all. */
export async function messageRow(deps: DeskDeps, id: string, who: Caller): Promise<MessageRow> {
  const row = await rows(deps.platform.db)
    .selectFrom('message')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined || (row.reporter_id !== who.id && !mayReadAll(who))) throw notFound('message');
  return row;
}

export async function readMessage(deps: DeskDeps, id: string, who: Caller): Promise<DetailView> {
  const row = await messageRow(deps, id, who);
  const seal = await deps.sealer();
  const findings = row.findings === null ? null : openFindings(seal, id, row.findings);
  const [[view], history, similar] = await Promise.all([
    viewsOf(deps, [row]),
    rows(deps.platform.db)
      .selectFrom('message_verdict')
      .selectAll()
      .where('message', '=', id)
      .orderBy('n')
      .execute(),
    mayReadAll(who) ? similarTo(deps, row) : [],
  ]);
  if (view === undefined) throw notFound('message');
  return {
    ...view,
    to: findings?.to ?? [],
    evidence: findings?.evidence ?? [],
    claims: findings?.claims ?? [],
    quoted: (findings?.quoted ?? []).map((one) => ({ ...one })),
    account: findings?.account ?? { holds: null, registeredAddress: null, text: 'Not kept any more.' },
    links: findings?.links ?? [],
    attachments: findings?.attachments ?? [],
    review: findings?.review ?? null,
    dns: (findings?.dns ?? []).map(({ name, type, at }) => ({ name, type, at })),
    history: history.map(({ at, verdict, because }) => ({ at: at.toISOString(), verdict, because })),
    similar,
    kept: { until: row.kept_until.toISOString(), raw: row.raw !== null },
    ours: findings?.ours ?? null,
    incident: row.incident,
    suggestsIncident: row.answered_there === false && row.incident === null,
  };
}

async function similarTo(deps: DeskDeps, row: MessageRow): Promise<JudgedView[]> {
  if (row.bands.length === 0 && row.traces.length === 0 && row.campaign === null) return [];
  const found = await rows(deps.platform.db)
    .selectFrom('message')
    .select([...columns, 'shape', 'traces'])
    .where('id', '<>', row.id)
    .where((e) =>
      e.or([
        e('campaign', '=', row.campaign),
        sql<boolean>`bands && ${row.bands}::integer[]`,
        sql<boolean>`traces && ${row.traces}::bytea[]`,
      ]),
    )
    .orderBy('received_at', 'desc')
    .limit(200)
    .execute();
  const like = found.filter(
    (one) => (one.campaign !== null && one.campaign === row.campaign) || isAlike(one, row),
  );
  return viewsOf(deps, like.slice(0, MOST_SIMILAR));
}

const gone = () => new Problem(410, 'not_kept', 'The message is not kept any more: its time is over.');

/** The message as text. Opening another's is recorded. Throws Problem 404, 410. */
export async function messageText(
  deps: DeskDeps,
  id: string,
  who: Caller,
): Promise<{ text: string; cut: boolean }> {
  const row = await messageRow(deps, id, who);
  if (row.raw === null) throw gone();
  if (row.reporter_id !== who.id) await recordOpened(deps, id, who, 'message.read_text');
  const raw = openRaw(await deps.sealer(), id, row.raw);
  const { text, cut } = row.form === 'mail' ? await shownMail(raw) : shownNote(raw.toString('utf8'));
  return { text, cut };
}

/** The message as it came, which is recorded. Throws Problem 404, 410. */
export async function messageRaw(
  deps: DeskDeps,
  id: string,
  who: Caller,
): Promise<{ raw: Buffer; form: MessageRow['form'] }> {
  const row = await messageRow(deps, id, who);
  if (row.raw === null) throw gone();
  await recordOpened(deps, id, who, 'message.download');
  return { raw: openRaw(await deps.sealer(), id, row.raw), form: row.form };
}

const recordOpened = ({ platform }: DeskDeps, id: string, actor: Caller, act: string): Promise<void> =>
  platform.db
    .transaction()
    .execute((tx) =>
      recordChange(tx, platform, { actor, reason: 'Opened', act, subject: { kind: 'message', id } }),
    );
