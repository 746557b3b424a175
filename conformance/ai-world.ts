import {
  type AnthropicStandin,
  type GeminiStandin,
  type ReceivedRequest,
  type Script,
  startAnthropicStandin,
  startGeminiStandin,
} from '@drawbridge/standins';
import { startThrowaway, type Throwaway } from '../server/replay/throwaway.ts';

export type Contract = 'asIs' | 'recommended';
export const contracts: readonly Contract[] = ['asIs', 'recommended'];

/** A vendor's stand-in: what any of them can be asked. */
export interface Vendor {
  host: string;
  port: number;
  requests: ReceivedRequest[];
  script: Script;
  stop(): Promise<void>;
}

/** One contract's connections: address and stand-in of each, and the key that apps hold for all. */
export interface AiSide {
  anthropic: { url: string; vendor: AnthropicStandin };
  gemini: { url: string; vendor: GeminiStandin };
  key: string;
}

/** A real deployment between SDKs of AI vendors and stand-ins. */
export interface AiWorld extends Record<Contract, AiSide> {
  throwaway: Throwaway;
  vendors: Vendor[];
  stop(): Promise<void>;
}

export const ANTHROPIC_KEY = 'sk-ant-key-of-the-conformance-suite';
export const GEMINI_KEY = 'AIza-key-of-the-conformance-suite';

/** Starts a deployment and vendors. */
export async function startAiWorld(): Promise<AiWorld> {
  const throwaway = await startThrowaway();
  const vendors: Vendor[] = [];
  const { gatewayUrl } = throwaway.deployment;

  const makeSide = async (contract: 'as_is' | 'recommended'): Promise<AiSide> => {
    const connections: string[] = [];
    const connect = async <Standin extends Vendor>(
      pack: { vendor: string; service: string; region: string },
      vendor: Standin,
      credential: string,
    ): Promise<{ url: string; vendor: Standin }> => {
      vendors.push(vendor);
      const slug = `${pack.vendor}-${contract.replace('_', '-')}`;
      const { host, port } = vendor;
      connections.push(
        await throwaway.connect({ ...pack, slug, upstream: { host, port }, contract, credential }),
      );
      return { url: `${gatewayUrl}/${slug}`, vendor };
    };
    const api = { service: 'api', region: 'global' };
    const anthropic = await connect(
      { vendor: 'anthropic', ...api },
      await startAnthropicStandin({ validKeys: [ANTHROPIC_KEY] }),
      ANTHROPIC_KEY,
    );
    const gemini = await connect(
      { vendor: 'google-gemini', ...api },
      await startGeminiStandin({ validKeys: [GEMINI_KEY] }),
      GEMINI_KEY,
    );
    return { anthropic, gemini, key: await throwaway.makeKey({ kind: 'secret', connections }) };
  };

  const asIs = await makeSide('as_is');
  const recommended = await makeSide('recommended');
  await throwaway.settled();
  return {
    throwaway,
    vendors,
    asIs,
    recommended,
    stop: async () => {
      for (const vendor of vendors) await vendor.stop();
      await throwaway.stop();
    },
  };
}
