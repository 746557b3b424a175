import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aiSdkSuite } from './ai-sdk.suite.ts';
import { type AiWorld, startAiWorld } from './ai-world.ts';
import { anthropicSuite } from './anthropic.suite.ts';
import { azureSuite } from './azure.suite.ts';
import { bedrockSuite } from './bedrock.suite.ts';
import { compatibleSuite } from './compatible.suite.ts';
import { geminiSuite } from './gemini.suite.ts';
import { ConformanceTable } from './table.ts';
import { Calls } from './weather.ts';

const table = new ConformanceTable('AI vendors');
const calls = new Calls();
const kept = (sdk: string, at?: string) => ({ sheet: table.sdk(sdk, at), calls });

let world: AiWorld;

beforeAll(async () => {
  world = await startAiWorld();
  await calls.make();
}, 180_000);
afterAll(() => world?.stop(), 60_000);

describe('@anthropic-ai/sdk', () => anthropicSuite(() => world, kept('@anthropic-ai/sdk')));

describe('@google/genai', () => geminiSuite(() => world, kept('@google/genai')));

describe('openai (AzureOpenAI)', () => azureSuite(() => world, kept('openai', 'Azure OpenAI')));

describe('@aws-sdk/client-bedrock-runtime', () =>
  bedrockSuite(() => world, kept('@aws-sdk/client-bedrock-runtime')));

describe('openai, at vendors that speak its protocol', () =>
  compatibleSuite(
    () => world,
    (vendor) => table.sdk('openai', vendor),
    calls,
  ));

describe('ai', () =>
  aiSdkSuite(
    () => world,
    (sdk) => kept(sdk),
  ));

describe('the journal', () => {
  it('holds one record of every request that reached a vendor, refused ones not counted', async () => {
    const reached = world.vendors.reduce((sum, { requests }) => sum + requests.length, 0);
    expect(reached).toBeGreaterThan(0);
    await expect.poll(() => world.throwaway.journalRecords(), { timeout: 20_000 }).toBe(reached);
  }, 30_000);
});

describe('the document', () => table.compared());
