import type { KeyObject } from 'node:crypto';
import { WRAP_OVERHEAD, wrap } from '@drawbridge/envelope';
import { FRAME_OVERHEAD, frameKinds, markFrame, putFrame } from './frames.ts';
import { payloadContext } from './header.ts';

export interface Bytes {
  entry: Uint8Array;
  payload: Uint8Array | null;
}

/** What is said to a payload in a journal without `sealDataKey`. */
export const WITHOUT_PAYLOADS =
  'This journal takes no payloads: it was opened without "sealDataKey", so nobody could read them.';

/** Bytes that an entry takes on disk. */
export function frameBytes({ entry, payload }: Bytes): number {
  const own = FRAME_OVERHEAD + entry.length;
  return payload ? own + FRAME_OVERHEAD + payload.length + WRAP_OVERHEAD : own;
}

/**
 * A segment's data key with a counter for nonces: the key never leaves this process and no nonce is used twice, also
 * when an entry is written again after a failure.
 */
export class PayloadSealer {
  readonly #key: KeyObject;
  readonly #origin: string;
  readonly #nonce = Buffer.alloc(12);
  #used = 0;
  constructor(key: KeyObject, origin: string) {
    this.#key = key;
    this.#origin = origin;
  }

  seal(index: number, payload: Uint8Array): Buffer {
    this.#nonce.writeUIntBE(++this.#used, 6, 6);
    return wrap(this.#key, payload, payloadContext(this.#origin, index), this.#nonce);
  }
}

/** The frames of a batch whose first entry gets index `first`, led by a mark unless it is its segment's first batch. */
export function encodeBatch(
  sealer: PayloadSealer | null,
  first: number,
  lead: Uint8Array | null,
  batch: readonly Bytes[],
): Buffer {
  const head = lead ?? markFrame(first);
  const size = batch.reduce((sum, bytes) => sum + frameBytes(bytes), head.length);
  const out = Buffer.allocUnsafe(size);
  out.set(head, 0);
  let at = head.length;
  let index = first;
  for (const { entry, payload } of batch) {
    if (payload) {
      if (!sealer) throw new TypeError(WITHOUT_PAYLOADS);
      at = putFrame(out, at, frameKinds.entryWithPayload, entry);
      at = putFrame(out, at, frameKinds.payload, sealer.seal(index, payload));
    } else {
      at = putFrame(out, at, frameKinds.entry, entry);
    }
    index++;
  }
  return out;
}
