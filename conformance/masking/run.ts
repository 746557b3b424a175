import { parseArgs } from 'node:util';
import type { Target } from './calls.ts';
import { startDrawbridge } from './drawbridge.ts';
import { startPortkey } from './portkey.ts';
import { shareOf, tableOf } from './report.ts';
import { runSuite } from './suite.ts';
import { startEchoVendor } from './vendor.ts';

/**
 * The suite against any gateway: `node bin/run.mjs conformance/masking/run.ts --vendor-port 9000 --openai URL --key KEY`, with
 * the gateway set up to send what it lets through to that port; or `--drawbridge` or `--portkey`, which are started for it.
 */
const { values } = parseArgs({
  options: {
    drawbridge: { type: 'boolean', default: false },
    portkey: { type: 'boolean', default: false },
    'vendor-port': { type: 'string', default: '0' },
    openai: { type: 'string' },
    anthropic: { type: 'string' },
    gemini: { type: 'string' },
    key: { type: 'string', default: 'made-up' },
  },
});
const vendor = await startEchoVendor(Number(values['vendor-port']));
const own = values.drawbridge ? await startDrawbridge(vendor.port) : null;
const peer = values.portkey ? await startPortkey(vendor.port) : null;
const target = own ?? peer ?? given();
try {
  const rows = await runSuite(target, vendor, {
    onRow: ({ endpoint, mode }) => process.stderr.write(`${target.name}: ${endpoint}, ${mode}\n`),
  });
  const { yes, all } = shareOf(rows);
  process.stdout.write(`${tableOf(rows)}\n${target.name}: ${yes} of ${all}\n`);
} finally {
  await own?.stop();
  await peer?.stop();
  await vendor.stop();
}

/** Exits where no address was given. */
function given(): Target {
  const { openai, anthropic, gemini, key } = values;
  if (openai === undefined || anthropic === undefined || gemini === undefined) {
    process.stderr.write(
      'Say where the gateway answers: --openai, --anthropic and --gemini, each with a base URL.\n',
    );
    process.exit(2);
  }
  return {
    name: new URL(openai).host,
    at: { openai: { url: openai, key }, anthropic: { url: anthropic, key }, gemini: { url: gemini, key } },
    failing: null,
  };
}
