import { messageOf, PostgresError } from './errors.ts';

/** As much of `pg.Pool` (or a client) as the check needs. */
export interface Queryable {
  query(sql: string): Promise<{ rows: unknown[] }>;
}

const oldestMajor = 15;

/**
 * Checks that the server behind `pool` (a DATABASE_URL, say) is PostgreSQL 15 or newer; returns its version, such as `15.18`.
 * @throws PostgresError server_unreachable, server_too_old
 */
export async function checkServerVersion(pool: Queryable): Promise<string> {
  const { number, name } = await readVersion(pool);
  if (number >= oldestMajor * 10_000) return name;
  throw new PostgresError(
    'server_too_old',
    `DATABASE_URL leads to PostgreSQL ${name}, and ${oldestMajor} or newer is needed. ` +
      'Upgrade that server, give another one, or leave DATABASE_URL out to use the embedded one.',
  );
}

async function readVersion(pool: Queryable): Promise<{ number: number; name: string }> {
  const rows = await ask(pool);
  const [row] = rows;
  if (typeof row !== 'object' || row === null || !('number' in row) || !('name' in row))
    throw new PostgresError(
      'server_too_old',
      'DATABASE_URL leads to a server that does not tell its version as PostgreSQL does.',
    );
  // Packagers append their own, as in "15.18 (Debian 15.18-0+deb12u1)".
  return { number: Number(row.number), name: String(row.name).split(' ')[0] ?? '' };
}

async function ask(pool: Queryable): Promise<unknown[]> {
  try {
    const answer = await pool.query(
      "select current_setting('server_version_num') as number, current_setting('server_version') as name",
    );
    return answer.rows;
  } catch (error) {
    throw new PostgresError(
      'server_unreachable',
      `The database that DATABASE_URL names does not answer: ${messageOf(error)}. ` +
        'Check host, port, user, password and database, as in postgresql://user:password@127.0.0.1:5432/drawbridge.',
      { cause: error },
    );
  }
}
