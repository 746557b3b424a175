/** Puts back, chunk by chunk, what was replaced on the way out. Must give every byte on that it need not hold back. */
export type Restore = (chunk: Buffer) => Buffer;

/** Treatments so far can't be reversed: answers pass as they come, byte for byte. */
export const passThrough: Restore = (chunk) => chunk;
