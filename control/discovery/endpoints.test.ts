import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../platform/testing.ts';
import { endpointsSeen } from './index.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

test('endpoints are hosts that were observed and are for sure a vendor’s, each address by itself', async () => {
  await platform.pool.query(`INSERT INTO evidence_source (id, name, runs) VALUES ('s1', 'Office proxy', 1);
    INSERT INTO evidence_run (id, source, number, by_id, by_name, started_at) VALUES ('r', 's1', 1, 'person:1', 'Ada Example', now());
    INSERT INTO sighting (source, print, file, kind, value, grade, detail, lines, count, first_at, last_at, bytes_out, bytes_in,
        addresses, fields, days, first_run, last_run, vendor, sure)
      SELECT 's1', convert_to(value || via, 'UTF8'), 'access.log', kind, value, grade, jsonb_build_object('via', via), '{}', 3, at, at, 0, 0,
        addresses, '{}', '{}', 'r', 'r', vendor, sure
      FROM (VALUES
        ('host', 'api.acme.test', 0, 'squid', '2025-11-08Z'::timestamptz, '{192.0.2.1,192.0.2.2}'::text[], 'acme', true),
        ('host', 'www.acme.test', 0, 'har', '2025-11-07Z', '{}', 'acme', true),
        ('host', 'configured.acme.test', 1, 'env', '2025-11-08Z', '{}', 'acme', true),
        ('host', 'proxy.acme.test', 0, 'gateway', '2025-11-08Z', '{}', 'acme', true),
        ('host', 'old.acme.test', 0, 'squid', '2025-01-08Z', '{}', 'acme', true),
        ('host', 'unsure.acme.test', 0, 'squid', '2025-11-08Z', '{}', 'acme', false),
        ('package', 'acme', 0, 'npm', '2025-11-08Z', '{}', 'acme', true)
      ) AS v (kind, value, grade, via, at, addresses, vendor, sure)`);
  const since = new Date('2025-11-01');
  const found = await endpointsSeen(platform, since);
  expect(found.map(({ host, address, count }) => [host, address, count])).toEqual([
    ['api.acme.test', '192.0.2.1', 3],
    ['api.acme.test', '192.0.2.2', 3],
    ['www.acme.test', null, 3],
  ]);
  expect(found[0]).toMatchObject({ vendor: 'acme', source: 'Office proxy', file: 'access.log' });
  expect(await endpointsSeen(platform, since, ['acme'])).toHaveLength(3);
  expect(await endpointsSeen(platform, since, ['other'])).toEqual([]);
});
