import { AuthenticityError } from './error.ts';

/** Each line costs its reader time and memory, far more than its bytes: a megabyte of line feeds costs it seconds. */
const MOST_LINES = 1_200_000;
/** Attachments are sent in long lines (76 bytes, RFC 2045): 25 MB of them are fewer than the lines allowed; text of people has short ones. */
const SHORT = 60;
const MOST_SHORT_LINES = 50_000;

/** Throws AuthenticityError `too_large` where it has more lines than are read. */
export function expectLines(raw: Uint8Array): void {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  let lines = 0;
  let short = 0;
  for (let from = 0, at = bytes.indexOf(10); at >= 0; from = at + 1, at = bytes.indexOf(10, from)) {
    lines++;
    if (at - from < SHORT) short++;
    if (lines > MOST_LINES || short > MOST_SHORT_LINES)
      throw new AuthenticityError(
        'too_large',
        `It has more lines than are read: at most ${MOST_LINES}, and ${MOST_SHORT_LINES} of less than ${SHORT} bytes.`,
      );
  }
}
