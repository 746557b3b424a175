import { compileMap, FieldMapError, parsePath, type Step } from '@drawbridge/minimise';
import {
  contractRules,
  type Endpoint,
  type FieldClass,
  fieldClasses,
  type Pack,
  type Service,
} from '@drawbridge/protocol';

/** Something a pack says that can't be so, though its form is right: where (path from the top) and what. */
export interface Nonsense {
  path: PropertyKey[];
  message: string;
}

type Report = (path: PropertyKey[], message: string) => void;

/** All that the schema can't see: names that refer to each other, paths, and what the recommended contract lets out. */
export function findNonsense(pack: Pack): Nonsense[] {
  const found: Nonsense[] = [];
  findTwins(
    pack.services,
    (service) => service.id,
    (index) =>
      found.push({ path: ['services', index, 'id'], message: 'another service of this pack has this id' }),
  );
  pack.services.forEach((service, index) => {
    checkService(service, (path, message) => found.push({ path: ['services', index, ...path], message }));
  });
  pack.examples?.forEach(({ service }, index) => {
    if (service === undefined || pack.services.some(({ id }) => id === service)) return;
    found.push({ path: ['examples', index, 'service'], message: 'no service of this pack has this id' });
  });
  pack.rotation?.forEach(({ service }, index) => {
    if (pack.services.some(({ id }) => id === service)) return;
    found.push({ path: ['rotation', index, 'service'], message: 'no service of this pack has this id' });
  });
  return found;
}

function checkService(service: Service, report: Report): void {
  findTwins(
    service.regions,
    (region) => region.id,
    (index) => report(['regions', index, 'id'], 'another region of this service has this id'),
  );
  findTwins(
    service.endpoints,
    (endpoint) => endpoint.id,
    (index) => report(['endpoints', index, 'id'], 'another endpoint of this service has this id'),
  );
  findTwins(
    service.snippets,
    (snippet) => snippet.id,
    (index) => report(['snippets', index, 'id'], 'another snippet of this service has this id'),
  );
  service.endpoints.forEach((endpoint, index) => {
    checkEndpoint(endpoint, (path, message) => report(['endpoints', index, ...path], message));
  });
  service.endpoints.forEach((endpoint, index) => {
    checkMap(service, endpoint, (path, message) => report(['endpoints', index, ...path], message));
  });
  checkAuth(service, report);
  checkSample(service, report);
  if (service.browser && !service.endpoints.some((endpoint) => endpoint.class === 'ingest')) {
    report(['browser'], 'browsers may only call ingest endpoints, and this service has none');
  }
  checkRecommended(service, (path, message) => report(['contracts', 'recommended', ...path], message));
}

function checkEndpoint(endpoint: Endpoint, report: Report): void {
  const named = [...endpoint.path.matchAll(/\{([^{}/]*)\}/g)].map((match) => match[1] ?? '');
  const placeholders = new Set(named);
  if (placeholders.size < named.length) report(['path'], 'two parameters of one path need two names');
  for (const segment of endpoint.path.split('/')) {
    if (/[{}]/.test(segment) && !/^\{[a-z][a-z0-9_]{0,40}\}(:[A-Za-z]{1,60})?$/.test(segment)) {
      report(['path'], `"${segment}" is not a whole segment of the form {name} or {name}:verb`);
    }
  }
  for (const name of Object.keys(endpoint.path_params ?? {})) {
    if (!placeholders.has(name)) report(['path_params', name], `the path has no {${name}}`);
  }
  for (const name of placeholders) {
    if (endpoint.path_params?.[name] === undefined) {
      report(['path'], `{${name}} needs a class in path_params: what has none can not be treated`);
    }
  }
  if (endpoint.body !== 'none' && endpoint.fields === undefined) {
    report(['body'], 'an endpoint with a body needs "fields": what is not mapped can not be treated');
  }
  if (endpoint.query_body !== undefined && endpoint.body === 'none') {
    report(['query_body'], 'this endpoint takes no body, so its query can not carry one');
  }
  if (
    endpoint.get_as_post === true &&
    !(endpoint.methods.includes('GET') && endpoint.methods.includes('POST'))
  ) {
    report(['get_as_post'], 'needs both GET and POST among the methods');
  }
  checkForm(endpoint, report);
  endpoint.answer_urls?.forEach((path, index) => {
    if (!isRecordsPath(path))
      report(['answer_urls', index], 'write names and [*], such as "results_url" or "data[*].results_url"');
  });
  checkHistory(endpoint, placeholders, report);
  const { fields } = endpoint;
  if (fields === undefined) return;
  const isForm = endpoint.body === 'multipart';
  if (!fields.records.split(' | ').every(isRecordsPath)) {
    report(
      ['fields', 'records'],
      'write "$" for the body itself, or names and [*], such as "$[*]" or "batch[*]"',
    );
  }
  fields.fields.forEach((rule, index) => {
    if (!isFieldPath(rule.path, isForm)) report(['fields', 'fields', index, 'path'], FIELD_PATH_FORM);
  });
  fields.subjects.forEach((rule, index) => {
    if (!isFieldPath(rule.path, isForm)) report(['fields', 'subjects', index, 'path'], FIELD_PATH_FORM);
  });
}

/** Rules that can't be told apart, or make too large a machine, would keep a gateway from its snapshot. */
function checkMap({ auth, contracts }: Service, { fields }: Endpoint, report: Report): void {
  if (fields === undefined) return;
  const keyPaths = auth.flatMap((placement) => (placement.in === 'body' ? [placement.path] : []));
  try {
    compileMap(fields, contractRules(contracts.recommended), { sightingKind: 'property', keyPaths });
  } catch (error) {
    if (!(error instanceof FieldMapError)) throw error;
    // A path of a wrong form is named where it stands.
    const isNamed = !isFieldPath(error.path, true) || error.path === fields.records;
    const at = fields.fields.findLastIndex(({ path }) => path === error.path);
    if (!isNamed) report(at === -1 ? ['fields'] : ['fields', 'fields', at, 'path'], error.message);
  }
}

/** Where requests and answers speak of what the vendor keeps. */
function checkHistory({ history }: Endpoint, placeholders: ReadonlySet<string>, report: Report): void {
  const form = 'write names and [*], such as "previous_response_id" or "input[*].file_id"';
  history?.takes?.forEach((take, index) => {
    const id = typeof take === 'string' ? take : take.id;
    const param = /^\{(.*)\}$/.exec(id)?.[1];
    const at = ['history', 'takes', index];
    if (param === undefined && !isRecordsPath(id)) report(at, form);
    if (param !== undefined && !placeholders.has(param)) report(at, `the path has no {${param}}`);
  });
  history?.gives?.forEach((give, index) => {
    if (!isRecordsPath(typeof give === 'string' ? give : give.id)) report(['history', 'gives', index], form);
  });
  const { kept } = history ?? {};
  if (kept !== undefined && !isRecordsPath(kept.by)) report(['history', 'kept', 'by'], form);
}

/** What formats of several documents need besides. */
function checkForm(endpoint: Endpoint, report: Report): void {
  if (endpoint.parts !== undefined && endpoint.body !== 'multipart') {
    report(['parts'], 'only a body of the format "multipart" has parts');
  }
  if (endpoint.body === 'ndjson' && endpoint.fields?.records.startsWith('$[*]') === false) {
    report(
      ['fields', 'records'],
      'every line is a document: write "$[*]", or names behind it, such as "$[*].body"',
    );
  }
}

const FIELD_PATH_FORM =
  'write names joined by dots, "*" for any name, "[*]" after a name for every element, "**" only as the last step';

/** `properties.$email`, `messages[*].content`, `$set.*`, `metadata.**`. `isForm`: names of parts may end in `[]`. */
export function isFieldPath(path: string, isForm = false): boolean {
  return stepsOf(path, isForm) !== null;
}

/** `$`, `$[*]`, `batch[*]`, `data.items[*]`. */
export function isRecordsPath(path: string): boolean {
  const steps = stepsOf(path);
  return steps?.every(({ take }) => take === 'name' || take === 'each') ?? false;
}

function stepsOf(path: string, isForm = false): Step[] | null {
  try {
    const steps = parsePath(path);
    // A number in brackets would be taken as part of a name: whoever writes it means an element.
    const isOdd = (name: string) => /\[(?:\d*|\*)\]?$/.test(name) && !(isForm && /[^[]\[\]$/.test(name));
    return steps.some((step) => step.take === 'name' && isOdd(step.name)) ? null : steps;
  } catch (error) {
    if (error instanceof FieldMapError) return null;
    throw error;
  }
}

function checkAuth(service: Service, report: Report): void {
  const signs = service.auth.some((placement) => placement.in === 'signature');
  service.auth.forEach((placement, index) => {
    if (signs && placement.in !== 'header' && placement.in !== 'signature') {
      report(['auth', index, 'in'], 'where requests are signed, the virtual key stands in a header');
    }
    if (placement.in !== 'body') return;
    if (!isFieldPath(placement.path)) report(['auth', index, 'path'], FIELD_PATH_FORM);
    if (service.endpoints.every((endpoint) => endpoint.body === 'none')) {
      report(['auth', index, 'in'], 'the credential goes into the body, but no endpoint has one');
    }
  });
}

function checkSample(service: Service, report: Report): void {
  const endpoint = service.endpoints.find((one) => one.id === service.sample.endpoint);
  if (endpoint === undefined) {
    report(['sample', 'endpoint'], 'no endpoint of this service has this id');
    return;
  }
  if (endpoint.body === 'none') {
    report(['sample', 'endpoint'], 'this endpoint takes no body, so the sample can not be sent to it');
    return;
  }
  if (endpoint.body === 'multipart') {
    report(
      ['sample', 'endpoint'],
      'a form of parts can not be shown as a sample; name an endpoint that takes JSON',
    );
  }
  if (endpoint.body === 'form_data_json') return;
  try {
    JSON.parse(service.sample.body);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    report(['sample', 'body'], 'is not JSON, and the endpoint takes JSON');
  }
}

/**
 * The recommended contract is what people trust unread: no identifier of a person crosses by it as it is. An AI
 * service may get content; an analytics service gets nothing about a person but listed values.
 */
function checkRecommended(service: Service, report: Report): void {
  const rules = service.contracts.recommended;
  for (const name of Object.keys(fieldClasses) as FieldClass[]) {
    if (!isGuarded(name, service.kind)) continue;
    const treatment = rules.classes[name] ?? rules.otherwise;
    if (treatment.do !== 'pass' || treatment.values !== undefined) continue;
    report(
      rules.classes[name] === undefined ? ['otherwise'] : ['classes', name],
      `"${name}" would pass as it is: pseudonymise, generalise or drop it, or list the values that cross`,
    );
  }
  for (const [name, { class: fieldClass, treatment }] of Object.entries(rules.properties)) {
    if (isGuarded(fieldClass, service.kind) && treatment.do === 'pass' && treatment.values === undefined) {
      report(['properties', name], `"${fieldClass}" would pass as it is`);
    }
  }
  if (service.kind !== 'analytics') return;
  if (rules.unmapped.do !== 'drop' && rules.unmapped.do !== 'refuse') {
    report(['unmapped', 'do'], 'what no rule maps must be dropped for an analytics service');
  }
  if (rules.names.do !== 'pseudonymise') {
    report(['names', 'do'], 'unknown names must be pseudonymised for an analytics service');
  }
}

function isGuarded(name: FieldClass, kind: Service['kind']): boolean {
  const always =
    name.startsWith('person.') || name.startsWith('secret.') || name === 'network.ip' || name === 'device.id';
  return always || (kind === 'analytics' && fieldClasses[name].about === 'person');
}

function findTwins<Item>(
  items: readonly Item[],
  id: (item: Item) => string,
  twin: (index: number) => void,
): void {
  const seen = new Set<string>();
  items.forEach((item, index) => {
    if (seen.has(id(item))) twin(index);
    seen.add(id(item));
  });
}
