import type pg from 'pg';
import {
  aboutOf,
  crossingsOfSubjects,
  type ItemSearch,
  readEntriesAt,
  type SubjectName,
  subjectText,
} from '../crossings/index.ts';
import { linkedSubjects } from '../exposure/index.ts';
import { invalid } from '../platform/index.ts';
import type { PseudonymOf } from '../vault/index.ts';
import { belongingTo } from './belonging.ts';
import type { AskedSubject, Counts } from './schemas.ts';

export interface PlannedSubject extends SubjectName {
  /** user, email, device or group; null: only seen beside another one, or not known here. */
  kind: string | null;
}

/** Whom an erasure or a hold is about. */
export interface Plan {
  subjects: PlannedSubject[];
  shared: PlannedSubject[];
}

/** As gateways make them: 132 bits in base64url. */
const PSEUDONYM = /^[A-Za-z0-9_-]{22}$/;

/**
 * Finds whom an asked subject stands for. What has a pseudonym's form and is one in the ledger is taken as it is; all
 * else is an identifier. Throws a Problem that names `subject`.
 */
export async function planFor(
  client: pg.PoolClient,
  pseudonymOf: PseudonymOf,
  asked: AskedSubject,
): Promise<Plan> {
  const subject = await findSubject(client, pseudonymOf, asked);
  const linked = await linkedSubjects(client, [subject]);
  const self = linked.find((one) => subjectText(one) === subjectText(subject));
  const alone: PlannedSubject = { ...subject, kind: self?.kind ?? asked.kind ?? null };
  if (asked.only || linked.length <= 1) return { subjects: [alone], shared: [] };
  const known = new Map(linked.map((one) => [one.pseudonym, one]));
  const plannedOf = (pseudonym: string): PlannedSubject => {
    const { about, kind } = known.get(pseudonym) ?? alone;
    return { about, pseudonym, kind };
  };
  const belonging = belongingTo(subject.pseudonym, linked, await linksAmong(client, [...known.keys()]));
  return { subjects: belonging.together.map(plannedOf), shared: belonging.shared.map(plannedOf) };
}

async function findSubject(
  client: pg.PoolClient,
  pseudonymOf: PseudonymOf,
  asked: AskedSubject,
): Promise<SubjectName> {
  const given = PSEUDONYM.test(asked.subject) ? await aboutsOf(client, asked.subject) : [];
  const pseudonym = given.length > 0 ? asked.subject : await pseudonymOf(asked.subject);
  if (pseudonym === '') throw invalid('subject', 'is empty');
  if (asked.kind !== undefined) {
    return { about: asked.kind === 'group' ? 'organisation' : 'person', pseudonym };
  }
  const abouts = given.length > 0 ? given : await aboutsOf(client, pseudonym);
  const isOrganisation = abouts.length > 0 && !abouts.includes('person');
  return { about: isOrganisation ? 'organisation' : 'person', pseudonym };
}

async function aboutsOf(client: pg.PoolClient, pseudonym: string): Promise<string[]> {
  const found = await client.query<{ about: string }>('SELECT about FROM subject WHERE pseudonym = $1', [
    pseudonym,
  ]);
  return found.rows.map((row) => row.about);
}

/** Which of the pseudonyms were seen beside which, in crossings that were forwarded: as the ledger links them. */
async function linksAmong(
  client: pg.PoolClient,
  pseudonyms: readonly string[],
): Promise<(readonly [string, string])[]> {
  const links = new Map<string, readonly [string, string]>();
  for await (const places of crossingsOfSubjects(client, pseudonyms)) {
    for (const { entry, items } of await readEntriesAt(client, places)) {
      if (entry.type !== 'crossing' || entry.decision !== 'forwarded') continue;
      for (const item of items) {
        if (aboutOf(item) !== 'person') continue;
        for (const other of item.l) links.set(`${item.s} ${other}`, [item.s ?? '', other]);
      }
    }
  }
  return [...links.values()];
}

/** What an erasure would do, and whom it would touch. */
export interface Tally {
  counts: Omit<Counts, 'identifiers'>;
  /** Hashes of names under review that the items carry. */
  names: Set<string>;
  /** Whom the items speak of or name, beside those that are erased. */
  others: Map<string, SubjectName>;
}

export async function tallyOf(search: ItemSearch): Promise<Tally> {
  const counts = { items: 0, remainders: 0, crossings: 0 };
  const crossings = new Set<string>();
  const names = new Set<string>();
  const others = new Map<string, SubjectName>();
  for await (const page of search.items()) {
    for (const { log, idx, parsed, remainder } of page) {
      crossings.add(`${log} ${idx}`);
      const about = aboutOf(parsed);
      if (about !== 'nobody' && parsed.s !== null) {
        others.set(`${about} ${parsed.s}`, { about, pseudonym: parsed.s });
      }
      for (const pseudonym of parsed.l) others.set(`person ${pseudonym}`, { about: 'person', pseudonym });
      if (remainder !== null) {
        counts.remainders += 1;
        continue;
      }
      counts.items += 1;
      for (const sighting of parsed.r) names.add(sighting.h);
    }
  }
  counts.crossings = crossings.size;
  return { counts, names, others };
}
