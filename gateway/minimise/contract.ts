import {
  type Action,
  type CompiledMap,
  type CompiledNames,
  compileField,
  compileFound,
  compileMap,
  compileNames,
} from '@drawbridge/minimise';
import {
  type ContractDocument,
  contractRules,
  type Endpoint,
  type FieldClass,
  fieldClasses,
  freeTextClasses,
  type Service,
} from '@drawbridge/protocol';
import { neverCrosses } from './headers.ts';

/** What a query parameter comes to: a value that is always the same, or the treatment of its class. */
export interface CompiledParameter {
  set: string | null;
  action: Action;
}

/** One endpoint under one contract. */
export interface EndpointContract {
  /** Null: the endpoint has no body. */
  map: CompiledMap | null;
  query: ReadonlyMap<string, CompiledParameter>;
  params: ReadonlyMap<string, Action>;
  names: CompiledNames;
}

/** A service's endpoints and a contract's rules, made into one decision table once per snapshot. */
export interface CompiledContract {
  endpoints: ReadonlyMap<string, EndpointContract>;
  headers: { exact: ReadonlyMap<string, Action>; prefixes: readonly { prefix: string; action: Action }[] };
  /** For headers that tell the client's address: they never cross, and their class is counted as dropped. */
  clientAddress: Action;
  /** For headers that the pack does not list: they cross only where the contract is lifted. */
  unlistedHeader: Action;
  /** Whether values may become tokens, which only this request's own answer can be rid of. */
  tokenises: boolean;
}

const freeText: ReadonlySet<string> = new Set(freeTextClasses);
/** A document of plain text stands where images in base64 do. */
const media: ReadonlySet<string> = new Set(['content.media']);

/** What people call a class of data; a class that the vocabulary does not know keeps its name. */
export function labelOf(fieldClass: string): string {
  return Object.hasOwn(fieldClasses, fieldClass) ? fieldClasses[fieldClass as FieldClass].label : fieldClass;
}

/** What the model reads where something was dropped. */
export const markerOf = (fieldClass: string): string => `[removed: ${labelOf(fieldClass)}]`;

/** Throws FieldMapError for a pack whose paths make no sense. */
export function compileContract(service: Service, rules: ContractDocument): CompiledContract {
  const applied = contractRules(rules);
  const found = compileFound(applied, freeText, markerOf, media);
  const sightingKind = service.kind === 'ai' ? 'parameter' : 'property';
  const unmappedClass: FieldClass = service.kind === 'ai' ? 'content.unmapped' : 'event.unmapped';
  const keyPaths = service.auth.flatMap((placement) => (placement.in === 'body' ? [placement.path] : []));

  const compileEndpointContract = (endpoint: Endpoint): EndpointContract => ({
    map:
      endpoint.fields === undefined
        ? null
        : compileMap(endpoint.fields, applied, { sightingKind, keyPaths, found }),
    query: new Map(
      endpoint.query.map((parameter): [string, CompiledParameter] => [
        parameter.name,
        {
          set: parameter.set ?? null,
          action: compileField(`query:${parameter.name}`, parameter.class, applied, found),
        },
      ]),
    ),
    params: new Map(
      Object.entries(endpoint.path_params ?? {}).map(([name, fieldClass]): [string, Action] => [
        name,
        compileField(`path:${name}`, fieldClass, applied, found),
      ]),
    ),
    names: compileNames(endpoint.fields?.unmapped ?? unmappedClass, applied, sightingKind, found),
  });

  const exact = new Map<string, Action>();
  const prefixes: { prefix: string; action: Action }[] = [];
  for (const header of service.headers) {
    if (neverCrosses(header.name)) continue;
    const action = compileField(`header:${header.name}`, header.class, applied, found);
    if (header.name.endsWith('*')) prefixes.push({ prefix: header.name.slice(0, -1), action });
    else exact.set(header.name, action);
  }
  return {
    endpoints: new Map(
      service.endpoints.map((endpoint): [string, EndpointContract] => [
        endpoint.id,
        compileEndpointContract(endpoint),
      ]),
    ),
    headers: { exact, prefixes },
    clientAddress: compileField('header:client-address', 'network.ip', {
      ...applied,
      classes: { 'network.ip': { do: 'drop' } },
    }),
    unlistedHeader: compileField(
      'header:*',
      unmappedClass,
      { ...applied, classes: { [unmappedClass]: { do: 'drop' } } },
      found,
    ),
    tokenises: tokenises(rules),
  };
}

/** Whether a contract may make tokens of anything. */
export function tokenises({ classes, otherwise, unmapped, properties, text }: ContractDocument): boolean {
  const found =
    text === undefined || text.scan === 'off' ? [] : [...Object.values(text.found), text.otherwise];
  const treatments = [
    ...Object.values(classes),
    otherwise,
    unmapped,
    ...Object.values(properties).map(({ treatment }) => treatment),
    ...found,
  ];
  // What is refused only when it is sure is tokenised when it is not.
  return treatments.some((one) => one?.do === 'tokenise') || found.some((one) => one?.do === 'refuse');
}
