import type { Approvals } from '../approvals/index.ts';
import { expectMayTouchPerson } from '../identity/index.ts';
import {
  type By,
  type Caller,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
} from '../platform/index.ts';
import type { IssuerChange, IssuerView, NewIssuer } from './schemas.ts';
import type { SsoTables } from './tables.ts';

export type IssuerRow = SsoTables['oidc_issuer'];

/** Who else vouches for people who sign in. */
export interface Issuers {
  list(): Promise<IssuerView[]>;
  /** As the page for signing in shows them. */
  methods(): Promise<{ id: string; name: string }[]>;
  /** Null: there is none, or none any more. */
  find(id: string): Promise<IssuerRow | null>;
  /** Where a second person is needed, this and a change wait for one. Throws Problem 409 `issuer_exists`. */
  add(given: NewIssuer, by: By): Promise<IssuerView>;
  /** Throws Problem 404. */
  change(id: string, given: IssuerChange, by: By): Promise<IssuerView>;
  /** Nobody signs in through it from then on. Throws Problem 404. */
  remove(id: string, by: By): Promise<void>;
  /** Whom issuers mean by a person. */
  identitiesOf(person: string): Promise<SsoTables['oidc_identity'][]>;
  /**
   * Forgets whom an issuer means by a person: the next sign-in goes by the e-mail address again. Throws Problem 404, and 403
   * `owner_needed` where an owner's is touched by who is none.
   */
  unlink(person: string, issuer: string, by: By & { actor: Caller }): Promise<void>;
}

export interface IssuersDeps {
  platform: Platform;
  approvals: Approvals;
  redirectUri: (id: string) => string;
}

export function createIssuers({ platform, approvals, redirectUri }: IssuersDeps): Issuers {
  const db = platform.db.withTables<SsoTables>();
  const living = () => db.selectFrom('oidc_issuer').selectAll().where('removed_at', 'is', null);

  async function views(rows: readonly IssuerRow[]): Promise<IssuerView[]> {
    const counts = await db
      .selectFrom('oidc_identity')
      .select(['issuer', (eb) => eb.fn.countAll<number>().as('people')])
      .groupBy('issuer')
      .execute();
    const people = new Map(counts.map((row) => [row.issuer, Number(row.people)]));
    return rows.map((row) => viewOf(row, redirectUri(row.id), people.get(row.issuer) ?? 0));
  }
  async function viewOfOne(row: IssuerRow): Promise<IssuerView> {
    return (await views([row]))[0] ?? viewOf(row, redirectUri(row.id), 0);
  }

  return {
    list: async () => views(await living().orderBy('name').orderBy('id').execute()),

    methods: () =>
      db
        .selectFrom('oidc_issuer')
        .select(['id', 'name'])
        .where('removed_at', 'is', null)
        .orderBy('name')
        .execute(),

    find: async (id) => (await living().where('id', '=', id).executeTakeFirst()) ?? null,

    async add(given, by) {
      const row: IssuerRow = {
        id: newId(platform.clock, platform.random),
        issuer: given.issuer,
        ...columnsOf(given),
        created_at: new Date(platform.clock.now()),
        created_by: by.actor.name,
        removed_at: null,
      };
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<SsoTables>();
        const known = await rows
          .selectFrom('oidc_issuer')
          .select('name')
          .where('issuer', '=', given.issuer)
          .where('removed_at', 'is', null)
          .executeTakeFirst();
        if (known !== undefined) {
          throw new Problem(
            409,
            'issuer_exists',
            `This issuer is there already, as "${known.name}". Change that one.`,
          );
        }
        // Whoever rules an issuer can come in as a second person.
        const subject = { kind: 'issuer', id: 'new' };
        await approvals.spendIfNeeded(tx, { act: 'issuer.add', subject, what: detailOf(row) }, by);
        await rows.insertInto('oidc_issuer').values(row).execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'issuer.add',
          subject: { kind: 'issuer', id: row.id },
          detail: detailOf(row),
        });
      });
      return viewOfOne(row);
    },

    async change(id, given, by) {
      const after = await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<SsoTables>();
        const row = await rows
          .selectFrom('oidc_issuer')
          .selectAll()
          .where('id', '=', id)
          .where('removed_at', 'is', null)
          .forUpdate()
          .executeTakeFirst();
        if (row === undefined) throw notFound('issuer');
        const changed = {
          ...row,
          ...columnsOf({
            name: given.name ?? row.name,
            clientId: given.clientId ?? row.client_id,
            domains: given.domains ?? row.domains,
            mfa: given.mfa ?? { acr: row.mfa_acr, amr: row.mfa_amr },
            newRoles: given.newRoles === undefined ? row.new_roles : given.newRoles,
            private: given.private ?? row.private,
          }),
        };
        const what = { from: detailOf(row), to: detailOf(changed) };
        const subject = { kind: 'issuer', id };
        await approvals.spendIfNeeded(tx, { act: 'issuer.change', subject, what }, by);
        await rows.updateTable('oidc_issuer').set(changed).where('id', '=', id).execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'issuer.change',
          subject: { kind: 'issuer', id },
          detail: { ...detailOf(changed), was: detailOf(row) },
        });
        return changed;
      });
      return viewOfOne(after);
    },

    async remove(id, by) {
      await platform.db.transaction().execute(async (tx) => {
        const rows = tx.withTables<SsoTables>();
        const removed = await rows
          .updateTable('oidc_issuer')
          .set({ removed_at: new Date(platform.clock.now()) })
          .where('id', '=', id)
          .where('removed_at', 'is', null)
          .returningAll()
          .executeTakeFirst();
        if (removed === undefined) throw notFound('issuer');
        await rows.deleteFrom('oidc_flow').where('issuer', '=', id).execute();
        await recordChange(tx, platform, {
          ...by,
          act: 'issuer.remove',
          subject: { kind: 'issuer', id },
          detail: detailOf(removed),
        });
      });
    },

    identitiesOf: (person) =>
      db.selectFrom('oidc_identity').selectAll().where('person', '=', person).orderBy('issuer').execute(),

    async unlink(person, issuer, by) {
      await platform.db.transaction().execute(async (tx) => {
        await expectMayTouchPerson(tx, by.actor, person);
        const gone = await tx
          .withTables<SsoTables>()
          .deleteFrom('oidc_identity')
          .where('person', '=', person)
          .where('issuer', '=', issuer)
          .executeTakeFirst();
        if (gone.numDeletedRows === 0n) throw notFound('identity');
        await recordChange(tx, platform, {
          ...by,
          act: 'identity.unlink',
          subject: { kind: 'person', id: person },
          detail: { issuer },
        });
      });
    },
  };
}

type Settable = Omit<NewIssuer, 'issuer' | 'reason' | 'newRoles'> & { newRoles: IssuerRow['new_roles'] };

const columnsOf = ({ name, clientId, domains, mfa, newRoles, private: isPrivate }: Settable) => ({
  name,
  client_id: clientId,
  domains: [...new Set(domains)],
  mfa_acr: [...new Set(mfa.acr)],
  mfa_amr: [...new Set(mfa.amr)],
  new_roles: newRoles === null ? null : [...new Set(newRoles)],
  private: isPrivate,
});

const detailOf = (row: IssuerRow) => ({
  name: row.name,
  issuer: row.issuer,
  clientId: row.client_id,
  domains: row.domains,
  mfa: { acr: row.mfa_acr, amr: row.mfa_amr },
  newRoles: row.new_roles,
  private: row.private,
});

const viewOf = (row: IssuerRow, redirectUri: string, people: number): IssuerView => ({
  id: row.id,
  ...detailOf(row),
  redirectUri,
  people,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
});
