import { authenticate } from './authenticate/index.ts';
import type { FoundKey, LiveConnection, LiveKey } from './crossing.ts';
import { type CompiledEndpoint, findKeys } from './inspect/index.ts';
import { Refusal } from './refusal/index.ts';

/**
 * What was asked for with a known key, and is not served: a path that no pack has, or a WebSocket. It is journalled as
 * a refused crossing, so that people see what their apps want. The leaf holds the path's shape in place of the
 * endpoint's id, and nobody's data: of a path only words cross that belong to APIs (docs/decisions/0009).
 */

/** Refusals that are sightings. */
export function isSighting(refusal: Refusal): boolean {
  return refusal.code === 'unknown_endpoint' || refusal.code === 'upgrade_not_supported';
}

/** What an `Upgrade` other than the harmless `h2c` is answered. */
export function upgradeRefusal(): Refusal {
  return new Refusal(
    'upgrade_not_supported',
    'accept',
    'WebSocket and other upgrades (OpenAI Realtime, Gemini Live) are not served: nothing that goes over them could be ' +
      'minimised and recorded. Use the HTTP endpoints.',
  );
}

/** The key that a request for something unknown holds, outside its body; null when it is nobody's, or not for this connection. */
export function sightedKey(
  connection: LiveConnection,
  keys: ReadonlyMap<string, LiveKey>,
  request: { method: string; path: string; query: string; headers: readonly string[] },
  now: number,
): LiveKey | null {
  try {
    const found = findKeys(connection.service, null, { ...request, body: NOTHING });
    const key = authenticate(
      found.length > 0 ? found : inSubprotocol(connection, request.headers),
      keys,
      now,
    );
    return key.config.connections.includes(connection.config.id) ? key : null;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

const NOTHING = Buffer.alloc(0);
/** Where pages put the key of OpenAI's Realtime API, as they can set no header on a WebSocket. */
const SUBPROTOCOL = 'openai-insecure-api-key.';

function inSubprotocol({ service }: LiveConnection, headers: readonly string[]): FoundKey[] {
  const [placement] = service.auth;
  if (placement === undefined) return [];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    if (headers[at]?.toLowerCase() !== 'sec-websocket-protocol') continue;
    const offered = headers[at + 1]?.split(',').map((one) => one.trim()) ?? [];
    const key = offered.find((one) => one.startsWith(SUBPROTOCOL));
    if (key !== undefined) return [{ placement, key: key.slice(SUBPROTOCOL.length) }];
  }
  return [];
}

/** Longest shape, and most segments in it: it takes an endpoint id's place. */
const LONGEST = 60;
const SEGMENTS = 8;

/** A path as a template: words of APIs as they are, all else as `:x`. At most 60 characters; never empty. */
export function pathShape(path: string, endpoints: readonly CompiledEndpoint[]): string {
  const own = new Set(endpoints.flatMap(({ endpoint }) => endpoint.path.toLowerCase().split(/[/:]/)));
  const known = (word: string) => VERSION.test(word) || words.has(word) || own.has(word);
  let shape = '';
  for (const segment of path
    .split('/')
    .filter((one) => one !== '')
    .slice(0, SEGMENTS)) {
    const [noun = '', verb] = segment.toLowerCase().split(':');
    const shown = (known(noun) ? noun : ':x') + (verb !== undefined && known(verb) ? `:${verb}` : '');
    if (shape.length + 1 + shown.length > LONGEST) break;
    shape += `/${shown}`;
  }
  return shape === '' ? '/' : shape;
}

const VERSION = /^v\d{1,2}(?:(?:alpha|beta)\d{0,2})?$/;

/** Words that stand in the paths of AI and analytics APIs and are nobody's name. */
const words = new Set(
  `alias annotations api app array assistants async async-invoke audio batch batchEmbedContents batches beta bidi
  bidiGenerateContent cachedContents cancel capture chat checkpoints collect completions config containers content
  conversations converse converse-bidirectional converse-stream count_tokens create credits decide delete deployments
  distill e edit edits embed embeddings engage engines envelope evals event events experiments export feature_flags
  feedback fields files fim fine-tunes fine_tuning fine-tuning flags generate generation generations graders group
  groups guardrail guardrails httpapi i identify images import ingest input_items invoke
  invoke-with-bidirectional-stream items jobs join key keys labels languages library live logs lookups me members
  messages metrics minidump model models moderations monitoring ocr openai organization organizations page parts people
  predict predictLongRunning projects prompts publishers query rankings realtime record recordings records register
  replay rerank responses results retrieve runs s schemas screen search security session sessions settings shutdown
  skills speech static status steps stream store streamGenerateContent submit_tool_outputs surveys t threads tokenize
  track traces transcription_sessions transcriptions translations tunedModels unstable upload uploads usage users
  variations vector_stores videos voices web_search websocket workers ws`
    .toLowerCase()
    .split(/\s+/),
);
