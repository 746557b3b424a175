import { unlisted } from '@drawbridge/protocol';
import { type By, invalid, notFound, type Platform, recordChange, type Tx } from '../platform/index.ts';
import { type PolicyFacts, readPolicyFacts } from '../register/index.ts';
import type { AppFactsEntry, AppFactsView, VendorFactsEntry, VendorFactsView } from './schemas.ts';
import type { PolicyTables } from './tables.ts';

/** What policies may refer to of an app. Where nothing was entered: no tags, team "", a workload. */
export interface AppFacts {
  id: string;
  tags: string[];
  team: string;
  owner: string;
  holder: 'workload' | 'person';
}

/** What policies may refer to of a vendor. Where nothing was entered: not approved, no agreement. */
export interface VendorFacts {
  id: string;
  approved: boolean;
  agreement: 'none' | 'signed';
  /** Left out: the vendor is not entered in the register. */
  register?: PolicyFacts;
}

export interface Facts {
  apps: AppFacts[];
  vendors: VendorFacts[];
}

type AppTable = { app: { id: string; name: string; owner: string } };
type Reads = Platform['db'] | Tx;

function selectApps(db: Reads) {
  return db
    .withTables<AppTable & PolicyTables>()
    .selectFrom('app')
    .leftJoin('app_facts', 'app_facts.app', 'app.id')
    .select(['app.id', 'app.name', 'app.owner', 'tags', 'team', 'holder', 'changed_at', 'changed_by'])
    .orderBy('app.id');
}
type AppRow = Awaited<ReturnType<ReturnType<typeof selectApps>['execute']>>[number];

function appFacts(row: AppRow): AppFacts {
  const { id, owner, tags, team, holder } = row;
  return { id, tags: tags ?? [], team: team ?? '', owner, holder: holder ?? 'workload' };
}

/** All that policies may refer to of these vendors, in order of ids: the same facts, the same text. `now`: in milliseconds. */
export async function readVendorFacts(db: Reads, of: readonly string[], now: number): Promise<VendorFacts[]> {
  if (of.length === 0) return [];
  const rows = await db
    .withTables<PolicyTables>()
    .selectFrom('vendor_facts')
    .select(['vendor as id', 'approved', 'agreement'])
    .where('vendor', 'in', [...of])
    .execute();
  const entered = new Map(rows.map((row) => [row.id, row]));
  const registered = await readPolicyFacts(db, of, now);
  return [...new Set([...entered.keys(), ...registered.keys()])].sort().map((id) => {
    const { approved, agreement } = entered.get(id) ?? unlisted.vendor;
    const register = registered.get(id);
    return { id, approved, agreement, ...(register === undefined ? {} : { register }) };
  });
}

/** The same of the vendors that we have connections to: no crossing goes to another. */
export async function readFacts(db: Reads, now: number): Promise<Facts> {
  const apps = await readAppsFacts(db);
  const connected = await db
    .withTables<{ connection: { vendor: string } }>()
    .selectFrom('connection')
    .select('vendor')
    .distinct()
    .execute();
  const vendors = await readVendorFacts(
    db,
    connected.map(({ vendor }) => vendor),
    now,
  );
  return { apps, vendors };
}

export async function readAppsFacts(db: Reads): Promise<AppFacts[]> {
  return (await selectApps(db).execute()).map(appFacts);
}

export async function readAppFacts(db: Reads, app: string): Promise<AppFacts | null> {
  const [row] = await selectApps(db).where('app.id', '=', app).execute();
  return row === undefined ? null : appFacts(row);
}

/** What people entered of apps and vendors, with who and when. */
export async function listFacts(db: Reads): Promise<{ apps: AppFactsView[]; vendors: VendorFactsView[] }> {
  const apps = await selectApps(db).execute();
  const vendors = await db
    .withTables<PolicyTables>()
    .selectFrom('vendor_facts')
    .selectAll()
    .orderBy('vendor')
    .execute();
  return { apps: apps.map(appView), vendors: vendors.map(vendorView) };
}

/** Enters what policies may refer to of an app. The same again changes nothing. Throws Problem 404 or 422. */
export async function writeAppFacts(
  platform: Platform,
  app: string,
  given: AppFactsEntry,
  by: By,
): Promise<AppFactsView> {
  const tags = [...new Set(given.tags)].sort();
  const wrong = tags.findIndex((tag) => !/^[a-z0-9][a-z0-9:._-]*$/.test(tag));
  if (wrong >= 0) {
    throw invalid(
      `tags.${given.tags.indexOf(tags[wrong] ?? '')}`,
      'write a tag in small letters, figures and - . _ : without spaces, such as eu-only',
    );
  }
  const view = await platform.db.transaction().execute(async (tx) => {
    const [was] = await selectApps(tx).where('app.id', '=', app).execute();
    if (was === undefined) throw notFound('app');
    const before = appFacts(was);
    const after = { tags, team: given.team.trim(), holder: given.holder };
    if (
      before.tags.join('\n') === tags.join('\n') &&
      before.team === after.team &&
      before.holder === after.holder
    ) {
      return appView(was);
    }
    const row = { ...after, ...changedBy(platform, by) };
    await tx
      .withTables<PolicyTables>()
      .insertInto('app_facts')
      .values({ app, ...row })
      .onConflict((conflict) => conflict.column('app').doUpdateSet(row))
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'app.facts',
      subject: { kind: 'app', id: app },
      detail: { ...after, was: { tags: before.tags, team: before.team, holder: before.holder } },
    });
    return appView({ ...was, ...row });
  });
  platform.events.publish('policies');
  return view;
}

/** Enters what is known of a vendor: approved, agreement signed, each with its date and source. Throws Problem 422. */
export async function writeVendorFacts(
  platform: Platform,
  vendor: string,
  given: VendorFactsEntry,
  by: By,
): Promise<VendorFactsView> {
  const entered = {
    approved: given.approved !== null,
    approved_on: given.approved?.on ?? null,
    approval_source: given.approved?.source ?? null,
    agreement: given.agreement === null ? ('none' as const) : ('signed' as const),
    agreement_on: given.agreement?.on ?? null,
    agreement_source: given.agreement?.source ?? null,
  };
  const today = new Date(platform.clock.now()).toISOString().slice(0, 10);
  for (const [field, on] of Object.entries({
    'approved.on': entered.approved_on,
    'agreement.on': entered.agreement_on,
  })) {
    // A day further east may have begun.
    if (on !== null && Date.parse(on) > Date.parse(today) + 24 * 3600_000) {
      throw invalid(field, 'lies in the future; give the day on which it was done');
    }
  }
  const view = await platform.db.transaction().execute(async (tx) => {
    const row = { ...entered, ...changedBy(platform, by) };
    await tx
      .withTables<PolicyTables>()
      .insertInto('vendor_facts')
      .values({ vendor, ...row })
      .onConflict((conflict) => conflict.column('vendor').doUpdateSet(row))
      .execute();
    await recordChange(tx, platform, {
      ...by,
      act: 'vendor.facts',
      subject: { kind: 'vendor', id: vendor },
      detail: { approved: given.approved, agreement: given.agreement },
    });
    return vendorView({ vendor, ...row });
  });
  platform.events.publish('policies');
  return view;
}

function changedBy({ clock }: Platform, by: By) {
  return { changed_at: new Date(clock.now()), changed_by: by.actor.name };
}

function appView(row: AppRow): AppFactsView {
  const { id, tags, team, holder } = appFacts(row);
  const changed = row.changed_at === null ? null : row.changed_at.toISOString();
  return { app: { id, name: row.name }, tags, team, holder, changedAt: changed, changedBy: row.changed_by };
}

function vendorView(row: PolicyTables['vendor_facts']): VendorFactsView {
  const said = (on: string | null, source: string | null) =>
    on === null || source === null ? null : { on, source };
  return {
    vendor: row.vendor,
    approved: row.approved ? said(row.approved_on, row.approval_source) : null,
    agreement: row.agreement === 'signed' ? said(row.agreement_on, row.agreement_source) : null,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  };
}
