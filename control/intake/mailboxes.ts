import {
  type By,
  isPrivateHost,
  newId,
  notFound,
  type Platform,
  Problem,
  recordChange,
  type Sealer,
  type Tx,
} from '../platform/index.ts';

/** Folders of mail servers that are looked into. */

export interface Mailbox {
  host: string;
  port: number;
  tls: 'implicit' | 'starttls' | 'none';
  /** Whether its address may lie in a private network. */
  private: boolean;
  username: string;
  folder: string;
  after: 'keep' | 'move' | 'delete';
  moveTo: string | null;
  isOn: boolean;
}

export type MailboxRow = {
  id: string;
  host: string;
  port: number;
  tls: Mailbox['tls'];
  private: boolean;
  username: string;
  password: Buffer;
  folder: string;
  after: Mailbox['after'];
  move_to: string | null;
  is_on: boolean;
  uid_validity: number | null;
  last_uid: number;
  taken: number;
  skipped: number;
  looked_at: Date | null;
  error_code: string | null;
  error: string | null;
  made_at: Date;
  made_by: string;
};
type Tables = { intake_mailbox: MailboxRow };

const MOST = 20;

const rows = (db: Platform['db'] | Tx) => db.withTables<Tables>();

/** The password opens for this mailbox, host, port and user alone: who changes where it goes has to enter it again. */
const placeOf = (id: string, { host, port, username }: Pick<Mailbox, 'host' | 'port' | 'username'>) =>
  ['intake mailbox', id, host, port, username] as const;

export const sealPassword = (sealer: Sealer, id: string, mailbox: Mailbox, password: string): Buffer =>
  sealer.seal(placeOf(id, mailbox), Buffer.from(password, 'utf8'));

/** Throws EnvelopeError for a row that was changed in the database. */
export const openPassword = (sealer: Sealer, row: MailboxRow): string =>
  sealer.open(placeOf(row.id, row), row.password).toString('utf8');

export const mailboxOf = (row: MailboxRow): Mailbox => ({
  host: row.host,
  port: row.port,
  tls: row.tls,
  private: row.private,
  username: row.username,
  folder: row.folder,
  after: row.after,
  moveTo: row.move_to,
  isOn: row.is_on,
});

export const isSamePlace = (a: Mailbox, b: Mailbox): boolean =>
  JSON.stringify(placeOf('', a)) === JSON.stringify(placeOf('', b));

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Why these can't go together; null: they can. */
export function wrongMailbox(mailbox: Mailbox): { field: string; message: string } | null {
  if (mailbox.tls === 'none' && !isLoopback(mailbox.host))
    return { field: 'tls', message: 'is none: the password would cross the network in clear' };
  if (!mailbox.private && isPrivateHost(mailbox.host))
    return { field: 'host', message: 'is in a private network; say private: true if that is meant' };
  if ((mailbox.after === 'move') !== (mailbox.moveTo !== null))
    return {
      field: 'moveTo',
      message: 'names the folder that read messages go to: with after move, and only then',
    };
  if (mailbox.moveTo !== null && mailbox.moveTo === mailbox.folder)
    return { field: 'moveTo', message: 'is the folder that is read' };
  return null;
}

export const listMailboxes = (db: Platform['db'] | Tx): Promise<MailboxRow[]> =>
  rows(db).selectFrom('intake_mailbox').selectAll().orderBy('made_at').orderBy('id').execute();

export async function getMailbox(db: Platform['db'] | Tx, id: string): Promise<MailboxRow> {
  const row = await rows(db).selectFrom('intake_mailbox').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('mailbox');
  return row;
}

const shownOf = ({ host, port, tls, folder, after, moveTo, isOn }: Mailbox) => ({
  host,
  port,
  tls,
  folder,
  after,
  moveTo,
  isOn,
});

const columns = (mailbox: Mailbox) => ({
  host: mailbox.host,
  port: mailbox.port,
  tls: mailbox.tls,
  private: mailbox.private,
  username: mailbox.username,
  folder: mailbox.folder,
  after: mailbox.after,
  move_to: mailbox.moveTo,
  is_on: mailbox.isOn,
});

/** Throws Problem 409 `too_many_mailboxes`. */
export async function addMailbox(
  tx: Tx,
  at: Platform,
  mailbox: Mailbox,
  seal: (id: string) => Buffer,
  by: By,
): Promise<string> {
  const held = await listMailboxes(tx);
  if (held.length >= MOST)
    throw new Problem(409, 'too_many_mailboxes', `There are ${MOST} mailboxes. Remove one that is not used.`);
  const id = newId(at.clock, at.random);
  await rows(tx)
    .insertInto('intake_mailbox')
    .values({
      id,
      ...columns(mailbox),
      password: seal(id),
      uid_validity: null,
      last_uid: 0,
      taken: 0,
      skipped: 0,
      looked_at: null,
      error_code: null,
      error: null,
      made_at: new Date(at.clock.now()),
      made_by: by.actor.name,
    })
    .execute();
  await recordChange(tx, at, {
    ...by,
    act: 'message_mailbox.add',
    subject: { kind: 'message_mailbox', id },
    detail: shownOf(mailbox),
  });
  return id;
}

/** `password` null: the one that is kept stays. Another folder, host, port or user is read from its beginning. */
export async function changeMailbox(
  tx: Tx,
  at: Platform,
  before: MailboxRow,
  mailbox: Mailbox,
  password: Buffer | null,
  by: By,
): Promise<void> {
  const isOther = !isSamePlace(mailboxOf(before), mailbox) || before.folder !== mailbox.folder;
  await rows(tx)
    .updateTable('intake_mailbox')
    .set({
      ...columns(mailbox),
      ...(password === null ? {} : { password }),
      ...(isOther ? { uid_validity: null, last_uid: 0, looked_at: null } : {}),
      error_code: null,
      error: null,
    })
    .where('id', '=', before.id)
    .execute();
  await recordChange(tx, at, {
    ...by,
    act: 'message_mailbox.change',
    subject: { kind: 'message_mailbox', id: before.id },
    detail: { ...shownOf(mailbox), passwordEntered: password !== null },
  });
}

export async function removeMailbox(tx: Tx, at: Platform, id: string, by: By): Promise<void> {
  const gone = await rows(tx).deleteFrom('intake_mailbox').where('id', '=', id).executeTakeFirst();
  if (gone.numDeletedRows === 0n) throw notFound('mailbox');
  await recordChange(tx, at, {
    ...by,
    act: 'message_mailbox.remove',
    subject: { kind: 'message_mailbox', id },
  });
}

/** What a visit was made to: what it finds out is noted only where the mailbox is still that. */
type Visited = Pick<MailboxRow, 'id' | 'host' | 'port' | 'username' | 'folder'>;
const stillThat = ({ id, host, port, username, folder }: Visited) => ({ id, host, port, username, folder });

/**
 * How far a folder was read. Nothing where the mailbox was changed or removed meanwhile: two servers may number alike, and the messages of
 * the new one would be taken for read.
 */
export async function noteRead(
  db: Platform['db'],
  row: Visited,
  read: { uidValidity: bigint; uid: number; was: 'taken' | 'skipped' | 'none' },
): Promise<void> {
  await rows(db)
    .updateTable('intake_mailbox')
    .set((eb) => ({
      uid_validity: Number(read.uidValidity),
      last_uid: read.uid,
      ...(read.was === 'taken' ? { taken: eb('taken', '+', 1) } : {}),
      ...(read.was === 'skipped' ? { skipped: eb('skipped', '+', 1) } : {}),
    }))
    .where((eb) => eb.and(stillThat(row)))
    .execute();
}

/** What came of a visit; nothing where the mailbox is another one by now. */
export async function noteLooked(
  db: Platform['db'],
  row: Visited,
  at: Date,
  error: { code: string; text: string } | null,
): Promise<void> {
  await rows(db)
    .updateTable('intake_mailbox')
    .set({ looked_at: at, error_code: error?.code ?? null, error: error?.text ?? null })
    .where((eb) => eb.and(stillThat(row)))
    .execute();
}
