import { edit, type JsonNode, parse } from '@drawbridge/jsonedit';
import type { ContractDocument, Endpoint, Service } from '@drawbridge/protocol';
import { DRY_APP, type DryRequest, type DryScan, liveOf, prepare } from '../dry-run.ts';
import { inspect } from '../inspect/index.ts';
import { minimise } from '../minimise/index.ts';
import { type Place, pathOf, watched } from './watched.ts';

/** A text that somebody asks about, without the request around it. `endpoint`: null, the service's sample. */
export interface TextRequest {
  text: string;
  endpoint: string | null;
}

/**
 * A sample that can't be tried so. `no_text_place`: its endpoint has no sample request with a text in it; `too_much`: it holds
 * more than is looked through, so that it is not known what is in it.
 */
export class SampleError extends Error {
  readonly code: 'no_text_place' | 'too_much';
  constructor(code: SampleError['code'], message: string) {
    super(message);
    this.name = 'SampleError';
    this.code = code;
  }
}

const noPlace = (endpoint: string): SampleError =>
  new SampleError(
    'no_text_place',
    `The pack has no sample request of the endpoint "${endpoint}" with a text in it. Paste a whole request instead.`,
  );

interface Placed {
  request: DryRequest;
  text: string;
  path: string;
  steps: readonly (string | number)[];
}

/** The sample request with the text at the first place of it whose texts are looked through. Throws SampleError. */
export function placed(service: Service, { text, endpoint: id }: TextRequest, scan: DryScan): Placed {
  const wanted = id ?? service.sample.endpoint;
  const endpoint = service.endpoints.find((one) => one.id === wanted);
  if (endpoint === undefined || wanted !== service.sample.endpoint || endpoint.body !== 'json') {
    throw noPlace(wanted);
  }
  const place = firstPlace(service, endpoint, scan);
  if (place === null) throw noPlace(wanted);
  const document = parse(service.sample.body);
  const node = nodeAt(document.root, place.steps);
  if (node === null) throw noPlace(wanted);
  const body = edit(document, [{ do: 'replace', node, json: JSON.stringify(text) }]);
  return { request: { ...sampleOf(endpoint), body }, text, path: pathOf(place.steps), steps: place.steps };
}

function sampleOf(endpoint: Endpoint): Omit<DryRequest, 'body'> {
  return {
    method: endpoint.methods.find((one) => one !== 'GET') ?? 'POST',
    target: endpoint.path.replace(/\{[a-z0-9_]+\}/g, 'example'),
    headers: { 'content-type': 'application/json' },
  };
}

/** What a contract that lets all texts pass looks through first. */
function firstPlace(service: Service, endpoint: Endpoint, scan: DryScan): Place | null {
  const rules: ContractDocument = {
    ...service.contracts.as_is,
    text: { scan: 'secrets', found: {}, otherwise: { do: 'pass' }, over_budget: 'refuse' },
  };
  const live = liveOf(service, rules, scan);
  if (live.text === null) return null;
  const {
    incoming,
    endpoint: compiled,
    found,
  } = prepare(service, live, {
    ...sampleOf(endpoint),
    body: service.sample.body,
  });
  const inspection = inspect(incoming, compiled);
  if (inspection.body === null) return null;
  const watch = watched(inspection.body.document);
  let first: Place | null = null;
  const find = (value: string): [] => {
    const place = watch.last();
    if (first === null && place !== null && place.isString && place.text === value) first = place;
    return [];
  };
  minimise(
    incoming,
    compiled,
    { ...inspection, body: { ...inspection.body, document: watch.document } },
    { ...live, text: { ...live.text, scanner: { ...live.text.scanner, find } } },
    found,
    DRY_APP,
  );
  return first;
}

function nodeAt(root: JsonNode, steps: readonly (string | number)[]): JsonNode | null {
  let node: JsonNode = root;
  for (const step of steps) {
    const next: JsonNode | undefined =
      typeof step === 'number'
        ? node.elements?.[step]
        : node.members?.findLast(({ name }) => name === step)?.value;
    if (next === undefined) return null;
    node = next;
  }
  return node;
}
