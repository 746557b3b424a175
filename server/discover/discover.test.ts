import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DiscoverReport } from '@drawbridge/control/packs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeUp, measureQuality } from './quality.ts';

const command = fileURLToPath(new URL('../../bin/drawbridge.mjs', import.meta.url));
const run = (...args: string[]) =>
  new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [command, 'discover', ...args], (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err }),
    );
  });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-discover-'));
});
afterAll(() => rm(folder, { recursive: true }));

const line = (host: string) =>
  `1760000000.123    240 192.0.2.9 TCP_TUNNEL/200 5120 CONNECT ${host}:443 - HIER_DIRECT/198.51.100.7 -\n`;

describe('drawbridge discover', () => {
  it('says which vendors show, with file and line, and which hosts are nobody’s', async () => {
    const log = join(folder, 'access.log');
    await writeFile(
      log,
      `${line('api.openai.com')}${line('api-eu.mixpanel.com')}${line('a.unheard-of.example')}`,
    );
    const { code, out } = await run('--json', log);
    const report = JSON.parse(out) as DiscoverReport;
    expect(report.vendors).toMatchObject([
      {
        id: 'mixpanel',
        name: 'Mixpanel',
        grade: 'observed',
        sure: true,
        regions: ['EU'],
        evidence: [{ file: log, line: 2 }],
      },
      { id: 'openai', evidence: [{ file: log, line: 1, kind: 'host', value: 'api.openai.com' }] },
    ]);
    expect(report.unknownHosts).toMatchObject([
      { domain: 'unheard-of.example', hosts: ['a.unheard-of.example'] },
    ]);
    expect(report.skipped).toEqual([]);
    expect(code).toBe(0);
  });

  it('says what of a named file it can’t read, and ends with 2', async () => {
    const junk = join(folder, 'junk.bin');
    await writeFile(junk, Buffer.from([0, 1, 2, 3]));
    const { code, out } = await run('--json', junk);
    expect((JSON.parse(out) as DiscoverReport).skipped).toMatchObject([{ file: junk }]);
    expect(code).toBe(2);
    expect(await run(join(folder, 'nowhere'))).toMatchObject({ code: 2, out: '' });
  });

  it('reads a table by the columns that are named, and refuses a column of no meaning', async () => {
    const table = join(folder, 'proxy.csv');
    await writeFile(table, 'When,Where\n2026-10-01T08:00:00Z,api.anthropic.com\n');
    const { out } = await run('--json', '--map', 'host=Where', '--map', 'at=When', table);
    expect((JSON.parse(out) as DiscoverReport).vendors).toMatchObject([
      { id: 'anthropic', first: '2026-10-01T08:00:00.000Z' },
    ]);
    const wrong = await run('--map', 'colour=Where', table);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('--map colour=Where');
  });

  it('tells what only something installed depends on when it is asked to', async () => {
    const { out } = await run('--json', '--transitive', '--own', 'nordlicht.example', madeUp);
    const grades = (JSON.parse(out) as DiscoverReport).vendors.map(({ grade }) => grade);
    expect(grades).toContain('transitive');
    const plain = await run('--json', '--own', 'nordlicht.example', madeUp);
    expect((JSON.parse(plain.out) as DiscoverReport).vendors.map(({ grade }) => grade)).not.toContain(
      'transitive',
    );
  });
});

it('finds the vendors of a made-up company, and no others', async () => {
  const { vendors, places } = await measureQuality();
  expect(vendors.wrong).toEqual([]);
  expect(vendors.found / vendors.true).toBeGreaterThanOrEqual(0.95);
  expect(places.found / places.true).toBeGreaterThanOrEqual(0.8);
});
