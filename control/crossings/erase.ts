import type { PayloadItem } from '@drawbridge/protocol';
import type pg from 'pg';
import { plainArray } from '../platform/index.ts';
import { aboutOf, type SubjectName, subjectText } from './about.ts';

/** Taking subjects out of the stored journals: their items go, and their names out of others' items. */

const PAGE = 5000;

interface Place {
  log: number;
  idx: number;
  item: number;
}

/** A stored item in which a subject is named, and what an erasure makes of it. */
export interface NamingItem extends Place {
  parsed: PayloadItem;
  /** Null: all of it goes. Else what is left. */
  remainder: PayloadItem | null;
}

/**
 * Where the given subjects are named in the stored items. Searches all of them: what is named beside others is in no
 * index. `until`: only entries that were recorded until then, in milliseconds since 1970 by the gateways' clocks; null:
 * all.
 */
export class ItemSearch {
  readonly #client: pg.PoolClient;
  readonly #subjects: ReadonlySet<string>;
  readonly #patterns: readonly Buffer[];
  readonly #until: number | null;
  /** By log: the first index that was not searched. */
  readonly #searched = new Map<number, number>();
  readonly #places = new Map<string, Place>();

  constructor(client: pg.PoolClient, subjects: readonly SubjectName[], until: number | null) {
    this.#client = client;
    this.#subjects = new Set(subjects.map(subjectText));
    this.#patterns = [...new Set(subjects.map((subject) => subject.pseudonym))].map((text) =>
      Buffer.from(text),
    );
    this.#until = until;
  }

  /** Searches what was stored since the last call, at first everything. */
  async look(): Promise<void> {
    const ends = await this.#client.query<{ id: number; next: number }>(
      'SELECT id, next_index AS next FROM journal_log',
    );
    if (this.#searched.size === 0) await this.#search('true', []);
    else {
      for (const { id, next } of ends.rows) {
        const from = this.#searched.get(id) ?? 0;
        if (next > from) await this.#search('log = $1 AND idx >= $2', [id, from]);
      }
    }
    for (const { id, next } of ends.rows) this.#searched.set(id, next);
  }

  async #search(within: string, values: readonly number[]): Promise<void> {
    const named = this.#patterns.map(
      (_, n) => `position($${values.length + n + 1}::bytea IN coalesce(bytes, remainder)) > 0`,
    );
    const found = await this.#client.query<[number, number, number]>({
      text: `SELECT log, idx, item FROM payload_item WHERE ${within} AND (${named.join(' OR ')})`,
      values: [...values, ...this.#patterns],
      rowMode: 'array',
    });
    for (const [log, idx, item] of found.rows) this.#places.set(`${log} ${idx} ${item}`, { log, idx, item });
  }

  /** What was found, in pages. */
  async *items(): AsyncGenerator<NamingItem[]> {
    const places = [...this.#places.values()];
    for (let at = 0; at < places.length; at += PAGE) {
      const page = places.slice(at, at + PAGE);
      const rows = await this.#client.query<[number, number, number, string]>({
        text: `SELECT i.log, i.idx, i.item, convert_from(coalesce(i.bytes, i.remainder), 'UTF8')
          FROM unnest($1::int[], $2::bigint[], $3::int[]) AS w (log, idx, item)
            JOIN payload_item i ON i.log = w.log AND i.idx = w.idx AND i.item = w.item
            JOIN journal_entry e ON e.log = w.log AND e.idx = w.idx
          WHERE coalesce(i.bytes, i.remainder) IS NOT NULL AND e.at <= coalesce($4, e.at)`,
        values: [
          plainArray(page.map((one) => one.log)),
          plainArray(page.map((one) => one.idx)),
          plainArray(page.map((one) => one.item)),
          this.#until === null ? null : new Date(this.#until),
        ],
        rowMode: 'array',
      });
      yield rows.rows.flatMap(([log, idx, item, text]) => {
        const parsed: PayloadItem = JSON.parse(text);
        const remainder = without(parsed, (subject) => this.#subjects.has(subjectText(subject)));
        return remainder === parsed ? [] : [{ log, idx, item, parsed, remainder }];
      });
    }
  }
}

/**
 * An item after an erasure: itself where it names no erased subject, null where it speaks of one. One that names one
 * beside its own subject loses that name, and its salt: with it, who knows the rest could try names against the hash.
 */
export function without(item: PayloadItem, isErased: (subject: SubjectName) => boolean): PayloadItem | null {
  const about = aboutOf(item);
  if (about !== 'nobody' && isErased({ about, pseudonym: item.s ?? '' })) return null;
  // Only people are named beside others.
  const left = item.l.filter((pseudonym) => !isErased({ about: 'person', pseudonym }));
  return left.length === item.l.length ? item : { ...item, l: left, salt: '' };
}

/** Puts what is left in the items' places. Their hashes stay, so that everything else proves as before. */
export async function eraseItems(client: pg.PoolClient, items: readonly NamingItem[]): Promise<void> {
  await client.query(
    `UPDATE payload_item i SET bytes = NULL, remainder = convert_to(e.remainder, 'UTF8')
      FROM unnest($1::int[], $2::bigint[], $3::int[], $4::text[]) AS e (log, idx, item, remainder)
      WHERE i.log = e.log AND i.idx = e.idx AND i.item = e.item`,
    [
      plainArray(items.map((one) => one.log)),
      plainArray(items.map((one) => one.idx)),
      plainArray(items.map((one) => one.item)),
      items.map(({ remainder }) => (remainder === null ? null : JSON.stringify(remainder))),
    ],
  );
}

/**
 * Takes subjects out of the crossings' projection in the tables of the current `search_path`: all that no remaining
 * item carries, also where items were pruned.
 */
export async function eraseCrossingSubjects(
  client: pg.PoolClient,
  subjects: readonly SubjectName[],
): Promise<number> {
  const gone = await client.query(
    `DELETE FROM crossing_subject c WHERE c.subject = ANY ($1) AND NOT EXISTS (
      SELECT FROM payload_item i WHERE i.log = c.log AND i.idx = c.idx
        AND position(convert_to(c.subject, 'UTF8') IN coalesce(i.bytes, i.remainder)) > 0)`,
    [subjects.map((subject) => subject.pseudonym)],
  );
  return gone.rowCount ?? 0;
}

/** The crossings in which the given pseudonyms have items, in pages. */
export async function* crossingsOfSubjects(
  client: pg.PoolClient,
  pseudonyms: readonly string[],
): AsyncGenerator<{ log: number; index: number }[]> {
  const found = await client.query<{ log: number; index: number }>(
    'SELECT DISTINCT log, idx AS index FROM crossing_subject WHERE subject = ANY ($1) ORDER BY log, idx',
    [pseudonyms],
  );
  for (let at = 0; at < found.rows.length; at += PAGE) yield found.rows.slice(at, at + PAGE);
}
