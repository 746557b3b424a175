import { isPrivateHost, type Platform, type Sealer, type Tx } from '../platform/index.ts';

/** The organisation's mail server, as it is kept. */
export interface MailServer {
  host: string;
  port: number;
  tls: 'implicit' | 'starttls' | 'none';
  /** Whether its address may lie in a private network. */
  private: boolean;
  username: string | null;
  from: { name: string; address: string };
}

export interface SignIn {
  username: string;
  password: string;
}

export type ServerRow = {
  only_one: boolean;
  host: string;
  port: number;
  tls: MailServer['tls'];
  private: boolean;
  username: string | null;
  password: Buffer | null;
  from_name: string;
  from_address: string;
  changed_at: Date;
  changed_by: string;
};
type Tables = { mail_server: ServerRow };

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Why these can't go together; null: they can. A password never crosses a network in clear, nor does what a mail says unless that is meant. */
export function wrongServer(
  server: MailServer,
  allowUnencrypted: boolean,
): { field: string; message: string } | null {
  if (server.tls === 'none' && !isLoopback(server.host)) {
    if (server.username !== null) {
      return {
        field: 'tls',
        message: 'is none: the password would cross the network in clear; use starttls or implicit',
      };
    }
    if (!allowUnencrypted) {
      return {
        field: 'tls',
        message:
          'is none: mails would cross the network in clear; say allowUnencrypted: true if that is meant',
      };
    }
  }
  if (!server.private && isPrivateHost(server.host)) {
    return { field: 'host', message: 'is in a private network; say private: true if that is meant' };
  }
  return null;
}

/** The password opens for this host, port and user alone: who changes where mail goes has to enter it again. */
const placeOf = ({ host, port, username }: Pick<MailServer, 'host' | 'port' | 'username'>) =>
  ['mail server', host, port, username ?? ''] as const;

export async function readServer(db: Platform['db'] | Tx): Promise<(MailServer & { row: ServerRow }) | null> {
  const row = await db.withTables<Tables>().selectFrom('mail_server').selectAll().executeTakeFirst();
  if (row === undefined) return null;
  return {
    host: row.host,
    port: row.port,
    tls: row.tls,
    private: row.private,
    username: row.username,
    from: { name: row.from_name, address: row.from_address },
    row,
  };
}

/** Null: it asks for none. Throws EnvelopeError for a row that was changed in the database. */
export function openSignIn(sealer: Sealer, { row }: { row: ServerRow }): SignIn | null {
  if (row.username === null || row.password === null) return null;
  return { username: row.username, password: sealer.open(placeOf(row), row.password).toString('utf8') };
}

export const sealPassword = (sealer: Sealer, server: MailServer, password: string): Buffer =>
  sealer.seal(placeOf(server), Buffer.from(password, 'utf8'));

export const isSamePlace = (a: MailServer, b: MailServer): boolean =>
  JSON.stringify(placeOf(a)) === JSON.stringify(placeOf(b));

export async function writeServer(
  tx: Tx,
  server: MailServer,
  password: Buffer | null,
  changed: { at: Date; by: string },
): Promise<void> {
  const row = {
    host: server.host,
    port: server.port,
    tls: server.tls,
    private: server.private,
    username: server.username,
    password,
    from_name: server.from.name,
    from_address: server.from.address,
    changed_at: changed.at,
    changed_by: changed.by,
  };
  await tx
    .withTables<Tables>()
    .insertInto('mail_server')
    .values({ only_one: true, ...row })
    .onConflict((conflict) => conflict.column('only_one').doUpdateSet(row))
    .execute();
}
