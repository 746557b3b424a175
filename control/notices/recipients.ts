import { sql } from 'kysely';
import { isAddress } from '../mail/index.ts';
import { type By, invalid, Problem, type Sealer, type Tx } from '../platform/index.ts';
import type { PseudonymOf } from './known-by.ts';
import { expectState, lockNotice, type NoticeDeps, rowsOf, templateOf } from './notices.ts';
import { openDrill, openRecipient, type Recipient, sealDrill, sealRecipient } from './sealing.ts';
import type { NoticeRow } from './tables.ts';

/** Whom a notice goes to. Addresses are opened for sending, and lie sealed before and after. */

/** A person to be told: `key` is the same for the same person; null as address: none is known. */
export interface PersonToTell {
  key: string;
  recipient: Recipient | null;
  /** Pseudonyms of the ledger whose erasure takes the address out; none: the address's own. */
  subjects?: readonly string[];
  /** ISO 3166-1, and a primary language of BCP 47; left out or null: nobody says. */
  country?: string | null;
  language?: string | null;
}

/** Who of the people is told by this notice: left out, all. Of whom nobody says it, `null` stands for it. */
export interface Whom {
  languages?: readonly (string | null)[] | undefined;
  /** All but those who read one of these: whoever is told in no other notice. */
  otherThan?: readonly string[] | undefined;
  countries?: readonly (string | null)[] | undefined;
}

const isAsked =
  ({ languages, otherThan, countries }: Whom) =>
  ({ language = null, country = null }: PersonToTell): boolean =>
    (languages === undefined || languages.includes(language)) &&
    (otherThan === undefined || language === null || !otherThan.includes(language)) &&
    (countries === undefined || countries.includes(country));

export interface RecipientDeps extends NoticeDeps {
  /** The ledger's pseudonym of an address. */
  pseudonymOf: PseudonymOf;
  /** The people whom the blast radius of an incident names, in batches. */
  peopleOf(incident: {
    party: string | null;
    occurredFrom: Date | null;
    occurredTo: Date | null;
  }): AsyncIterable<PersonToTell[]>;
}

/** An incident with so many people is told to them in several notices. */
export const MOST_RECIPIENTS = 500_000;
const MOST_ENTERED = 2_000;

export interface Collected {
  recipients: number;
  /** People of whom no address is known: they have to be told some other way. */
  withoutAddress: number;
  /** People who were not asked for: another notice has to tell them. */
  others: number;
}

/** Enters a list in place of the one that was there. Throws Problem 409 in a drill, 422 that names the line. */
export async function enterRecipients(
  deps: RecipientDeps,
  incident: string,
  id: string,
  list: readonly Recipient[],
  by: By,
): Promise<Collected> {
  const clean = checkedList(list, 'recipients');
  const sealer = await deps.sealer();
  return inDraft(deps, incident, id, by, async (tx, row, { drill }) => {
    if (drill) throw ownOnly();
    if (templateOf(deps, row.template).recipients === 'directory') {
      throw invalid('recipients', 'come from the people directory for this kind of notice');
    }
    await add(
      tx,
      deps,
      sealer,
      id,
      1,
      clean.map((recipient, at) => ({ key: `entered:${at + 1}`, recipient })),
    );
    return { recipients: clean.length, withoutAddress: 0, others: 0 };
  });
}

/**
 * Takes the recipients from where they are known: in a drill its own; of a later version those who got the earlier one; else the people
 * whom the blast radius names. Batch by batch, so that memory does not grow with them.
 */
export async function collectRecipients(
  deps: RecipientDeps,
  incident: string,
  id: string,
  whom: Whom,
  by: By,
): Promise<Collected> {
  const sealer = await deps.sealer();
  const asked = isAsked(whom);
  return oneAtATime(() =>
    inDraft(deps, incident, id, by, async (tx, row, head) => {
      const source = head.drill
        ? drillSource(await drillRecipients(deps, tx, incident))
        : row.follows !== null
          ? earlierSource(tx, sealer, row.follows)
          : templateOf(deps, row.template).recipients === 'directory'
            ? deps.peopleOf(head)
            : null;
      if (source === null) throw invalid('recipients', 'are entered for this kind of notice');
      let [next, withoutAddress, others] = [1, 0, 0];
      for await (const all of source) {
        const batch = all.filter(asked);
        others += all.length - batch.length;
        const reachable = batch.filter((one) => one.recipient !== null && isAddress(one.recipient.address));
        withoutAddress += batch.length - reachable.length;
        next += await add(tx, deps, sealer, id, next, reachable);
        if (next > MOST_RECIPIENTS) {
          throw new Problem(
            409,
            'too_many_recipients',
            `A notice goes to at most ${MOST_RECIPIENTS} recipients.`,
          );
        }
      }
      return { recipients: next - 1, withoutAddress, others };
    }),
  );
}

let last: Promise<unknown> = Promise.resolve();
/** Its transaction waits for what is read beside it: several at once could hold every connection that they wait for. */
function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work, work);
  last = mine.catch(() => undefined);
  return mine;
}

async function inDraft(
  deps: RecipientDeps,
  incident: string,
  id: string,
  by: By,
  work: (
    tx: Tx,
    row: NoticeRow,
    head: { drill: boolean; party: string | null; occurredFrom: Date | null; occurredTo: Date | null },
  ) => Promise<Collected>,
): Promise<Collected> {
  const head = await deps.book.head(incident);
  const found = await deps.platform.db.transaction().execute(async (tx) => {
    const row = await lockNotice(tx, incident, id);
    expectState(row, ['draft'], 'given other recipients');
    await rowsOf(tx).deleteFrom('notice_recipient').where('notice', '=', id).execute();
    const collected = await work(tx, row, head);
    const text = `Notice ${row.number} has ${collected.recipients} recipients${collected.withoutAddress === 0 ? '' : `; of ${collected.withoutAddress} people no address is known`}${collected.others === 0 ? '' : `; ${collected.others} others are left to other notices`}`;
    await deps.book.tell(tx, incident, { kind: 'notice', about: row.template, text }, by);
    return collected;
  });
  deps.platform.events.publish('incidents');
  return found;
}

/** Returns how many were added: who is there already is left out. */
async function add(
  tx: Tx,
  { pseudonymOf }: Pick<RecipientDeps, 'pseudonymOf'>,
  sealer: Sealer,
  notice: string,
  from: number,
  people: readonly PersonToTell[],
): Promise<number> {
  const keys = [...new Set(people.map(({ key }) => key))];
  if (keys.length === 0) return 0;
  const known = await rowsOf(tx)
    .selectFrom('notice_recipient')
    .select('key')
    .where('notice', '=', notice)
    .where('key', 'in', keys)
    .execute();
  const taken = new Set(known.map(({ key }) => key));
  const fresh = people.flatMap(({ key, recipient, subjects = [], country = null, language = null }) => {
    if (recipient === null || taken.has(key)) return [];
    taken.add(key);
    return [{ key, recipient, subjects, country, language }];
  });
  const numbered = await Promise.all(
    fresh.map(async (one, at) => ({
      ...one,
      n: from + at,
      subjects: one.subjects.length > 0 ? one.subjects : [await pseudonymOf(one.recipient.address)],
    })),
  );
  await sql`
    INSERT INTO notice_recipient (notice, n, key, sealed, subjects, country, language, state)
    SELECT ${notice}::uuid, n, key, sealed, string_to_array(subjects, ' '), country, language, 'waiting' FROM unnest(
      ${numbered.map(({ n }) => n)}::integer[], ${numbered.map(({ key }) => key)}::text[],
      ${numbered.map(({ n, recipient }) => sealRecipient(sealer, notice, n, recipient))}::bytea[],
      ${numbered.map(({ subjects }) => subjects.join(' '))}::text[],
      ${numbered.map(({ country }) => country)}::text[], ${numbered.map(({ language }) => language)}::text[])
      AS new (n, key, sealed, subjects, country, language)`.execute(tx);
  return fresh.length;
}

async function* drillSource(list: readonly Recipient[]): AsyncGenerator<PersonToTell[]> {
  yield list.map((recipient, at) => ({ key: `drill:${at + 1}`, recipient }));
}

const BATCH = 500;

async function* earlierSource(tx: Tx, sealer: Sealer, earlier: string): AsyncGenerator<PersonToTell[]> {
  for (let after = 0; ; ) {
    const rows = await rowsOf(tx)
      .selectFrom('notice_recipient')
      .select(['n', 'key', 'sealed', 'subjects', 'country', 'language'])
      .where('notice', '=', earlier)
      .where('state', 'in', ['sent', 'in_doubt', 'waiting', 'trying'])
      .where('erased', 'is', null)
      .where('n', '>', after)
      .orderBy('n')
      .limit(BATCH)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.n;
    yield rows.map(({ n, key, sealed, subjects, country, language }) => ({
      key,
      recipient: openRecipient(sealer, earlier, n, sealed),
      subjects,
      country,
      language,
    }));
  }
}

/** The recipients of a drill, entered for this incident. None: nothing of it goes anywhere. */
export async function drillRecipients(
  { platform, sealer }: Pick<NoticeDeps, 'platform' | 'sealer'>,
  db: Tx | null,
  incident: string,
): Promise<Recipient[]> {
  const row = await rowsOf(db ?? platform.db)
    .selectFrom('notice_drill_recipients')
    .select('sealed')
    .where('incident', '=', incident)
    .executeTakeFirst();
  return row === undefined ? [] : openDrill(await sealer(), incident, row.sealed);
}

/** Throws Problem 409 for an incident that is no drill, 422 that names the line. */
export async function setDrillRecipients(
  deps: NoticeDeps,
  incident: string,
  list: readonly Recipient[],
  by: By,
): Promise<void> {
  const clean = checkedList(list, 'recipients');
  const sealer = await deps.sealer();
  await deps.platform.db.transaction().execute(async (tx) => {
    const head = await deps.book.tell(
      tx,
      incident,
      { kind: 'notice', about: 'drill', text: `The exercise has ${clean.length} recipients of its own` },
      by,
    );
    if (!head.drill) throw new Problem(409, 'no_drill', 'This incident is no exercise.');
    const row = {
      sealed: sealDrill(sealer, incident, clean),
      entered_at: new Date(deps.platform.clock.now()),
      entered_by: by.actor.name,
    };
    await rowsOf(tx)
      .insertInto('notice_drill_recipients')
      .values({ incident, ...row })
      .onConflict((conflict) => conflict.column('incident').doUpdateSet(row))
      .execute();
  });
}

const ownOnly = (): Problem =>
  new Problem(
    409,
    'drill_recipients_only',
    'What is written in an exercise goes to the exercise’s own recipients alone: enter those, then collect.',
  );

function checkedList(list: readonly Recipient[], field: string): Recipient[] {
  if (list.length > MOST_ENTERED) throw invalid(field, `has more than ${MOST_ENTERED} lines`);
  const wrong = list.findIndex(({ address }) => !isAddress(address));
  if (wrong >= 0)
    throw invalid(`${field}.${wrong}.address`, `line ${wrong + 1} is not one plain mail address`);
  return [...new Map(list.map((one) => [one.address.toLowerCase(), one])).values()];
}
