import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { itemHash, payloadCommitment } from '@drawbridge/protocol';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeLog } from '../../testing/fake-log.ts';
import { itemHash as itemHashHere } from '../commitments.ts';
import { type BundlePart, type OpenedFile, zipBundle } from './bundle.ts';
import { verifyLine } from './page.ts';

/** As somebody outside does it: the zip is unpacked in an empty folder, and the lines of its page are run there. */
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drawbridge-outsider-'));
});
afterEach(() => rm(folder, { recursive: true }));

const text = new TextEncoder();
const items = ['{"s":"made-up 1"}', '{"s":"made-up 2"}', '{"s":"made-up 3"}'].map((item) =>
  Buffer.from(item),
);
const leaf = Buffer.from(
  JSON.stringify({ v: 1, type: 'crossing', items: 3, payload: payloadCommitment(items.map(itemHash)) }),
);
const settlement = Buffer.from('{"v":1,"type":"settlement"}');
const title = 'Crossing <made up>: its proof';

async function madeUpParts(): Promise<{ log: FakeLog; parts: BundlePart[] }> {
  const log = new FakeLog('made-up.example/gateway', 3);
  const others = Array.from({ length: 700 }, (_, index) => Buffer.from(`other ${index}`));
  await log.sign([...others, leaf, settlement]);
  const part = async (name: BundlePart['name'], entry: Buffer, index: number): Promise<BundlePart> => ({
    name,
    entry,
    proof: String((await log.proof(index)).raw),
    checkpoint: String(log.files.get('checkpoint')),
    index,
    size: 702,
  });
  return { log, parts: [await part('leaf', leaf, 700), await part('settlement', settlement, 701)] };
}

async function unpack(zip: Uint8Array): Promise<string[]> {
  for (const [name, bytes] of Object.entries(unzipSync(zip))) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return (await readdir(folder)).sort();
}

/** Runs a line that the page shows, with this Node. */
function run(line: string): Promise<{ code: number; out: string }> {
  const args = line.split(' ').slice(1);
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args.map((arg) => arg.replaceAll('"', '')),
      { cwd: folder },
      (error, out) => resolve({ code: Number(error?.code ?? 0), out }),
    );
  });
}

async function bend(name: string): Promise<void> {
  const bytes = await readFile(join(folder, name));
  bytes[9] = (bytes[9] ?? 0) ^ 1;
  await writeFile(join(folder, name), bytes);
}

const opened = (shown: readonly number[]): OpenedFile[] =>
  items.map((item, at) =>
    shown.includes(at)
      ? { name: `items/${at}.json`, text: 'made up', bytes: item }
      : {
          name: `items/${at}.hash`,
          text: 'made up',
          bytes: text.encode(`${itemHash(item).toString('hex')}\n`),
        },
  );

describe('a zip for an outsider', () => {
  test('verifies in an empty folder, and not when a byte is another', async () => {
    const { log, parts } = await madeUpParts();
    const { verifierKey } = log.signer;
    const names = await unpack(
      zipBundle({ title, log: { origin: log.origin, verifierKey }, parts, opened: [] }),
    );
    expect(names).toEqual([
      'checkpoint',
      'index.html',
      'leaf.entry',
      'leaf.tlog-proof',
      'settlement.entry',
      'settlement.tlog-proof',
      'verifier-key.txt',
      'verify.mjs',
    ]);
    for (const name of ['leaf', 'settlement'] as const) {
      const { code, out } = await run(verifyLine(name, verifierKey));
      expect([code, out.trim().split('\n').at(-1)]).toEqual([0, 'VERIFIED']);
    }
    await bend('leaf.entry');
    expect((await run(verifyLine('leaf', verifierKey))).code).toBe(1);
    expect((await run(verifyLine('settlement', verifierKey))).code).toBe(0);
  });

  test('opens what the entry commits to, where that goes along: items by themselves, of others the hash', async () => {
    const { log, parts } = await madeUpParts();
    const { verifierKey } = log.signer;
    await unpack(
      zipBundle({ title, log: { origin: log.origin, verifierKey }, parts, opened: opened([0, 2]) }),
    );
    expect((await readdir(join(folder, 'items'))).sort()).toEqual(['0.json', '1.hash', '2.json']);
    expect(await run('node opens.mjs')).toMatchObject({ code: 0 });
    await writeFile(join(folder, 'items/3.json'), 'not of the crossing');
    expect((await run('node opens.mjs')).code).toBe(1);
    await rm(join(folder, 'items/3.json'));
    await bend('items/2.json');
    expect((await run('node opens.mjs')).code).toBe(1);
    await rm(join(folder, 'items'), { recursive: true });
    expect((await run('node opens.mjs')).code).toBe(2);
  });

  test('opens the row of a change', async () => {
    const { log, parts } = await madeUpParts();
    const [part] = parts;
    if (part === undefined) throw new Error('there is no part');
    const { createHash } = await import('node:crypto');
    const row = text.encode('{"act":"made up"}');
    const salt = text.encode('a salt, made up');
    const commit = createHash('sha256').update(salt).update(row).digest('base64');
    const change = { ...part, name: 'change' as const, entry: text.encode(JSON.stringify({ commit })) };
    const files = [
      { name: 'row.json', text: 'made up', bytes: row },
      { name: 'salt', text: 'made up', bytes: salt },
    ];
    await unpack(
      zipBundle({
        title,
        log: { origin: log.origin, verifierKey: log.signer.verifierKey },
        parts: [change],
        opened: files,
      }),
    );
    expect(await run('node opens.mjs')).toMatchObject({ code: 0 });
    await bend('row.json');
    expect((await run('node opens.mjs')).code).toBe(1);
  });

  test('has a page that loads nothing and runs nothing, shows the lines, and promises no more than is proven', async () => {
    const { log, parts } = await madeUpParts();
    const { verifierKey } = log.signer;
    await unpack(zipBundle({ title, log: { origin: log.origin, verifierKey }, parts, opened: opened([1]) }));
    const page = await readFile(join(folder, 'index.html'), 'utf8');
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<link|<img|<a |src=|href=|url\(|https?:|javascript:|\son\w+=/i);
    expect(page).toContain('Crossing &lt;made up&gt;: its proof');
    for (const name of ['leaf', 'settlement'] as const)
      expect(page).toContain(verifyLine(name, verifierKey).replaceAll('"', '&quot;'));
    expect(page).toContain('No witness has signed the checkpoint');
    expect(page).toMatch(/That all that happened was logged\./);
    expect(page).not.toMatch(/tamper-?proof|guarantee|cannot be changed|immutable|impossible/i);
    for (const name of await readdir(folder, { recursive: true }))
      if (name !== 'items' && name !== 'index.html') expect(page).toContain(`<code>${name}</code>`);
  });
});

test('an item is hashed here as gateways hash it', () => {
  for (const item of items) expect(Buffer.from(itemHashHere(item))).toEqual(itemHash(item));
});
