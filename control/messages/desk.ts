import { createHash, createHmac } from 'node:crypto';
import type { CompiledRegister, Resolver, Verdict } from '@drawbridge/authenticity';
import { AuthenticityError } from '@drawbridge/authenticity';
import { sql } from 'kysely';
import type { IncidentBook } from '../incidents/index.ts';
import { type Db, newId, type Platform, Problem, type Sealer, type Tx } from '../platform/index.ts';
import type { VendorFacts } from '../vendors/index.ts';
import { type Findings, openFindings, openRaw, sealFindings, sealRaw } from './findings.ts';
import { harmOf } from './harm.ts';
import { type Given, type Judged, judge, type ReadKnown } from './judging.ts';
import { bandsOf, CLOSE, distanceOf, shapeOf, traceOf } from './shape.ts';
import { subjectsOf } from './subjects.ts';
import type { Channel, MessageRow, MessageTables, Way } from './tables.ts';

/** Taking messages in: judged, sealed, and put beside those that are like them. */

export interface DeskDeps {
  platform: Platform;
  sealer: () => Promise<Sealer>;
  /** Keyed hash of bytes, of this deployment. */
  keyed: (bytes: Uint8Array) => Promise<Buffer>;
  register: () => Promise<CompiledRegister>;
  facts: () => Promise<readonly VendorFacts[]>;
  resolver: Resolver;
  known: ReadKnown;
  /** The ledger's pseudonym of an address. */
  pseudonymOf: (identifier: string) => Promise<string>;
  /** The mail address of a person of ours; null: nobody, or gone. */
  addressOf: (person: string) => Promise<string | null>;
  /** The person with this mail address; null: none of ours. */
  personBy: (address: string) => Promise<{ id: string; name: string } | null>;
  book: Pick<IncidentBook, 'openAs'>;
  retentionDays: () => Promise<number>;
}

/** A message that was handed in. */
export interface Taken {
  raw: Buffer;
  form: 'mail' | 'text';
  channel: Channel;
  came: Way;
  arrival: Given['arrival'];
  /** Of a text: the number or name that it came from. */
  sender: string | null;
  /** Of a mail that a server of ours took in from outside. */
  envelope: Given['envelope'];
  reporter: { id: string; name: string } | { address: string } | null;
  /** Of a mail that came by itself: addresses of ours, and `@` with a domain for all of its addresses. Empty: not known. */
  mailboxes?: Given['mailboxes'];
  receivedAt: Date;
  /** The same key twice is one message. */
  key?: string | undefined;
}

export const LARGEST_MESSAGE_BYTES = 25 * 1024 * 1024;
const LONGEST_NOTE = 20_000;
const DAY_MS = 86_400_000;
/** Messages that are like each other come within it. */
const ALIKE_MS = 60 * DAY_MS;
const MOST_CANDIDATES = 500;
/** So many messages a minute, of one person: more is a program gone wild. */
const MOST_A_MINUTE = 60;
const LOCK = 4_400_441_57;

export const rows = (db: Db | Tx) => db.withTables<MessageTables>();

/** The key of shapes and traces: made of the deployment's own, so that the database alone says nothing. */
export const shapeKey = (keyed: DeskDeps['keyed']): Promise<Buffer> => keyed(Buffer.from('message shape 1'));

/** Takes a message in and judges it. Throws Problem 413, 422, 429. */
export async function takeMessage(deps: DeskDeps, taken: Taken): Promise<{ id: string; verdict: Verdict }> {
  const { platform } = deps;
  if (taken.key !== undefined) {
    const before = await findKey(platform.db, taken.key);
    if (before !== null) return before;
  }
  expectFits(taken);
  const reporter = await reporterOf(deps, taken.reporter);
  if (reporter.id !== null) await expectCalm(deps, reporter.id);
  const judged = await judgeOrRefuse(deps, taken);
  const key = await shapeKey(deps.keyed);
  const seal = await deps.sealer();
  const id = newId(platform.clock, platform.random);
  const findings: Findings = { ...judged.findings, reporterAddress: reporter.address };
  const shape = shapeOf(judged.text, key);
  const register = await deps.register();
  const row: MessageRow = {
    id,
    received_at: taken.receivedAt,
    reporter_id: reporter.id,
    reporter: reporter.name,
    form: taken.form,
    channel: taken.channel,
    came: taken.came,
    arrival: taken.arrival,
    ask_key: taken.key === undefined ? null : keyOf(taken.key),
    verdict: judged.judgement.verdict,
    vendor: judged.judgement.vendor?.id ?? null,
    topic: judged.judgement.topic,
    harm: 0,
    findings: sealFindings(seal, id, findings),
    raw: sealRaw(seal, id, taken.raw),
    hash: createHmac('sha256', key).update(taken.raw).digest(),
    shape,
    bands: bandsOf(shape),
    traces: tracesOf(findings.domains, register, key),
    subjects: await subjectsOf(
      deps.pseudonymOf,
      findings,
      reporter.id === null ? null : await deps.addressOf(reporter.id),
    ),
    campaign: null,
    state: 'open',
    closed_as: null,
    closed_at: null,
    closed_by_id: null,
    closed_by: null,
    reply: null,
    answered_there: null,
    answered_at: null,
    incident: null,
    kept_until: new Date(platform.clock.now() + (await deps.retentionDays()) * DAY_MS),
  };
  const done = await platform.db.transaction().execute(async (tx) => {
    // Two that are alike and come at once are put into one campaign, and one key is one message.
    await sql`SELECT pg_advisory_xact_lock(${LOCK})`.execute(tx);
    if (taken.key !== undefined) {
      const before = await findKey(tx, taken.key);
      if (before !== null) return before;
    }
    await rows(tx).insertInto('message').values(row).execute();
    await rows(tx)
      .insertInto('message_verdict')
      .values({
        message: id,
        n: 1,
        at: new Date(platform.clock.now()),
        verdict: row.verdict,
        because: 'It came in.',
      })
      .execute();
    if (judged.judgement.review !== null)
      await noteReview(tx, platform, judged.judgement.review, row.received_at);
    const alike = row.verdict === 'verified-authentic' ? 0 : await joinAlike(tx, platform, row);
    await rows(tx)
      .updateTable('message')
      .set({ harm: harmFor(judged.judgement, findings, alike, false) })
      .where('id', '=', id)
      .execute();
    return { id, verdict: row.verdict };
  });
  platform.events.publish('messages');
  return done;
}

export function harmFor(
  judgement: Pick<Judged['judgement'], 'verdict' | 'vendor' | 'evidence'>,
  findings: Pick<Findings, 'quoted' | 'claims' | 'evidence'>,
  alike: number,
  notThere: boolean,
): number {
  return harmOf({
    judgement,
    isUsed: judgement.vendor !== null && !findings.evidence.some(({ signal }) => signal === 'not_our_vendor'),
    quotes: findings.quoted.some(({ since }) => since !== null),
    contradicted: findings.claims.some(({ result }) => result === 'contradicted'),
    alike,
    notThere,
  });
}

async function findKey(db: Db | Tx, key: string): Promise<{ id: string; verdict: Verdict } | null> {
  const row = await rows(db)
    .selectFrom('message')
    .select(['id', 'verdict'])
    .where('ask_key', '=', keyOf(key))
    .executeTakeFirst();
  return row ?? null;
}
const keyOf = (key: string): string => createHash('sha256').update(key).digest('hex');

function expectFits({ raw, form }: Taken): void {
  if (raw.byteLength === 0) throw new Problem(422, 'message_empty', 'There is nothing in the message.');
  if (raw.byteLength > LARGEST_MESSAGE_BYTES)
    throw new Problem(413, 'message_too_large', `A message has at most ${LARGEST_MESSAGE_BYTES} bytes.`);
  if (form === 'text' && raw.byteLength > LONGEST_NOTE * 4)
    throw new Problem(413, 'message_too_large', `A text has at most ${LONGEST_NOTE} characters.`);
}

async function reporterOf(deps: DeskDeps, reporter: Taken['reporter']) {
  if (reporter === null) return { id: null, name: null, address: null };
  if ('id' in reporter) return { id: reporter.id, name: reporter.name, address: null };
  const person = await deps.personBy(reporter.address);
  return person === null
    ? { id: null, name: null, address: reporter.address.slice(0, 254) }
    : { id: person.id, name: person.name, address: null };
}

async function expectCalm({ platform }: DeskDeps, reporter: string): Promise<void> {
  const { count } = await rows(platform.db)
    .selectFrom('message')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('reporter_id', '=', reporter)
    .where('received_at', '>', new Date(platform.clock.now() - 60_000))
    .executeTakeFirstOrThrow();
  if (Number(count) >= MOST_A_MINUTE)
    throw new Problem(
      429,
      'too_many_messages',
      'That is a lot for one minute. Go on in a minute.',
      undefined,
      {
        retryAfter: 60,
      },
    );
}

async function judgeOrRefuse(deps: DeskDeps, taken: Taken): Promise<Judged> {
  try {
    return await judge(taken, {
      register: await deps.register(),
      resolver: deps.resolver,
      known: deps.known,
    });
  } catch (error) {
    if (!(error instanceof AuthenticityError)) throw error;
    throw new Problem(
      error.code === 'too_large' ? 413 : 422,
      error.code === 'too_large' ? 'message_too_large' : 'not_a_message',
      `${error.message} Paste its text instead, or forward it as an attachment.`,
    );
  }
}

/** Judges what is kept of a message again. Null: nothing is kept of it any more. */
export async function judgeAgain(
  deps: DeskDeps,
  row: MessageRow,
): Promise<{ judged: Judged; findings: Findings } | null> {
  if (row.raw === null || row.findings === null) return null;
  const seal = await deps.sealer();
  const before = openFindings(seal, row.id, row.findings);
  const judged = await judge(
    {
      raw: openRaw(seal, row.id, row.raw),
      form: row.form,
      arrival: row.arrival,
      sender: before.sender,
      envelope: before.envelope,
      mailboxes: before.mailboxes,
      receivedAt: row.received_at,
    },
    { register: await deps.register(), resolver: deps.resolver, known: deps.known, dns: before.dns },
  );
  return { judged, findings: { ...judged.findings, reporterAddress: before.reporterAddress } };
}

/** What everybody uses says nothing of who wrote it: vendors' own domains, mail services, shorteners. */
export function tracesOf(domains: readonly string[], register: CompiledRegister, key: Uint8Array): Buffer[] {
  return domains
    .filter((one) => register.ownerOf(one) === null && !register.isTracker(one) && !register.isShortener(one))
    .slice(0, 20)
    .map((one) => traceOf(one, key));
}

async function noteReview(
  tx: Tx,
  platform: Platform,
  { domain, vendor }: { domain: string; vendor: string },
  at: Date,
): Promise<void> {
  await rows(tx)
    .insertInto('sender_review')
    .values({
      id: newId(platform.clock, platform.random),
      domain,
      vendor,
      messages: 1,
      first_at: at,
      last_at: at,
      decided: null,
    })
    .onConflict((conflict) =>
      conflict.columns(['domain', 'vendor']).doUpdateSet({
        messages: sql<number>`sender_review.messages + 1`,
        last_at: sql<Date>`greatest(sender_review.last_at, excluded.last_at)`,
      }),
    )
    .execute();
}

/** Others like it: of one shape, or that use the same unusual domains. Joins their campaign. Returns how many there are. */
async function joinAlike(tx: Tx, platform: Platform, row: MessageRow): Promise<number> {
  const alike = (await candidates(tx, row)).filter((one) => isAlike(one, row));
  if (alike.length === 0) return 0;
  const known = alike.find(({ campaign }) => campaign !== null)?.campaign ?? null;
  const campaign = known ?? newId(platform.clock, platform.random);
  if (known === null) {
    const { next } = await rows(tx)
      .selectFrom('message_campaign')
      .select(sql<number>`coalesce(max(number), 0) + 1`.as('next'))
      .executeTakeFirstOrThrow();
    const times = [row, ...alike].map(({ received_at }) => received_at.getTime());
    const first = new Date(Math.min(...times));
    await rows(tx)
      .insertInto('message_campaign')
      .values({ id: campaign, number: next, vendor: row.vendor, first_at: first, last_at: row.received_at })
      .execute();
  } else
    await rows(tx)
      .updateTable('message_campaign')
      .set({ last_at: sql<Date>`greatest(last_at, ${row.received_at})` })
      .where('id', '=', campaign)
      .execute();
  const ids = [row.id, ...alike.filter((one) => one.campaign === null).map(({ id }) => id)];
  await rows(tx).updateTable('message').set({ campaign }).where('id', 'in', ids).execute();
  return alike.length;
}

async function candidates(tx: Tx, row: MessageRow) {
  if (row.bands.length === 0 && row.traces.length === 0) return [];
  return rows(tx)
    .selectFrom('message')
    .select(['id', 'received_at', 'shape', 'traces', 'vendor', 'campaign'])
    .where('id', '<>', row.id)
    .where('verdict', '<>', 'verified-authentic')
    .where('received_at', '>', new Date(row.received_at.getTime() - ALIKE_MS))
    .where((e) =>
      e.or([sql<boolean>`bands && ${row.bands}::integer[]`, sql<boolean>`traces && ${row.traces}::bytea[]`]),
    )
    .orderBy('received_at', 'desc')
    .limit(MOST_CANDIDATES)
    .execute();
}

type Comparable = Pick<MessageRow, 'shape' | 'traces' | 'vendor'>;
export function isAlike(a: Comparable, b: Comparable): boolean {
  const isOneShape = a.shape !== null && b.shape !== null && distanceOf(a.shape, b.shape) <= CLOSE;
  const shared = a.traces.some((one) => b.traces.some((other) => one.equals(other)));
  return isOneShape || (shared && a.vendor === b.vendor);
}
