import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { startParent } from './fixtures/child.ts';
import { soak, temporaryFolder } from './fixtures/folders.ts';
import { type PostgresConnection, startPostgres } from './index.ts';

const rounds = soak ? 20 : 3;

async function storedRows(connection: PostgresConnection): Promise<Set<number>> {
  const client = new pg.Client(connection);
  await client.connect();
  const { rows } = await client.query<{ n: string }>('select n from acked');
  await client.end();
  return new Set(rows.map((row) => Number(row.n)));
}

/** Another moment each round, from the first commits to a few hundred in. */
function killAfterMs(round: number): number {
  return (round * 97) % 400;
}

test(
  `kill -9 of the parent in the middle of writes, ${rounds} times: every acknowledged row is there`,
  async () => {
    const folder = await temporaryFolder('disk');
    const acked: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const parent = startParent([folder, 'write']);
      await parent.line('acked');
      await delay(killAfterMs(round));
      await parent.end('SIGKILL');
      const fresh = parent.lines().filter((line) => line.startsWith('acked '));
      acked.push(...fresh.map((line) => Number(line.split(' ')[1])));
      const postgres = await startPostgres({ dataDir: folder, log: () => undefined });
      onTestFinished(() => postgres.stop());
      const stored = await storedRows(postgres.connection);
      expect(acked.filter((n) => !stored.has(n))).toEqual([]);
      await postgres.stop();
    }
    expect(acked.length).toBeGreaterThan(rounds * 4);
  },
  soak ? 900_000 : 240_000,
);

test(
  `kill -9 of PostgreSQL in the middle of writes, ${rounds} times: it runs again, every acknowledged row is there`,
  async () => {
    const folder = await temporaryFolder('disk');
    const lines: string[] = [];
    const postgres = await startPostgres({
      dataDir: folder,
      log: (line) => lines.push(line),
      restart: { firstPauseMs: 10, attempts: rounds + 5 },
    });
    onTestFinished(() => postgres.stop());
    const pool = new pg.Pool({ ...postgres.connection, max: 4 });
    pool.on('error', () => undefined);
    onTestFinished(() => pool.end());
    await pool.query('create table acked (n bigint primary key)');

    const acked: number[] = [];
    let next = 0;
    let killing = true;
    const write = async () => {
      while (killing) {
        const n = next++;
        try {
          await pool.query('insert into acked values ($1)', [n]);
          acked.push(n);
        } catch {
          await delay(5);
        }
      }
    };
    const writers = [write(), write(), write(), write()];
    for (let round = 0; round < rounds; round++) {
      const before = acked.length;
      await expect.poll(() => acked.length, { timeout: 30_000 }).toBeGreaterThan(before);
      await delay(killAfterMs(round));
      const killed = postgres.pid;
      process.kill(killed, 'SIGKILL');
      await expect.poll(() => postgres.pid, { timeout: 30_000 }).not.toBe(killed);
      const stored = await storedRows(postgres.connection);
      expect(acked.filter((n) => n < before && !stored.has(n))).toEqual([]);
    }
    killing = false;
    await Promise.all(writers);
    const stored = await storedRows(postgres.connection);
    expect(acked.filter((n) => !stored.has(n))).toEqual([]);
    expect(lines.filter((line) => line.includes('SIGKILL'))).toHaveLength(rounds);
  },
  soak ? 900_000 : 240_000,
);
