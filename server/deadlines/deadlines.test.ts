import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const cli = fileURLToPath(new URL('../cli.ts', import.meta.url));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-deadlines-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const facts = {
  format: 'drawbridge.deadlines/1',
  at: '2025-11-26T09:00:00+01:00',
  organisation: { country: 'DE', countries: ['DE'], answers: { controller: 'yes', nis2: 'none' } },
  incident: { name: 'Vendor breach', times: { aware_personal_data: '2025-11-25T14:25:00+01:00' } },
};

const run = (args: readonly string[], input = ''): ReturnType<typeof drawbridge> =>
  drawbridge(['deadlines', ...args], input);

async function drawbridge(
  args: readonly string[],
  input = '',
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, out, err };
}

async function file(content: unknown): Promise<string> {
  const path = join(folder, 'facts.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('drawbridge packs lint', () => {
  it('checks a file of law on deadlines', async () => {
    const pack = fileURLToPath(new URL('../../packs/laws/clocks/dora.yaml', import.meta.url));
    expect(await drawbridge(['packs', 'lint', pack])).toMatchObject({ code: 0 });
    const wrong = join(folder, 'dora.yaml');
    await writeFile(wrong, (await readFile(pack, 'utf8')).replace('hours: 4', 'ours: 4'));
    const linted = await drawbridge(['packs', 'lint', wrong]);
    expect(linted.code).toBe(1);
    expect(linted.out).toMatch(/^dora\.yaml:\d+:\d+ rules\.0\.due\.within/);
  });
});

describe('drawbridge deadlines', () => {
  it('says what is due, for people and for scripts, and ends with 0 while nothing is late', async () => {
    const path = await file(facts);
    const text = await run(['--facts', path]);
    expect(text).toMatchObject({ code: 0, err: '' });
    expect(text.out).toContain('Vendor breach, reckoned at 2025-11-26T08:00:00Z');
    expect(text.out).toContain('Tue 25 Nov 2025 14:25 CET + 72 h = Fri 28 Nov 2025 14:25 CET');
    expect(text.out).toContain('note: Unreviewed, confirm with counsel.');
    const json = await run(['--facts', '-', '--json'], JSON.stringify(facts));
    const result = JSON.parse(json.out) as {
      format: string;
      clocks: { rule: string; due: { at: string } | null }[];
    };
    expect(result.format).toBe('drawbridge.deadlines-result/1');
    expect(result.clocks.find(({ rule }) => rule === 'gdpr-33')?.due?.at).toBe('2025-11-28T14:25:00+01:00');
  });

  it('ends with 1 once a clock is late', async () => {
    const path = await file(facts);
    const { code, out } = await run(['--facts', path, '--at', '2025-12-01T09:00:00+01:00']);
    expect(code).toBe(1);
    expect(out).toContain('Late\n  gdpr-33  Fri 28 Nov 2025 14:25 CET');
  });

  it('ends with 2 where facts or flags are wrong, and says where', async () => {
    const wrong = {
      ...facts,
      incident: { times: { aware_personal_data: '2025-11-25T14:25:00', soon: 'now' } },
    };
    const refused = await run(['--facts', await file(wrong)]);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toContain('incident.times.aware_personal_data: says no time zone');
    expect(refused.err).toContain('incident.times.soon: is no time of the rules');
    expect(await run(['--facts', join(folder, 'nothing.json')])).toMatchObject({
      code: 2,
      err: expect.stringContaining("nothing.json can't be read (ENOENT)"),
    });
    expect(await run([])).toMatchObject({ code: 2, err: expect.stringContaining('give --facts <file>') });
    expect(await run(['--facts', await file(facts), '--at', 'now'])).toMatchObject({ code: 2 });
    expect(await run(['--facts', '-'], 'x'.repeat(3 * 1024 * 1024))).toMatchObject({
      code: 2,
      err: expect.stringContaining('has more than'),
    });
  });

  it('lists what facts can name', async () => {
    expect((await run(['--words'])).out).toContain('aware_personal_data: When were you reasonably certain');
    const words = JSON.parse((await run(['--words', '--json'])).out) as { rules: { id: string }[] };
    expect(words.rules.map(({ id }) => id)).toContain('sec-8k');
  });
});
