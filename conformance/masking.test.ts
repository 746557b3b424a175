import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calls, type Target } from './masking/calls.ts';
import { startDrawbridge } from './masking/drawbridge.ts';
import { startPortkey } from './masking/portkey.ts';
import { shareOf, tableOf } from './masking/report.ts';
import { behave, DATA, type Row, runSuite, textOf } from './masking/suite.ts';
import { type EchoVendor, startEchoVendor } from './masking/vendor.ts';

const isThorough = process.env.DRAWBRIDGE_SOAK === '1' || process.env.DRAWBRIDGE_WRITE_CONFORMANCE === '1';

let vendor: EchoVendor;
let drawbridge: Awaited<ReturnType<typeof startDrawbridge>>;
beforeAll(async () => {
  vendor = await startEchoVendor();
  drawbridge = await startDrawbridge(vendor.port);
}, 180_000);
afterAll(async () => {
  await drawbridge?.stop();
  await vendor?.stop();
}, 60_000);

/** No gateway at all. */
function straight({ url }: EchoVendor): Target {
  const key = 'made-up';
  return {
    name: 'nothing in between',
    at: {
      openai: { url: `${url}/v1`, key },
      anthropic: { url, key },
      gemini: { url, key },
    },
    failing: null,
  };
}

describe('the vendor of the suite, asked without a gateway', () => {
  for (const call of calls) {
    for (const mode of call.streams ? (['plain', 'streamed'] as const) : (['plain'] as const)) {
      it(`${call.endpoint}, ${mode}: gets what was sent, and gives back what it was told, however it is cut`, async () => {
        for (const manner of [{}, { piece: 1 }]) {
          behave(vendor, call, manner);
          const answer = await call.ask(straight(vendor), DATA, { stream: mode === 'streamed' });
          expect(vendor.received).toHaveLength(1);
          expect(vendor.received.join('')).toContain('johanna.mustermann@example.org');
          if (call.answers !== 'nothing') expect(textOf(call, answer)).toBe(DATA);
        }
      });
    }
  }
});

describe('Drawbridge', () => {
  const document = new URL('../docs/masking-conformance.md', import.meta.url);
  const part = (text: string, name: string): [string, string, string] => {
    const [before = '', rest = ''] = text.split(`<!-- ${name}: begin -->\n`);
    const [inside = '', after = ''] = rest.split(`<!-- ${name}: end -->`);
    return [`${before}<!-- ${name}: begin -->\n`, inside, `<!-- ${name}: end -->${after}`];
  };
  const written = async (name: string, rows: readonly Row[]): Promise<void> => {
    const { yes, all } = shareOf(rows);
    const [before, , after] = part(await readFile(document, 'utf8'), name);
    await writeFile(document, `${before}${tableOf(rows)}\n${yes} of ${all}.\n${after}`);
  };

  it('masks every endpoint, restores every answer, keeps secrets of answers, and lets nothing by where it fails', async () => {
    const rows = await runSuite(drawbridge, vendor, { isThorough });
    if (process.env.DRAWBRIDGE_WRITE_CONFORMANCE === '1') {
      await written('Drawbridge', rows);
      const portkey = await startPortkey(vendor.port);
      if (portkey !== null) {
        await written('Portkey', await runSuite(portkey, vendor));
        await portkey.stop();
      }
    }
    const [, said] = part(await readFile(document, 'utf8'), 'Drawbridge');
    const { yes, all } = shareOf(rows);
    expect(`${tableOf(rows)}\n${yes} of ${all}.\n`).toBe(said);
    expect(yes).toBe(all);
  }, 600_000);
});
