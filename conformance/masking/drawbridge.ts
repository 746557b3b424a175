import { startThrowaway } from '../../server/replay/throwaway.ts';
import type { Target } from './calls.ts';

/** More findings than the gateway takes in one request: what can't be looked through within its bound is a failure of it. */
const OVER_BUDGET = 20_500;

/** A whole deployment, each connection to the same vendor, under the contract that Connect recommends. */
export async function startDrawbridge(vendorPort: number): Promise<Target & { stop(): Promise<void> }> {
  const throwaway = await startThrowaway();
  const connect = async (vendor: string): Promise<{ id: string; url: string }> => {
    const slug = `${vendor}-masking`;
    const id = await throwaway.connect({
      slug,
      vendor,
      service: 'api',
      region: 'global',
      upstream: { host: '127.0.0.1', port: vendorPort },
      contract: 'recommended',
      credential: `made-up-credential-of-${vendor}`,
    });
    return { id, url: `${throwaway.deployment.gatewayUrl}/${slug}` };
  };
  try {
    const openai = await connect('openai');
    const anthropic = await connect('anthropic');
    const gemini = await connect('google-gemini');
    const key = await throwaway.makeKey({
      kind: 'secret',
      connections: [openai.id, anthropic.id, gemini.id],
    });
    await throwaway.settled();
    const at: Target['at'] = {
      openai: { url: `${openai.url}/v1`, key },
      anthropic: { url: anthropic.url, key },
      gemini: { url: gemini.url, key },
    };
    return {
      name: 'Drawbridge',
      at,
      failing: { at, text: (data) => `${data} ${'jo@example.org '.repeat(OVER_BUDGET)}` },
      stop: () => throwaway.stop(),
    };
  } catch (error) {
    await throwaway.stop();
    throw error;
  }
}
