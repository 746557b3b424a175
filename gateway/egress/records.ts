import {
  CROSSING_VERSION,
  EGRESS,
  type EgressEnd,
  type EgressMode,
  type EgressName,
  payloadCommitment,
  type Settlement,
  type Stage,
  stages,
  UNKNOWN_VENDOR,
} from '@drawbridge/protocol';
import type { FormedRecord, RandomTexts } from '../record/index.ts';
import { quoted, quotedId, whole } from '../record/text.ts';
import type { RefusalCode } from '../refusal/index.ts';

/** What the journal is told of an exchange through the egress proxy. Nothing of paths, queries, headers or bodies. */

export interface EgressRecord {
  /** UUID version 7. */
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  gateway: string;
  /** Null: none is known for the host. */
  vendor: string | null;
  app: string;
  key: string;
  via: 'connect' | 'http';
  method: string;
  host: string;
  port: number;
  mode: EgressMode;
  would: RefusalCode | null;
  network: string | null;
  /** Version of the snapshot in force. */
  snapshot: number;
  /** The recovery drill that refused it; null: none did. */
  drill: string | null;
  /** Null: it goes out. */
  refusal: { code: RefusalCode; stage: Stage } | null;
}

const nobody = payloadCommitment([]);

/** The leaf, at most 2 KB, without personal data, and no payload. Pure, but for the randomness that it is handed. */
export function formEgressRecord(input: EgressRecord, random: RandomTexts): FormedRecord {
  const { refusal, would, network, drill } = input;
  const decision =
    refusal === null
      ? '"forwarded","reason":null,"stage":null'
      : `"refused","reason":"${refusal.code}","stage":"${refusal.stage}"`;
  const leaf = `{"v":${CROSSING_VERSION},"type":"crossing","id":"${input.id}","at":${whole(input.at)},"gateway":${quotedId(
    input.gateway,
  )},"vendor":${quotedId(input.vendor ?? UNKNOWN_VENDOR)},"service":"${EGRESS}","connection":"${EGRESS}","app":${quotedId(
    input.app,
  )},"key":${quotedId(input.key)},"endpoint":"${input.via}","class":"egress","method":${quotedId(
    input.method,
    10,
  )},"decision":${decision},"contract":{"id":"${EGRESS}","version":0},"policy":null,"snapshot":${whole(
    input.snapshot,
  )}${network === null ? '' : `,"network":"${network}"`},"fields":[],"egress":{"host":${quoted(
    input.host,
    253,
  )},"port":${whole(input.port)},"mode":"${input.mode}","would":${
    would === null ? 'null' : `"${would}"`
  }}${drill === null ? '' : `,"drill":{"id":${quotedId(drill)}}`},"bytes":{"received":0,"sent":0},"nonce":"${random.token()}","payload":"${nobody}","items":0}`;
  return { leaf: Buffer.from(leaf, 'latin1'), payload: Buffer.alloc(0) };
}

export interface EgressSettlement {
  crossing: string;
  /** Milliseconds since 1970. */
  at: number;
  outcome: Settlement['outcome'];
  /** Of plain HTTP: the origin's; null: none came. */
  status: number | null;
  /** Address and port connected to; null: none was. */
  remote: string | null;
  /** Bytes on the wire. */
  received: number;
  sent: number;
  ended: EgressEnd;
  /** What the TLS greeting named; null: it was not looked at. */
  sni: EgressName | null;
  /** Why the gateway ended it; null: it did not. */
  reason: RefusalCode | null;
  /** Microseconds per stage, in the order of `stages`. */
  timings: readonly number[];
}

/** The settlement's bytes. Pure, but for the randomness that it is handed. */
export function formEgressSettlement(input: EgressSettlement, random: RandomTexts): Buffer {
  const { status, remote, sni, reason } = input;
  const timings = stages.map((_, index) => whole(input.timings[index] ?? 0)).join(',');
  return Buffer.from(
    `{"v":${CROSSING_VERSION},"type":"settlement","crossing":"${input.crossing}","at":${whole(input.at)},"outcome":"${
      input.outcome
    }","status":${status === null ? 'null' : whole(status)},"remote":${
      remote === null ? 'null' : quoted(remote, 80)
    },"bytes":{"response":${whole(input.received)}},"timings":[${timings}],"usage":null,"egress":{"sent":${whole(
      input.sent,
    )},"ended":"${input.ended}"${sni === null ? '' : `,"sni":"${sni}"`}}${
      reason === null ? '' : `,"reason":"${reason}"`
    },"nonce":"${random.token()}"}`,
  );
}
