import { phoneWords, phraseWords } from '@drawbridge/scan';
import { sql } from 'kysely';
import { z } from 'zod';
import {
  type By,
  decodeCursor,
  newId,
  notFound,
  type Platform,
  Problem,
  page,
  recordChange,
} from '../platform/index.ts';
import type { Entry } from './entry.ts';
import { type AskedImport, importList } from './import.ts';
import { countryOf, languageOf } from './place.ts';
import type { EntryView, Imported, ListAskedSchema, ListView, ShowAsked } from './schemas.ts';
import type { Sealing } from './sealing.ts';
import { countForms, storeForms } from './stored-forms.ts';
import type { DetectorTables, ListRow } from './tables.ts';

const MOST_LISTS = 100;

/** Lists of people, organisations and words. What they hold is sealed; every write and every look is recorded. */
export interface Lists {
  all(): Promise<ListView[]>;
  /** Throws Problem 409. */
  create(asked: Omit<z.infer<typeof ListAskedSchema>, 'reason'>, by: By): Promise<ListView>;
  /** As `importList`. */
  take(id: string, asked: AskedImport, by: By): Promise<Imported>;
  /** Entries in clear; that somebody looked is recorded. Throws Problem 404. */
  show(id: string, asked: ShowAsked, by: By): Promise<{ items: EntryView[]; next: string | null }>;
  /** With all it holds. Throws Problem 404. */
  remove(id: string, by: By): Promise<void>;
  /** Throws Problem 404. */
  removeEntry(id: string, entry: string, by: By): Promise<void>;
}

export interface ListDeps {
  platform: Platform;
  sealing: () => Promise<Sealing>;
  pseudonymOf: (identifier: string) => Promise<string>;
}

export function createLists(deps: ListDeps): Lists {
  const { platform } = deps;
  const rows = platform.db.withTables<DetectorTables>();
  const read = async (id: string): Promise<ListRow> => {
    const row = await rows.selectFrom('known_list').selectAll().where('id', '=', id).executeTakeFirst();
    if (row === undefined) throw notFound('list');
    return row;
  };

  return {
    async all() {
      return (await rows.selectFrom('known_list').selectAll().orderBy('name').execute()).map(viewOf);
    },

    async create({ name, kind, class: termClass }, by) {
      const row: ListRow = {
        id: newId(platform.clock, platform.random),
        name,
        kind,
        class: termClass ?? null,
        made_at: new Date(platform.clock.now()),
        made_by: by.actor.name,
        revision: '1',
        entries: 0,
        forms: 0,
        imported_at: null,
        imported_by: null,
      };
      await platform.db.transaction().execute(async (tx) => {
        const tables = tx.withTables<DetectorTables>();
        const { count } = await tables
          .selectFrom('known_list')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= MOST_LISTS)
          throw new Problem(409, 'too_many_lists', `There are ${MOST_LISTS} lists. Remove some first.`);
        const added = await tables
          .insertInto('known_list')
          .values(row)
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        if (added.numInsertedOrUpdatedRows === 0n)
          throw new Problem(
            409,
            'list_exists',
            'There is a list of this name already: take it into that one.',
          );
        await recordChange(tx, platform, {
          ...by,
          act: 'known_list.create',
          subject: { kind: 'known_list', id: row.id },
          detail: { name, kind, class: termClass ?? null },
        });
      });
      return viewOf(row);
    },

    take: (id, asked, by) => importList(deps, id, asked, by),

    async show(id, { find, cursor, limit }, by) {
      const list = await read(id);
      const { open, hasher } = await deps.sealing();
      let query = rows
        .selectFrom('known_entry')
        .select(['id', 'sealed', 'forms'])
        .where('list', '=', id)
        .orderBy('id')
        .limit(limit + 1);
      if (cursor !== undefined) query = query.where('id', '>', decodeCursor(cursor, z.tuple([z.uuid()]))[0]);
      if (find !== undefined) {
        // As it would be found in a text: by what its forms hash to, whatever the class.
        const wanted = [phraseWords(find), ...phoneWords(find).map((word) => [word])]
          .filter((words) => words.length > 0)
          .map((words) => storeForms(hasher, [{ class: 'person.name', words }]).subarray(1));
        query = query.where(
          wanted.length === 0
            ? sql<boolean>`false`
            : sql<boolean>`${sql.join(
                wanted.map((form) => sql`position(${form}::bytea in forms) > 0`),
                sql` OR `,
              )}`,
        );
      }
      const found = await query.execute();
      await platform.db.transaction().execute((tx) =>
        recordChange(tx, platform, {
          ...by,
          act: 'known_list.show',
          subject: { kind: 'known_list', id },
          detail: { name: list.name, shown: Math.min(found.length, limit), searched: find !== undefined },
        }),
      );
      return page(
        found,
        limit,
        (row) => [row.id],
        (row) => entryOf(row.id, open(row.id, row.sealed), countForms(row.forms)),
      );
    },

    async remove(id, by) {
      await platform.db.transaction().execute(async (tx) => {
        const gone = await tx
          .withTables<DetectorTables>()
          .deleteFrom('known_list')
          .where('id', '=', id)
          .returning(['name', 'entries'])
          .executeTakeFirst();
        if (gone === undefined) throw notFound('list');
        await recordChange(tx, platform, {
          ...by,
          act: 'known_list.remove',
          subject: { kind: 'known_list', id },
          detail: { ...gone },
        });
      });
      platform.events.publish('connections');
    },

    async removeEntry(id, entry, by) {
      await platform.db.transaction().execute(async (tx) => {
        const tables = tx.withTables<DetectorTables>();
        const gone = await tables
          .deleteFrom('known_entry')
          .where('list', '=', id)
          .where('id', '=', entry)
          .returning('forms')
          .executeTakeFirst();
        if (gone === undefined) throw notFound('entry');
        await tables
          .updateTable('known_list')
          .set((eb) => ({
            revision: eb('revision', '+', '1'),
            entries: eb('entries', '-', 1),
            forms: eb('forms', '-', countForms(gone.forms)),
          }))
          .where('id', '=', id)
          .execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'known_list.remove_entry',
          subject: { kind: 'known_list', id },
          detail: { entry },
        });
      });
      platform.events.publish('connections');
    },
  };
}

function viewOf(row: ListRow): ListView {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    class: row.class,
    entries: row.entries,
    forms: row.forms,
    madeAt: row.made_at.toISOString(),
    madeBy: row.made_by,
    importedAt: row.imported_at?.toISOString() ?? null,
    importedBy: row.imported_by,
  };
}

function entryOf(id: string, entry: Entry, forms: number): EntryView {
  const { kind, name, given, family, email, phone, alias, employer, country, language, externalId } = entry;
  const apart = [given, family].filter((one) => one !== undefined).join(' ');
  return {
    id,
    kind,
    name: name ?? apart,
    email: email ?? null,
    phone: phone ?? null,
    alias: alias ?? null,
    employer: employer ?? null,
    country: country === undefined ? null : countryOf(country),
    language: language === undefined ? null : languageOf(language),
    externalId: externalId ?? null,
    forms,
  };
}
