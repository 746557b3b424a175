import type { Settlement } from '@drawbridge/protocol';

export type Usage = NonNullable<Settlement['usage']>;

/** Answers longer than this many bytes are not searched for their usage. */
export const USAGE_LIMIT = 65_536;

/** The last object of that name: the numbers stand at the end of an answer, behind whatever text a model wrote. */
const MARK = Buffer.from('"usage"');
/** The same in Google's words. */
const GOOGLE_MARK = Buffer.from('"usageMetadata"');
/** How far behind the mark the numbers may stand. */
const WINDOW = 1024;
const INPUT = /"(?:prompt_tokens|input_tokens|promptTokenCount)"\s*:\s*(\d{1,12})/;
const OUTPUT = /"(?:completion_tokens|output_tokens|candidatesTokenCount)"\s*:\s*(\d{1,12})/;

/**
 * Tokens that an AI vendor says it counted, from the raw bytes of a whole JSON answer; null where there are none.
 * A reading for meters, not for decisions: a vendor could write anything here.
 */
export function readUsage(body: Buffer): Usage | null {
  const found = body.lastIndexOf(MARK);
  const at = found < 0 ? body.lastIndexOf(GOOGLE_MARK) : found;
  if (at < 0) return null;
  const text = body.toString('latin1', at, at + WINDOW);
  const input = INPUT.exec(text)?.[1];
  if (input === undefined) return null;
  return { input: Number(input), output: Number(OUTPUT.exec(text)?.[1] ?? 0) };
}
