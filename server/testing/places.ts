import { parsePath, recordPlaces, type Step } from '@drawbridge/minimise';
import type { Endpoint, Pack, Service } from '@drawbridge/protocol';
import type { Incoming } from '../../gateway/crossing.ts';
import { incomingOf } from '../../gateway/minimise/testing/cross.ts';

/** A request that is a vendor's but for one place, where a text can be put. */
export interface Place {
  /** `body.messages[*].content`, `name of body.metadata`, `query:limit`, `header:user-agent`, `path:batch`. */
  at: string;
  /** Whether the text stands there in another way than as a string of its own. */
  isWrapped?: true;
  with(text: string): Incoming;
}

/** Every place of an endpoint's requests in which a string may stand, as its pack tells them. */
export function placesOf(service: Service, endpoint: Endpoint): Place[] {
  const method = endpoint.methods.find((one) => one !== 'GET') ?? 'GET';
  const target = endpoint.path.replaceAll(/\{[a-z0-9_]+\}/g, 'made-up');
  const plain = bodyOf(endpoint, null);
  const asked = (
    path = target,
    headers: Record<string, string> = {},
    body: Packed | null = plain,
  ): Incoming => incomingOf(method, path, { ...body?.headers, ...headers }, body?.bytes ?? '');
  return [
    ...bodyPlaces(endpoint).map(({ put, ...place }) => ({
      ...place,
      with: (text: string) => asked(target, {}, bodyOf(endpoint, put(text))),
    })),
    ...endpoint.query.map(({ name }) => ({
      at: `query:${name}`,
      with: (text: string) => asked(`${target}?${encodeURIComponent(name)}=${encodeURIComponent(text)}`),
    })),
    { at: 'query:(unlisted)', with: (text) => asked(`${target}?unlisted=${encodeURIComponent(text)}`) },
    { at: 'query:(name)', with: (text) => asked(`${target}?${encodeURIComponent(text)}=1`) },
    ...(endpoint === service.endpoints[0] ? headersOf(service) : []).map((name) => ({
      at: `header:${name}`,
      with: (text: string) => asked(target, { [name]: text }),
    })),
    ...[...endpoint.path.matchAll(/\{([a-z0-9_]+)\}/g)].map(([whole, name]) => ({
      at: `path:${name}`,
      with: (text: string) =>
        asked(
          endpoint.path.replace(whole, encodeURIComponent(text)).replaceAll(/\{[a-z0-9_]+\}/g, 'made-up'),
        ),
    })),
  ];
}

/** The strings of a pack's own samples and examples, one place each. */
export function placesOfExamples(pack: Pack, service: Service): Place[] {
  const sampled = service.endpoints.find(({ id }) => id === service.sample.endpoint);
  const requests = [
    { name: 'sample', method: 'POST', target: sampled?.path ?? '/', body: service.sample.body, headers: {} },
    ...(pack.examples ?? [])
      .filter((one) => one.service === undefined || one.service === service.id)
      .map(({ name, request, body = '', headers = {} }) => {
        const [method = 'POST', target = '/'] = request.split(' ');
        return { name, method, target, body, headers };
      }),
  ];
  return requests.flatMap(({ name, method, target, body, headers }) =>
    isJson(body)
      ? stringsIn(JSON.parse(body)).map(({ at, put }) => ({
          at: `${name}: ${at}`,
          with: (text: string) =>
            incomingOf(
              method,
              target.replaceAll(/\{[a-z0-9_]+\}/g, 'made-up'),
              { ...headers, 'content-type': 'application/json' },
              JSON.stringify(put(text)),
            ),
        }))
      : [],
  );
}

function headersOf({ headers, auth }: Service): string[] {
  const keys = auth.flatMap((place) => (place.in === 'header' ? [place.name.toLowerCase()] : []));
  const listed = headers.map(({ name }) => (name.endsWith('*') ? `${name.slice(0, -1)}made-up` : name));
  const others = ['accept', 'accept-encoding', 'content-encoding', 'x-unlisted', 'cookie', 'origin'];
  return [...listed, ...others].filter((name) => !keys.includes(name));
}

interface Put {
  at: string;
  isWrapped?: true;
  put(text: string): unknown;
}

function bodyPlaces({ fields, body }: Endpoint): Put[] {
  if (fields === undefined || body === 'none') return [];
  const [records = []] = recordPlaces(fields.records);
  const ruled = fields.fields.flatMap(({ path }): Put[] => {
    const steps = path.startsWith('$.') ? parsePath(path) : [...records, ...parsePath(path)];
    // A file of another kind is not read: what stands here is no string of the request.
    if (steps.some((step) => step.take === 'name' && step.name === 'media')) return [];
    const at = `body.${path}`;
    return [{ at, put: (text) => built(steps, text) }, ...(body === 'multipart' ? [] : wrapped(at, steps))];
  });
  const unruled = { at: 'body.(unlisted)', put: (text: string) => built(records, { unlisted: text }) };
  const name = { at: 'name in body', put: (text: string) => built(records, { [text]: 'made up' }) };
  const beside = { at: 'name beside the records', put: (text: string) => ({ [text]: 'made up' }) };
  return [...ruled, unruled, name, beside];
}

function wrapped(at: string, steps: readonly Step[]): Put[] {
  return [
    {
      at: `${at} in JSON`,
      isWrapped: true,
      put: (text) => built(steps, JSON.stringify({ deep: [text] })),
    },
    { at: `${at}.deep`, isWrapped: true, put: (text) => built(steps, { deep: [text] }) },
    { at: `name in ${at}`, isWrapped: true, put: (text) => built(steps, { [text]: 1 }) },
  ];
}

function built(steps: readonly Step[], value: unknown): unknown {
  return steps.reduceRight<unknown>((inner, step) => {
    if (step.take === 'each') return [inner];
    return { [step.take === 'name' ? step.name : 'made_up']: inner };
  }, value);
}

interface Packed {
  headers: Record<string, string>;
  bytes: string;
}

function bodyOf(endpoint: Endpoint, value: unknown): Packed | null {
  if (endpoint.body === 'none') return null;
  const given = value ?? {};
  if (endpoint.body === 'multipart') return partsOf(endpoint, Object(given));
  const text = JSON.stringify(given);
  return { headers: { 'content-type': 'application/json' }, bytes: text };
}

const BOUNDARY = 'made-up-boundary';

function partsOf({ parts = [] }: Endpoint, given: Record<string, unknown>): Packed {
  let bytes = '';
  const part = (head: string, content: string): void => {
    bytes += `--${BOUNDARY}\r\nContent-Disposition: form-data; ${head}\r\n\r\n${content}\r\n`;
  };
  // What makes a file one of lines.
  const lined = parts.find(({ name, content }) => content === 'lines' && 'lines' in Object(given[name]));
  for (const [name, [wanted = '']] of Object.entries(lined?.when ?? {})) {
    if (!(name in given)) part(`name="${name}"`, wanted);
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== 'object' || value === null) {
      part(`name="${name}"`, String(value));
      continue;
    }
    const { filename, lines, text, json } = value as Record<string, unknown>;
    const rows = Array.isArray(lines) ? lines.map((line) => JSON.stringify(line)).join('\n') : null;
    const content = rows ?? (json === undefined ? String(text ?? '{}') : JSON.stringify(json));
    const ending = text === undefined ? 'jsonl' : 'txt';
    part(`name="${name}"; filename="${filename ?? `made-up.${ending}`}"`, content);
  }
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` },
    bytes: `${bytes}--${BOUNDARY}--\r\n`,
  };
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

/** Each string of a document, and how the document is with another in its place. */
function stringsIn(value: unknown): Put[] {
  if (typeof value === 'string') return [{ at: '', put: (text) => text }];
  if (Array.isArray(value)) {
    return value.flatMap((one, index) =>
      stringsIn(one).map(({ at, put }) => ({
        at: `[${index}]${at}`,
        put: (text: string) => value.with(index, put(text)),
      })),
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    stringsIn(one).map(({ at, put }) => ({
      at: `.${name}${at}`,
      put: (text: string) => ({ ...value, [name]: put(text) }),
    })),
  );
}
