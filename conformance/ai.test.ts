import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aiSdkSuite } from './ai-sdk.suite.ts';
import { type AiWorld, startAiWorld } from './ai-world.ts';
import { anthropicSuite } from './anthropic.suite.ts';
import { azureSuite } from './azure.suite.ts';
import { compatibleSuite } from './compatible.suite.ts';
import { geminiSuite } from './gemini.suite.ts';

let world: AiWorld;

beforeAll(async () => {
  world = await startAiWorld();
}, 180_000);
afterAll(() => world?.stop(), 60_000);

describe('@anthropic-ai/sdk', () => anthropicSuite(() => world));

describe('@google/genai', () => geminiSuite(() => world));

describe('openai (AzureOpenAI)', () => azureSuite(() => world));

describe('openai, at vendors that speak its protocol', () => compatibleSuite(() => world));

describe('ai', () => aiSdkSuite(() => world));

describe('the journal', () => {
  it('holds one record of every request that reached a vendor, refused ones not counted', async () => {
    const reached = world.vendors.reduce((sum, { requests }) => sum + requests.length, 0);
    expect(reached).toBeGreaterThan(0);
    await expect.poll(() => world.throwaway.journalRecords(), { timeout: 20_000 }).toBe(reached);
  }, 30_000);
});
