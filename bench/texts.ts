import { ruleOf } from '@drawbridge/protocol';
import { compileScanner } from '@drawbridge/scan';
import { crafted } from '@drawbridge/scan/testing';
import { serviceOf } from '../gateway/minimise/testing/cross.ts';
import { rememberingScanner } from '../gateway/scan/scanner.ts';
import { besideOf } from '../gateway/testing/beside.ts';
import { startTestGateway } from '../gateway/testing/gateway.ts';
import { answerJson } from '../gateway/testing/send.ts';
import { startStandIn } from '../gateway/testing/standin.ts';
import { loadDetectors, shippedDetectors } from '../server/scan/pack.ts';
import { code, prompts } from './scan/pieces.ts';

/**
 * What long texts cost those who send short ones: milliseconds of small crossings (one after the other) while one of 8 MB is
 * looked through, by one worker with all detectors. And how much of a conversation of twenty turns is looked through again.
 */
const LENGTH = 8 * 1024 * 1024 - 1024;
const rules = (await loadDetectors(shippedDetectors)).map(ruleOf);
const vendor = await startStandIn((_request, response) => {
  answerJson(response, { choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' } }] });
});
const service = serviceOf('openai');
const { recommended } = service.contracts;
const gateway = await startTestGateway({ ai: vendor.port, service, contract: recommended, scan: { rules } });

const wanted = process.argv.slice(2);
const texts = [
  { name: 'prompts', text: prompts(LENGTH >> 14, 16 * 1024, 1).join('\n') },
  { name: 'code', text: code(LENGTH >> 14, 16 * 1024, 1).join('\n') },
  ...crafted(LENGTH),
].filter(({ name }) => wanted.length === 0 || wanted.includes(name));
const rows: Record<string, object> = {};
for (const { name, text } of texts) {
  const { small, long, status } = await besideOf(gateway.port, gateway.key, text);
  small.sort((a, b) => a - b);
  const at = (share: number): number => Math.round(small[Math.floor(share * (small.length - 1))] ?? 0);
  rows[name] = {
    'the long one, ms': Math.round(long),
    status,
    'small ones': small.length,
    'p50, ms': at(0.5),
    'p99, ms': at(0.99),
    'worst, ms': at(1),
  };
}
console.table(rows);
await gateway.close();
await vendor.close();

const TURNS = 20;
let [looked, asked] = [0, 0];
const scanner = compileScanner({ rules: [], personal: 'all' });
const counting = {
  scan: (text: string) => {
    looked += text.length;
    return scanner.scan(text);
  },
  scanValue: scanner.scanValue.bind(scanner),
  stream: scanner.stream.bind(scanner),
};
const remembering = rememberingScanner(counting, scanner, Buffer.alloc(32, 1));
const said = prompts(2 * TURNS, 1200, 2);
for (let turn = 1; turn <= TURNS; turn++) {
  for (const text of said.slice(0, 2 * turn)) {
    asked += text.length;
    remembering.find(text, '');
  }
}
console.log(
  `A conversation of ${TURNS} turns: ${Math.round(100 * (1 - looked / asked))} % of its characters were known from the turn before.`,
);
