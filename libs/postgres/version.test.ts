import pg from 'pg';
import { expect, test } from 'vitest';
import { testDatabase } from './testing.ts';
import { checkServerVersion } from './version.ts';

const answering = (number: string, name: string) => ({ query: async () => ({ rows: [{ number, name }] }) });

test('15 is enough, 14 is not, and a packager may add its name', async () => {
  expect(await checkServerVersion(answering('150018', '15.18 (Debian 15.18-0+deb12u1)'))).toBe('15.18');
  expect(await checkServerVersion(answering('190000', '19beta1'))).toBe('19beta1');
  await expect(checkServerVersion(answering('140022', '14.22'))).rejects.toMatchObject({
    code: 'server_too_old',
    message: expect.stringContaining('PostgreSQL 14.22, and 15 or newer'),
  });
});

test('a server that does not answer, or is another product', async () => {
  const nobody = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 1000 });
  await expect(checkServerVersion(nobody)).rejects.toMatchObject({ code: 'server_unreachable' });
  await nobody.end();
  await expect(checkServerVersion({ query: async () => ({ rows: [] }) })).rejects.toMatchObject({
    code: 'server_too_old',
  });
});

test('the server that tests run on is new enough', async () => {
  const { connection, drop } = await testDatabase();
  const pool = new pg.Pool(connection);
  expect(await checkServerVersion(pool)).toMatch(/^\d+\.\d+$/);
  await pool.end();
  await drop();
});
