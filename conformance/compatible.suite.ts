import { header } from '@drawbridge/standins';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import {
  type AiWorld,
  type CompatibleName,
  type Contract,
  compatibleNames,
  contracts,
  keyOf,
} from './ai-world.ts';
import { openaiCalls, openaiManners, question } from './openai-dialect.ts';
import type { Sheet } from './table.ts';
import { type Calls, weatherSuite } from './weather.ts';
import { everythingIn, PSEUDONYM, reaching } from './world.ts';

/** OpenAI itself has a suite of its own. */
type OtherName = Exclude<CompatibleName, 'openai'>;

/** What each vendor has beside chat and its list of models. */
const has: Record<OtherName, { embeddings: boolean; responses: boolean; model: boolean }> = {
  mistral: { embeddings: true, responses: false, model: true },
  groq: { embeddings: true, responses: true, model: true },
  together: { embeddings: true, responses: false, model: false },
  deepseek: { embeddings: false, responses: false, model: true },
  openrouter: { embeddings: true, responses: false, model: false },
  'own-models': { embeddings: true, responses: true, model: true },
};

const others = compatibleNames.filter((name) => name !== 'openai');

/** Other vendors that speak OpenAI's protocol, each through the OpenAI SDK. Everyone in it is made up. */
export function compatibleSuite(world: () => AiWorld, sheetAt: (vendor: string) => Sheet, made: Calls): void {
  describe.each(others)('%s', (name) => {
    const attempts: Record<Contract, number> = { asIs: 0, recommended: 0 };
    const client = (contract: Contract = 'recommended') => {
      attempts[contract] = 0;
      return new OpenAI({
        apiKey: world()[contract].key,
        baseURL: world()[contract].compatible[name].url,
        fetch: (url, init) => {
          attempts[contract] += 1;
          return fetch(url, init);
        },
      });
    };
    const vendor = (contract: Contract = 'recommended') => world()[contract].compatible[name].vendor;

    const kept = { sheet: sheetAt(name), calls: made };
    const calls = openaiCalls(client, has[name]);
    // The SDK and the protocol are the same at each: all calls are tried in all weathers at one of them.
    const outside = name === 'own-models' ? calls : calls.filter((call) => call.name.startsWith('chat.'));
    weatherSuite(outside, { ...openaiManners, vendor, attempts: (contract) => attempts[contract] }, kept);

    const inside = calls.filter((call) => !outside.includes(call));
    for (const contract of contracts) {
      for (const call of inside) {
        const note = kept.sheet.cell({ call: call.name, contract, weather: 'fine' });
        it(`${call.name}, ${contract}`, async () => {
          expect(await call.ask(contract)).toEqual(call.gets);
          note({ gave: 'answer', attempts: attempts[contract] });
        });
      }
    }

    it('recommended: people hidden, the rest as the app sent it, under the real key', async () => {
      const user = 'anna.berger@example.com';
      const [request] = await reaching(vendor(), () =>
        client().chat.completions.create({ ...question, user, temperature: 0.5 }),
      );
      if (request === undefined) throw new Error('nothing reached the vendor');
      const sent = { ...question, user: expect.stringMatching(PSEUDONYM), temperature: 0.5 };
      expect(vendor().calls.at(-1)?.body).toEqual(sent);
      expect(header(request, 'authorization')).toBe(`Bearer ${keyOf(name)}`);
      const text = everythingIn([request]);
      for (const secret of [user, world().recommended.key]) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/x-stainless|x-forwarded|node\.js|linux/i);
    });

    it('what the pack does not know is refused, and says so', async () => {
      const reached = await reaching(vendor(), () =>
        expect(client().evals.retrieve('eval_1')).rejects.toThrow(/knows no such path/),
      );
      expect([attempts.recommended, reached]).toEqual([1, []]);
    });
  });

  it('one person is another at each vendor', async () => {
    const seen = new Set<unknown>();
    const { compatible, key: apiKey } = world().recommended;
    for (const name of compatibleNames) {
      const { url: baseURL, vendor } = compatible[name];
      await new OpenAI({ apiKey, baseURL }).chat.completions.create({ ...question, user: 'anna' });
      seen.add(vendor.calls.at(-1)?.body.user);
    }
    expect(seen.size).toBe(compatibleNames.length);
  });
}
