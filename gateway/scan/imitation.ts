import { looksLikeToken } from '@drawbridge/tokens';

const OPENS = '[[';
/** Longer than any token. */
const WINDOW = 40;

/**
 * How many texts in the form of a token (`[[EMAIL_…]]`) stand in a text. They stand for nothing: an answer's tokens are put
 * back only where this request issued them.
 */
export function countImitations(text: string): number {
  let count = 0;
  for (let at = text.indexOf(OPENS); at !== -1; at = text.indexOf(OPENS, at + 1)) {
    // In `[[[PERSON_…` the last two open it.
    if (text.charCodeAt(at + 2) === 0x5b) continue;
    const near = text.slice(at, at + WINDOW);
    const end = near.indexOf(']]');
    if (end !== -1 && looksLikeToken(near.slice(0, end + 2))) count++;
  }
  return count;
}
