import {
  CROSSING_VERSION,
  encodePayload,
  itemHash,
  LEAF_LIMIT,
  type LeafDrill,
  payloadCommitment,
  type Stage,
  treatmentNames,
} from '@drawbridge/protocol';
import type { Minimised, Would } from '../crossing.ts';
import type { Lifted } from '../mode.ts';
import type { RefusalCode } from '../refusal/refusal.ts';
import { encodeItems, knownClass } from './items.ts';
import type { RandomTexts } from './random.ts';
import { quotedId, remembering, whole } from './text.ts';

/** What is known of a crossing when it is recorded: before it is sent, or when it is refused. */
export interface RecordInput {
  /** UUID version 7. */
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  gateway: string;
  vendor: string;
  service: string;
  /** Ids, not names. */
  connection: string;
  app: string;
  key: string;
  endpoint: string;
  class: string;
  method: string;
  /** As pack or key write it, and a /24 or /48; null: the leaf has none. */
  model: string | null;
  network: string | null;
  /** Null: it goes out. */
  refusal: { code: RefusalCode; stage: Stage } | null;
  contract: { id: string; version: number };
  /** Hash of the policies that decided; null: none. */
  policy: string | null;
  /** Version of the credential that it goes with; null: the connection has only one. */
  credential: number | null;
  /** Names of the policies that refused, or would have. */
  decidedBy: readonly string[];
  /** Version of the snapshot in force. */
  snapshot: number;
  fields: Minimised['fields'];
  /** Null: contract and policies were enforced. */
  lifted: Lifted | null;
  /** What they would have done, where they were not and the request came that far. */
  would: Would | null;
  items: Minimised['items'];
  /** Kept secrets that were found in it, by their ids; null: none. */
  kept: readonly string[] | null;
  /** Texts in the form of a token that it came with. */
  imitated: number;
  /** Which try of a route it is, and which crossing the first one was; null: it came over no route. */
  route: { id: string; number: number; first: string | null } | null;
  /** The recovery drill that it is part of; null: none. */
  drill: LeafDrill | null;
  /** Body bytes as they came, and as they go out. */
  bytes: { received: number; sent: number };
}

export interface FormedRecord {
  /** At most 2 KB, without personal data. */
  leaf: Buffer;
  /** The items, not yet sealed; empty when there are none. */
  payload: Buffer;
}

const FIELDS = 40;
const NAMES = 8;
const KEPT = 8;
const id = remembering((text) => quotedId(text));
const classText = remembering((text) => quotedId(text, 40));
const methodText = remembering((text) => quotedId(text, 10));
const policyText = remembering((text) => quotedId(text, 64));
// Names of models come from packs and keys: of those that do not fit in whole nothing is said.
const modelText = remembering((text) =>
  /^[!-~]{1,60}$/.test(text) ? `,"model":${JSON.stringify(text)}` : '',
);
/** `virtual key x` is written `virtual_key:x`. */
const keptText = remembering((known) => {
  const at = known.lastIndexOf(' ');
  return quotedId(`${known.slice(0, at).replaceAll(' ', '_')}:${known.slice(at + 1)}`);
});
const networkText = remembering((text) => `,"network":"${text}"`);
type Field = Minimised['fields'][number];

/** The leaf and the payload of a crossing. Pure, but for the randomness that it is handed. */
export function formRecord(input: RecordInput, random: RandomTexts): FormedRecord {
  const items = encodeItems(input.items, random);
  const commitment = payloadCommitment(items.map(itemHash));
  const nonce = random.token();
  const { refusal, contract, policy, bytes } = input;
  const before = `{"v":${CROSSING_VERSION},"type":"crossing","id":"${input.id}","at":${whole(input.at)},"gateway":${id(
    input.gateway,
  )},"vendor":${id(input.vendor)},"service":${id(input.service)},"connection":${id(
    input.connection,
  )},"app":${id(input.app)},"key":${id(input.key)},"endpoint":${id(
    input.endpoint,
  )},"class":${classText(input.class)},"method":${methodText(input.method)},"decision":${
    refusal
      ? `"refused","reason":"${refusal.code}","stage":"${refusal.stage}"`
      : '"forwarded","reason":null,"stage":null'
  },"contract":{"id":${id(contract.id)},"version":${whole(contract.version)}},"policy":${
    policy === null ? 'null' : policyText(policy)
  }${input.decidedBy.length === 0 ? '' : `,"decided_by":[${input.decidedBy.slice(0, NAMES).map(id).join(',')}]`},"snapshot":${whole(input.snapshot)}${input.model === null ? '' : modelText(input.model)}${
    input.network === null ? '' : networkText(input.network)
  },"fields":`;
  const after = `,"bytes":{"received":${whole(bytes.received)},"sent":${whole(
    bytes.sent,
  )}},"nonce":"${nonce}","payload":"${commitment}","items":${items.length}${
    input.credential === null ? '' : `,"credential":${Math.max(1, whole(input.credential))}`
  }${input.kept === null ? '' : `,"kept":[${input.kept.slice(0, KEPT).map(keptText).join(',')}]`}${
    whole(input.imitated) === 0 ? '' : `,"imitated":${whole(input.imitated)}`
  }${input.route === null ? '' : routeText(input.route)}${
    input.drill === null ? '' : drillText(input.drill)
  }}`;
  // All of it is ASCII by now, so that characters are bytes.
  const room = LEAF_LIMIT - before.length - after.length;
  const fields =
    input.lifted === null ? fieldsText(input.fields, room) : liftedText(input, input.lifted, room);
  return {
    leaf: Buffer.from(before + fields + after, 'latin1'),
    payload: encodePayload(items),
  };
}

function routeText({ id: route, number, first }: NonNullable<RecordInput['route']>): string {
  return `,"route":{"id":${id(route)},"try":${whole(number)}${first === null ? '' : `,"first":"${first}"`}}`;
}

function drillText({ id: drill, held }: LeafDrill): string {
  return `,"drill":{"id":${id(drill)}${held === true ? ',"held":true' : ''}}`;
}

/**
 * The list of fields, and behind it the mode with what would have been done. Where there is not room for all, both
 * lists are folded: that of the fields may have what the other leaves.
 */
function liftedText({ fields, would }: RecordInput, { mode, breakGlass }: Lifted, room: number): string {
  const inMode = `,"mode":"${mode}"${breakGlass === null ? '' : `,"break_glass":${id(breakGlass)}`}`;
  if (would === null) return fieldsText(fields, room - inMode.length) + inMode;
  const head = `${inMode},"would":{"fields":`;
  const end = `,"reason":${would.reason === null ? 'null' : `"${would.reason}"`}}`;
  const left = room - head.length - end.length;
  const wouldText = fieldsText(would.fields, Math.floor(left / 2), bySternness);
  return fieldsText(fields, left - wouldText.length) + head + wouldText + end;
}

/** The list of fields as they stand; folded when there are more than forty, or more than there is room for. */
function fieldsText(fields: readonly Field[], room: number, order = byExposure): string {
  const text = fields.length <= FIELDS ? `[${fields.map(fieldText).join(',')}]` : null;
  if (text !== null && text.length <= room) return text;
  const sorted = [...fields].sort((a, b) => order(a, b) || b[2] - a[2]);
  for (let kept = Math.min(FIELDS, sorted.length) - 1; kept > 0; kept--) {
    const folded = `[${[...sorted.slice(0, kept), fold(sorted.slice(kept))].map(fieldText).join(',')}]`;
    if (folded.length <= room) return folded;
  }
  return `[${fieldText(fold(sorted))}]`;
}

const byExposure = (a: Field, b: Field): number => exposure(a) - exposure(b);
const bySternness = (a: Field, b: Field): number => exposure(b) - exposure(a);

/** One field for many: of the treatment of the first, so that a leaf never says less than what is behind it. */
function fold(rest: readonly Field[]): Field {
  const treatment = rest[0]?.[1] ?? 'drop';
  return ['event.unmapped', treatment, rest.reduce((sum, [, , count]) => sum + whole(count), 0)];
}

function exposure([, treatment]: Field): number {
  return treatmentNames.indexOf(treatment);
}

function fieldText([name, treatment, count]: Field): string {
  return `["${knownClass(name)}","${treatment}",${Math.max(1, whole(count))}]`;
}
