import {
  type AnthropicStandin,
  type BedrockStandin,
  type GeminiStandin,
  type OpenaiStandin,
  type ReceivedRequest,
  type Script,
  startAnthropicStandin,
  startBedrockStandin,
  startGeminiStandin,
  startOpenaiStandin,
} from '@drawbridge/standins';
import { startThrowaway, type Throwaway } from '../server/replay/throwaway.ts';
import { isSigned } from './signed.ts';

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
  azure: { url: string; vendor: OpenaiStandin };
  bedrock: { url: string; vendor: BedrockStandin };
  /** Vendors that speak OpenAI's protocol, by pack; `url` with the base that SDKs are given. */
  compatible: Record<CompatibleName, { url: string; vendor: OpenaiStandin }>;
  key: string;
}

/** What stands before `/chat/completions` at each. */
export const compatibleBases = {
  openai: '/v1',
  mistral: '/v1',
  groq: '/openai/v1',
  together: '/v1',
  deepseek: '/v1',
  openrouter: '/api/v1',
  'own-models': '/v1',
} as const;
export type CompatibleName = keyof typeof compatibleBases;
export const compatibleNames: readonly CompatibleName[] = [
  'openai',
  'mistral',
  'groq',
  'together',
  'deepseek',
  'openrouter',
  'own-models',
];

/** A real deployment between SDKs of AI vendors and stand-ins. */
export interface AiWorld extends Record<Contract, AiSide> {
  throwaway: Throwaway;
  vendors: Vendor[];
  stop(): Promise<void>;
}

export const ANTHROPIC_KEY = 'sk-ant-key-of-the-conformance-suite';
export const GEMINI_KEY = 'AIza-key-of-the-conformance-suite';
/** Access key id, secret and session token; made up. */
export const BEDROCK_KEYS =
  'AKIDCONFORMANCESUITE:secret+of/the/conformance/suite:session/token+of+the+suite==';
export const AZURE_KEY = 'azure-key-of-the-conformance-suite';
export const keyOf = (name: CompatibleName) => `sk-key-of-the-conformance-suite-at-${name}`;

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
    const azure = await connect(
      { vendor: 'azure-openai', service: 'api', region: 'resource' },
      await startOpenaiStandin({ validKeys: [AZURE_KEY], base: 'azure' }),
      AZURE_KEY,
    );
    const bedrock = await connect(
      { vendor: 'amazon-bedrock', service: 'runtime', region: 'eu-central-1' },
      await startBedrockStandin({ verify: (request) => isSigned(request, BEDROCK_KEYS, 'eu-central-1') }),
      BEDROCK_KEYS,
    );
    const speaksOpenai = async (name: CompatibleName) => {
      const base = compatibleBases[name];
      const vendor = await startOpenaiStandin({ validKeys: [keyOf(name)], base });
      const made = await connect({ vendor: name, ...api }, vendor, keyOf(name));
      return { ...made, url: made.url + base };
    };
    const compatible = {
      openai: await speaksOpenai('openai'),
      mistral: await speaksOpenai('mistral'),
      groq: await speaksOpenai('groq'),
      together: await speaksOpenai('together'),
      deepseek: await speaksOpenai('deepseek'),
      openrouter: await speaksOpenai('openrouter'),
      'own-models': await speaksOpenai('own-models'),
    };
    const key = await throwaway.makeKey({ kind: 'secret', connections });
    return { anthropic, gemini, azure, bedrock, compatible, key };
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
