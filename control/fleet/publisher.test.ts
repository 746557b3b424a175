import { describe, expect, test } from 'vitest';
import type { Fleet } from './index.ts';
import type { TestHouse } from './testing.ts';
import { CREDENTIAL, testFleet } from './testing-fleet.ts';

const here = testFleet();

const ask: TestHouse['ask'] = (...call) => here.house.ask(...call);

describe('a version', () => {
  test('goes up with what gateways run on, and only with that', async () => {
    const made = await here.house.connect({ credential: CREDENTIAL });
    const first = await here.current();
    await ask('PATCH', `/connections/${made.id}`, { name: 'Another name', reason: 'A test' });
    await here.house.makeApp();
    expect((await here.current()).version).toBe(first.version);
    await ask('PUT', `/connections/${made.id}/credential`, { value: CREDENTIAL, reason: 'A test' });
    expect((await here.current()).version).toBe(first.version + 1);
    here.house.revealed.add('made-up-review-hash');
    expect((await here.current()).version).toBe(first.version + 2);
  });

  test('outlives the control process: the same content has the same version and time', async () => {
    await here.house.connect();
    const before = await here.current();
    here.house.platform.advance(60_000);
    const restarted = here.house.newFleet();
    await restarted.start();
    const after = await restarted.compileSnapshot(here.gateway.id);
    expect([after.version, after.made_at]).toEqual([before.version, before.made_at]);
    await restarted.stop();
  });

  test('is never given to two contents, however many control processes publish at once', async () => {
    const made = await here.house.connect();
    const fleets = [here.house.newFleet(), here.house.newFleet(), here.house.newFleet()];
    for (const one of fleets) await one.start();
    const seen = new Map<number, Set<string>>();
    const highest = new Map<Fleet, number>();
    const look = async (one: Fleet): Promise<void> => {
      const { version, connections } = await one.compileSnapshot(here.gateway.id);
      expect(version).toBeGreaterThanOrEqual(highest.get(one) ?? 0);
      highest.set(one, version);
      seen.set(version, (seen.get(version) ?? new Set()).add(JSON.stringify(connections)));
    };
    for (let round = 0; round < 8; round++) {
      await Promise.all([
        ask('POST', `/connections/${made.id}/contract/allow`, {
          kind: 'event_name',
          name: `Event ${round}`,
          reason: 'A test',
        }),
        ...fleets.map(async (one) => {
          await one.refresh();
          await look(one);
        }),
      ]);
    }
    for (const one of fleets) {
      await one.refresh();
      await look(one);
    }
    expect(new Set(fleets.map((one) => one.version())).size).toBe(1);
    for (const contents of seen.values()) expect(contents.size).toBe(1);
    expect(seen.size).toBeGreaterThan(2);
    await Promise.all(fleets.map((one) => one.stop()));
  });

  test('is not given to a state that was read before another process published a later one', async () => {
    const made = await here.house.connect();
    let release = (): void => undefined;
    let hold = false;
    const isRead = Promise.withResolvers<void>();
    const slow = here.house.newFleet(async () => {
      if (!hold) return [];
      hold = false;
      isRead.resolve();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return [];
    });
    await slow.start();
    hold = true;
    await ask('PATCH', `/connections/${made.id}`, {
      origins: ['https://shop.example.com'],
      reason: 'A test',
    });
    const late = slow.refresh();
    await isRead.promise;
    const before = await here.current();
    await ask('PATCH', `/connections/${made.id}`, { state: 'severed', reason: 'A test' });
    const after = await here.current();
    expect(after.version).toBe(before.version + 1);
    release();
    await late;
    expect((await slow.compileSnapshot(here.gateway.id)).connections[0]?.state).toBe('severed');
    expect([slow.version(), here.fleet.version()]).toEqual([after.version, after.version]);
    await slow.stop();
  });

  test('waits for another process that is publishing', async () => {
    const made = await here.house.connect();
    const { version } = await here.current();
    const client = await here.house.platform.pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1 FROM published FOR UPDATE');
    const publishing = ask('PATCH', `/connections/${made.id}`, { state: 'severed', reason: 'A test' }).then(
      () => here.fleet.refresh(),
    );
    await expect
      .poll(async () => {
        const waiting = await here.house.platform.pool.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return waiting.rows.length;
      })
      .toBeGreaterThan(0);
    await client.query(`UPDATE published SET version = $1, content_hash = 'made up'`, [version + 10]);
    await client.query('COMMIT');
    client.release();
    await publishing;
    expect(here.fleet.version()).toBe(version + 11);
  });

  test('of a content that can not be right is not published: the last good one stays, and it recovers by itself', async () => {
    const made = await here.house.connect();
    const before = await here.current();
    const setSlug = (slug: string) =>
      here.house.platform.pool.query('UPDATE connection SET slug = $2 WHERE id = $1', [made.id, slug]);
    await setSlug('Not A Slug');
    expect((await here.current()).connections[0]?.slug).toBe(made.slug);
    expect(here.fleet.problem()).toMatch(/^connections\.0\.slug: /);
    await setSlug('a-slug');
    expect((await here.current()).connections[0]?.slug).toBe('a-slug');
    expect(here.fleet.problem()).toBeNull();
    expect(here.fleet.version()).toBe(before.version + 1);
  });

  test('a database put back to an earlier state publishes above what gateways run on', async () => {
    await here.house.connect();
    const { version } = await here.current();
    const answer = await here.fleet.snapshotAfter(
      here.gateway.id,
      version + 40,
      1_000,
      new AbortController().signal,
    );
    expect(answer?.version).toBe(version + 41);
    expect(here.house.platform.logged()).toContain('as after a restore');
  });

  test('says once that the database can not be asked, and once that it answers again', async () => {
    const said = (text: string) => here.house.platform.logged().split(text).length - 1;
    const away = said('can not be asked for changes');
    await here.house.platform.pool.query('ALTER TABLE configuration RENAME TO configuration_away');
    try {
      await expect.poll(() => said('can not be asked for changes')).toBe(away + 1);
      // Some rounds more: it is asked four times a second.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(said('can not be asked for changes')).toBe(away + 1);
    } finally {
      await here.house.platform.pool.query('ALTER TABLE configuration_away RENAME TO configuration');
    }
    await expect.poll(() => said('the database answers again')).toBe(1);
  });

  test('waits for the vault where it is away', async () => {
    await here.house.connect({ credential: CREDENTIAL });
    await here.fleet.refresh();
    process.kill(here.house.vault.pid ?? 0, 'SIGKILL');
    await expect
      .poll(
        async () => Object.keys(await here.fleet.compileSnapshot(here.gateway.id).catch(() => ({}))).length,
        {
          timeout: 20_000,
        },
      )
      .toBeGreaterThan(0);
  });
});
