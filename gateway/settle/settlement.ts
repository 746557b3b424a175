import { CROSSING_VERSION, type Settlement, stages } from '@drawbridge/protocol';
import type { RandomTexts } from '../record/random.ts';
import { quoted, remembering, whole } from '../record/text.ts';

const remoteText = remembering((remote) => quoted(remote, 80));

export interface SettlementInput {
  /** Id of the crossing that ended: a UUID. */
  crossing: string;
  /** Milliseconds since 1970. */
  at: number;
  outcome: Settlement['outcome'];
  /** The vendor's HTTP status; null if none came. */
  status: number | null;
  /** Address and port connected to; null if none was. */
  remote: string | null;
  /** Body bytes of the vendor's answer. */
  responseBytes: number;
  /** Microseconds per stage, in the order of `stages`. */
  timings: readonly number[];
  usage: Settlement['usage'];
  /** What became of tokens in the answer; null: the request had none. */
  tokens: Settlement['tokens'] | null;
  /** Secrets found in the answer, by class; null: none. */
  found: Settlement['found'] | null;
  /** Why the gateway ended the answer; null: it did not. */
  reason: string | null;
}

/** The settlement's bytes for the journal. Pure, but for the randomness that it is handed. */
export function formSettlement(input: SettlementInput, random: RandomTexts): Buffer {
  const { status, remote, usage, tokens, found, reason } = input;
  let timings = '';
  for (let index = 0; index < stages.length; index++) {
    timings += `${index === 0 ? '' : ','}${whole(input.timings[index] ?? 0)}`;
  }
  return Buffer.from(
    `{"v":${CROSSING_VERSION},"type":"settlement","crossing":"${input.crossing}","at":${whole(
      input.at,
    )},"outcome":"${input.outcome}","status":${status === null ? 'null' : whole(status)},"remote":${
      remote === null ? 'null' : remoteText(remote)
    },"bytes":{"response":${whole(input.responseBytes)}},"timings":[${timings}],"usage":${
      usage === null ? 'null' : `{"input":${whole(usage.input)},"output":${whole(usage.output)}}`
    }${tokens == null ? '' : `,"tokens":{"restored":${whole(tokens.restored)},"unknown":${whole(tokens.unknown)}}`}${
      found == null ? '' : `,"found":${JSON.stringify(found)}`
    }${reason === null ? '' : `,"reason":${JSON.stringify(reason)}`},"nonce":"${random.token()}"}`,
  );
}
