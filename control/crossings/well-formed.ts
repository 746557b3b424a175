import {
  CROSSING_VERSION,
  crossingModes,
  FieldClassSchema,
  LEAF_NETWORK,
  type Leaf,
  outcomes,
  type PayloadItem,
  type Settlement,
  ShapeSchema,
  stages,
  TreatmentNameSchema,
} from '@drawbridge/protocol';

/**
 * Fast checks of what gateways ship, for the usual case that nothing is wrong: ingest spends most of its time on them,
 * and these take a fraction of the schemas'. A yes is the schemas' yes (a test holds them to it); a no decides nothing:
 * then the schema is asked, which says what is wrong and where.
 */

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function hasOnly(value: Members, count: number): boolean {
  let members = 0;
  for (const _ in value) members += 1;
  return members === count;
}

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most;
const isId = (value: unknown): boolean => typeof value === 'string' && value.length > 0 && value.length <= 60;
const isInt = (value: unknown): value is number => Number.isSafeInteger(value);
const isCount = (value: unknown, least = 0): boolean => isInt(value) && value >= least;

const UUID_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const isUuid = (value: unknown): boolean => typeof value === 'string' && UUID_7.test(value);
const isBase64Url = (value: unknown, least = 1): boolean =>
  typeof value === 'string' && value.length >= least && BASE64URL.test(value);

const fieldClasses: ReadonlySet<unknown> = new Set(FieldClassSchema.options);
const treatments: ReadonlySet<unknown> = new Set(TreatmentNameSchema.options);
const shapes: ReadonlySet<unknown> = new Set(ShapeSchema.options);
const modes: ReadonlySet<unknown> = new Set(crossingModes);
const stageNames: ReadonlySet<unknown> = new Set(stages);
const outcomeNames: ReadonlySet<unknown> = new Set(outcomes);
const subjectKinds: ReadonlySet<unknown> = new Set(['user', 'email', 'device', 'group']);
const reviewKinds: ReadonlySet<unknown> = new Set(['property', 'event_name', 'path_segment', 'parameter']);

export function isLeaf(value: unknown): value is Leaf {
  return (
    isObject(value) &&
    value.v === CROSSING_VERSION &&
    value.type === 'crossing' &&
    hasOnly(value, 24 + optionalMembers(value)) &&
    isUuid(value.id) &&
    isInt(value.at) &&
    isId(value.gateway) &&
    isId(value.vendor) &&
    isId(value.service) &&
    isId(value.connection) &&
    isId(value.app) &&
    isId(value.key) &&
    isId(value.endpoint) &&
    isText(value.class, 40) &&
    isText(value.method, 10) &&
    (value.decision === 'forwarded' || value.decision === 'refused') &&
    (value.reason === null || isText(value.reason, 60)) &&
    (value.stage === null || stageNames.has(value.stage)) &&
    isContract(value.contract) &&
    (value.policy === null || isText(value.policy, 64)) &&
    isInt(value.snapshot) &&
    isArrayOf(value.fields, 40, isLeafField) &&
    isObject(value.bytes) &&
    hasOnly(value.bytes, 2) &&
    isCount(value.bytes.received) &&
    isCount(value.bytes.sent) &&
    isBase64Url(value.nonce, 22) &&
    isBase64Url(value.payload) &&
    isCount(value.items)
  );
}

/** How many there are of those that may be absent; NaN, which nothing equals, where one is not as it should be. */
function optionalMembers(value: Members): number {
  let members = 0;
  for (const [name, is] of optional) {
    if (!(name in value)) continue;
    if (!is(value[name])) return Number.NaN;
    members += 1;
  }
  return members;
}

const optional: readonly [string, (value: unknown) => boolean][] = [
  ['model', (value) => isText(value, 60) && value.length > 0],
  ['network', (value) => typeof value === 'string' && LEAF_NETWORK.test(value)],
  [
    'decided_by',
    (value) => Array.isArray(value) && value.length <= 8 && value.every((each) => isText(each, 60)),
  ],
  ['mode', (value) => modes.has(value)],
  ['break_glass', isId],
  [
    'would',
    (value) =>
      isObject(value) &&
      hasOnly(value, 2) &&
      isArrayOf(value.fields, 40, isLeafField) &&
      (value.reason === null || isText(value.reason, 60)),
  ],
];

function isArrayOf(value: unknown, most: number, is: (one: unknown) => boolean): boolean {
  if (!Array.isArray(value) || value.length > most) return false;
  for (const one of value) if (!is(one)) return false;
  return true;
}

function isContract(value: unknown): boolean {
  return isObject(value) && hasOnly(value, 2) && isId(value.id) && isInt(value.version);
}

function isLeafField(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    fieldClasses.has(value[0]) &&
    treatments.has(value[1]) &&
    isCount(value[2], 1)
  );
}

export function isSettlement(value: unknown): value is Settlement {
  return (
    isObject(value) &&
    value.v === CROSSING_VERSION &&
    value.type === 'settlement' &&
    hasOnly(value, 11) &&
    isUuid(value.crossing) &&
    isInt(value.at) &&
    outcomeNames.has(value.outcome) &&
    (value.status === null || isInt(value.status)) &&
    (value.remote === null || isText(value.remote, 80)) &&
    isObject(value.bytes) &&
    hasOnly(value.bytes, 1) &&
    isCount(value.bytes.response) &&
    Array.isArray(value.timings) &&
    value.timings.length === stages.length &&
    isArrayOf(value.timings, stages.length, isCounted) &&
    (value.usage === null || isUsage(value.usage)) &&
    isBase64Url(value.nonce, 22)
  );
}

const isCounted = (value: unknown): boolean => isCount(value);
const isUsage = (value: unknown): boolean =>
  isObject(value) && hasOnly(value, 2) && isInt(value.input) && isInt(value.output);

const ANY_NUMBER = Number.POSITIVE_INFINITY;

export function isPayloadItem(value: unknown): value is PayloadItem {
  return (
    isObject(value) &&
    value.v === CROSSING_VERSION &&
    hasOnly(value, 7) &&
    (value.s === null || isText(value.s, 44)) &&
    (value.k === null || subjectKinds.has(value.k)) &&
    isArrayOf(value.l, 50, isKeyed) &&
    isArrayOf(value.f, ANY_NUMBER, isItemField) &&
    isArrayOf(value.r, ANY_NUMBER, isSighting) &&
    isBase64Url(value.salt, 22)
  );
}

const isKeyed = (value: unknown): boolean => isText(value, 44);

function isItemField(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length === 5 &&
    isText(value[0], 200) &&
    fieldClasses.has(value[1]) &&
    treatments.has(value[2]) &&
    shapes.has(value[3]) &&
    isCount(value[4], 1)
  );
}

function isSighting(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value.h, 44) &&
    reviewKinds.has(value.k) &&
    shapes.has(value.s) &&
    (value.n === undefined ? hasOnly(value, 3) : hasOnly(value, 4) && isText(value.n, 200))
  );
}
