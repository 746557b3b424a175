import { CROSSING_VERSION, type Settlement, stages } from '@drawbridge/protocol';
import type { Random } from '../record/random.ts';
import { quoted, quotedId, whole } from '../record/text.ts';

export interface SettlementInput {
  /** Id of the crossing that ended. */
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
}

/** The settlement's bytes for the journal. Pure, but for the randomness that it is handed. */
export function formSettlement(input: SettlementInput, random: Random): Buffer {
  const { status, remote, usage } = input;
  const timings = stages.map((_, index) => whole(input.timings[index] ?? 0)).join(',');
  return Buffer.from(
    `{"v":${CROSSING_VERSION},"type":"settlement","crossing":${quotedId(input.crossing)},"at":${whole(
      input.at,
    )},"outcome":"${input.outcome}","status":${status === null ? 'null' : whole(status)},"remote":${
      remote === null ? 'null' : quoted(remote, 80)
    },"bytes":{"response":${whole(input.responseBytes)}},"timings":[${timings}],"usage":${
      usage === null ? 'null' : `{"input":${whole(usage.input)},"output":${whole(usage.output)}}`
    },"nonce":"${random(16).toString('base64url')}"}`,
  );
}
