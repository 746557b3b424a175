import pg from 'pg';
import { administratorName, applicationName, type Credentials } from './cluster.ts';
import { socketPort } from './socket.ts';

/** What `new pg.Pool(connection)` takes. `host` is the socket's folder (a path) for the embedded server. */
export interface PostgresConnection {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** As a URL that `pg` and libpq read alike: a socket's folder stands percent-encoded in the host's place. */
export function connectionUrl({ host, port, user, password, database }: PostgresConnection): string {
  const [where, who] = [
    encodeURIComponent(host),
    `${encodeURIComponent(user)}:${encodeURIComponent(password)}`,
  ];
  return `postgresql://${who}@${where}:${port}/${encodeURIComponent(database)}`;
}

export function applicationConnection(socketFolder: string, credentials: Credentials): PostgresConnection {
  return {
    host: socketFolder,
    port: socketPort,
    user: applicationName,
    password: credentials.application,
    database: applicationName,
  };
}

export function administratorConnection(socketFolder: string, credentials: Credentials): PostgresConnection {
  return {
    host: socketFolder,
    port: socketPort,
    user: administratorName,
    password: credentials.administrator,
    database: 'postgres',
  };
}

/** Runs `work` on one connection of its own. */
export async function withClient<T>(
  connection: PostgresConnection,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 10_000 });
  // A server that goes away while the connection idles says so in an event; the next query fails with the same.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const wrongPassword = '28P01';
const noSuchDatabase = '3D000';

/** Resolves once the application's own role can sign in to its own database, which are made where they are missing. */
export async function signIn(socketFolder: string, credentials: Credentials): Promise<string> {
  const application = applicationConnection(socketFolder, credentials);
  try {
    return await withClient(application, serverVersion);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || ![wrongPassword, noSuchDatabase].includes(error.code ?? ''))
      throw error;
  }
  await withClient(administratorConnection(socketFolder, credentials), (client) =>
    makeDatabase(client, credentials),
  );
  return withClient(application, serverVersion);
}

/** The application's role is no superuser: an SQL injection, should there be one, gets no shell. */
async function makeDatabase(client: pg.Client, credentials: Credentials): Promise<void> {
  const [role, password] = [
    client.escapeIdentifier(applicationName),
    client.escapeLiteral(credentials.application),
  ];
  const roles = await client.query('select 1 from pg_roles where rolname = $1', [applicationName]);
  await client.query(`${roles.rowCount === 0 ? 'create' : 'alter'} role ${role} login password ${password}`);
  const databases = await client.query('select 1 from pg_database where datname = $1', [applicationName]);
  if (databases.rowCount === 0) await client.query(`create database ${role} owner ${role}`);
  await client.query(`revoke all on database ${role} from public`);
}

async function serverVersion(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  return rows[0]?.server_version ?? 'unknown';
}
