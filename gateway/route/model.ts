import { edit, stringValue } from '@drawbridge/jsonedit';
import { percentDecode } from '@drawbridge/minimise';
import { ANY_MODEL } from '@drawbridge/protocol';
import type { Incoming, LiveMember } from '../crossing.ts';
import { type CompiledEndpoint, inspect, paramsOf } from '../inspect/index.ts';

/**
 * The request with the model called as the member calls it, everything else as it came; null: the member does not have
 * that model. Throws Refusal `body_unreadable`, `body_too_deep`, `bad_request`.
 */
export function withModel(
  incoming: Incoming,
  endpoint: CompiledEndpoint,
  { models }: Pick<LiveMember, 'models'>,
): Incoming | null {
  if (models === null || !endpoint.runsModel) return incoming;
  if (endpoint.modelParam !== null) return inPath(incoming, endpoint, endpoint.modelParam, models);
  const { body } = inspect(incoming, endpoint);
  if (body === null) return null;
  const { document, opened } = body;
  const named = (document.root.members ?? []).filter(({ name }) => name === 'model');
  const [model] = named;
  // Of two, vendors take this one or that: neither could be exchanged for certain.
  if (model === undefined || named.length > 1) return null;
  const { kind } = model.value;
  if (kind !== 'string' && kind !== 'escaped') return null;
  const asked = stringValue(document.text, model.value);
  const own = ownName(asked, models);
  if (own === null) return null;
  if (own === asked) return incoming;
  const text = edit(document, [{ do: 'replace', node: model.value, json: JSON.stringify(own) }]);
  const sealed = opened.seal(text);
  const { method, path, query, headers } = incoming;
  return {
    method,
    path,
    query,
    headers,
    body: Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength),
  };
}

function inPath(
  incoming: Incoming,
  endpoint: CompiledEndpoint,
  param: string,
  models: ReadonlyMap<string, string>,
): Incoming | null {
  const raw = paramsOf(endpoint, incoming.path)[param];
  const own = raw === undefined ? null : ownName(percentDecode(raw, false), models);
  if (raw === undefined || own === null) return null;
  const segments = incoming.path.split('/');
  const at = endpoint.steps.findIndex((step) => 'param' in step && step.param === param) + 1;
  segments[at] = (segments[at] ?? '').replace(raw, () => encodeURIComponent(own));
  return { ...incoming, path: segments.join('/') };
}

function ownName(asked: string, models: ReadonlyMap<string, string>): string | null {
  return models.get(asked) ?? models.get(ANY_MODEL) ?? null;
}
