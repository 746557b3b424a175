export {
  type AmplitudeEvent,
  type AmplitudeStandin,
  type AmplitudeStandinOptions,
  startAmplitudeStandin,
} from './amplitude/server.ts';
export {
  type AnthropicCall,
  type AnthropicStandin,
  type AnthropicStandinOptions,
  startAnthropicStandin,
} from './anthropic/server.ts';
export { type BedrockStandin, startBedrockStandin } from './bedrock/server.ts';
export {
  type GeminiCall,
  type GeminiStandin,
  type GeminiStandinOptions,
  startGeminiStandin,
} from './gemini/server.ts';
export type { ListenOptions } from './http/listen.ts';
export { header, type ReceivedRequest } from './http/received.ts';
export type { Behaviour, Script, ScriptedStep } from './http/script.ts';
export { type KmsStandin, type KmsStandinOptions, startKmsStandin } from './kms/server.ts';
export type { Properties } from './mixpanel/profile.ts';
export {
  type MixpanelStandin,
  type MixpanelStandinOptions,
  startMixpanelStandin,
} from './mixpanel/server.ts';
export {
  type MixpanelAccount,
  type MixpanelAccountsOptions,
  type MixpanelAccountsStandin,
  startMixpanelAccountsStandin,
} from './mixpanel/service-accounts.ts';
export type { MixpanelStore, StoredEvent, StoredGroup, StoredPerson } from './mixpanel/store.ts';
export { ProjectKeys, type ProjectKeysOptions } from './openai/project-keys.ts';
export {
  type OpenaiCall,
  type OpenaiStandin,
  type OpenaiStandinOptions,
  startOpenaiStandin,
} from './openai/server.ts';
export {
  type PosthogEvent,
  type PosthogStandin,
  type PosthogStandinOptions,
  startPosthogStandin,
} from './posthog/server.ts';
export {
  type SentryItem,
  type SentryStandin,
  type SentryStandinOptions,
  startSentryStandin,
} from './sentry/server.ts';
export {
  startTrackingStandin,
  type TrackedMessage,
  type TrackingStandin,
  type TrackingStandinOptions,
} from './tracking/server.ts';
export {
  startTransitStandin,
  type TransitStandin,
  type TransitStandinOptions,
} from './transit/server.ts';
