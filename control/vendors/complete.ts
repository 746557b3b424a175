import type { Service } from '@drawbridge/protocol';

type Json = Record<string, unknown>;

/**
 * Fills in what a pack may leave out, so that one for a vendor of your own is short: errors in plain JSON, contracts by
 * the service's kind, `records: $`, and so on. `fields` may be written as `{ <path>: <class> }`. `value`, a pack before
 * it is checked, is changed; what is of a wrong form is left for the check to name.
 */
export function completePack(value: unknown): void {
  if (!isJson(value)) return;
  const services = jsonIn(value.services);
  const [first] = services;
  const [region] = jsonIn(first?.regions);
  fill(value, {
    homepage: typeof region?.host === 'string' ? `https://${region.host}` : undefined,
    source: 'Written for this deployment',
  });
  for (const service of services) completeService(service, value);
}

function completeService(service: Json, pack: Json): void {
  const kind = service.kind === 'ai' ? 'ai' : 'analytics';
  const endpoints = jsonIn(service.endpoints);
  for (const endpoint of endpoints) completeEndpoint(endpoint, kind);
  for (const region of jsonIn(service.regions)) {
    fill(region, { name: region.id, jurisdiction: 'unknown', source: pack.source, as_of: pack.as_of });
  }
  const sampled =
    endpoints.find(({ body }) => body === 'json') ?? endpoints.find(({ body }) => body !== 'none');
  fill(service, {
    name: pack.name,
    kind: 'analytics',
    browser: false,
    headers: [],
    errors: ERRORS,
    snippets: snippetsFor(sampled ?? endpoints[0]),
    sample:
      sampled === undefined
        ? undefined
        : { endpoint: sampled.id, body: exampleOf(sampled, jsonIn(pack.examples)) ?? '{}' },
  });
  if (service.contracts === undefined) service.contracts = {};
  if (isJson(service.contracts)) fill(service.contracts, { recommended: RECOMMENDED[kind], as_is: AS_IS });
}

/** The body of the first example for an endpoint that takes JSON. */
function exampleOf({ body, path }: Json, examples: readonly Json[]): string | undefined {
  if (body !== 'json' || typeof path !== 'string') return undefined;
  for (const { request, body: text, refused } of examples) {
    const asked = typeof request === 'string' ? request.split(' ')[1]?.split('?')[0] : undefined;
    if (asked === path && typeof text === 'string' && refused === undefined) return text;
  }
  return undefined;
}

function completeEndpoint(endpoint: Json, kind: Service['kind']): void {
  fill(endpoint, {
    class: kind === 'ai' ? 'inference' : 'ingest',
    body: endpoint.fields === undefined ? 'none' : 'json',
    query: [],
  });
  const { fields } = endpoint;
  if (!isJson(fields) || fields.like !== undefined) return;
  fill(fields, {
    records: endpoint.body === 'ndjson' ? '$[*]' : '$',
    subjects: [],
    unmapped: kind === 'ai' ? 'content.unmapped' : 'event.unmapped',
  });
  if (isJson(fields.fields)) {
    // An event's name is the app's own word: unknown ones go by the contract's rule for names.
    fields.fields = Object.entries(fields.fields).map(([path, said]) =>
      said === 'event.name' ? { path, class: said, name: true } : { path, class: said },
    );
  }
}

function fill(target: Json, missing: Json): void {
  for (const [name, value] of Object.entries(missing)) {
    if (target[name] === undefined && value !== undefined) target[name] = value;
  }
}

const shape = {
  content_type: 'application/json',
  body: '{"error":{"message":"{message}","code":"{code}"}}',
};
const ERRORS = { refused: shape, later: shape };

const drop = { do: 'drop' };
const pass = { do: 'pass' };
const pseudonymise = { do: 'pseudonymise' };
const AS_IS = {
  classes: {},
  otherwise: pass,
  unmapped: pass,
  names: { do: 'pass', allowed: [] },
  properties: {},
};
/** Nothing of a person but pseudonyms; an AI service gets the content that it is asked about. */
const RECOMMENDED = {
  analytics: {
    classes: {
      'person.id': pseudonymise,
      'device.id': pseudonymise,
      'org.id': pseudonymise,
      'event.name': pass,
      'event.time': pass,
      'event.id': pass,
      'event.property': pass,
      'model.parameter': pass,
    },
    otherwise: drop,
    unmapped: drop,
    names: { do: 'pseudonymise', allowed: [] },
    properties: {},
  },
  ai: {
    classes: {
      'person.id': pseudonymise,
      'person.name': pseudonymise,
      'content.prompt': pass,
      'content.instruction': pass,
      'content.tool': pass,
      'content.media': pass,
      'content.metadata': pass,
      'content.unmapped': pass,
      'file.name': pass,
      'model.parameter': pass,
      'event.id': pass,
      'secret.api_key': { do: 'refuse' },
    },
    otherwise: drop,
    unmapped: pass,
    names: { do: 'pass', allowed: [] },
    properties: {},
  },
};

function snippetsFor(endpoint: Json | undefined): Json[] {
  const path = typeof endpoint?.path === 'string' ? endpoint.path : '/';
  return [
    {
      id: 'base_url',
      label: 'Any client',
      language: 'text',
      code: `Base URL   {gateway}/{connection}\nKey        {key}\nFor example {gateway}/{connection}${path}`.slice(
        0,
        3000,
      ),
    },
  ];
}

function jsonIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isJson) : [];
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
