import { emptyRow, plain, webUrl } from './columns.ts';
import type { Cell, ListRow } from './read.ts';

const LONGEST_NAME = 120;

/**
 * One line of a list as a row: "Name (place): what for", "Name – what for". Null where it begins with no name: a sentence, or
 * nothing. A line is read up to 2,000 characters.
 */
export function itemOf({ text, url }: Cell): ListRow | null {
  const line = plain(text.slice(0, 2_000));
  const cut = /:\s|\s[-–—]\s|\t/.exec(line);
  const head = cut === null ? line : line.slice(0, cut.index);
  const rest = cut === null ? '' : line.slice(cut.index + cut[0].length);
  const open = head.lastIndexOf('(');
  const place = open > 0 && head.endsWith(')') ? head.slice(open + 1, -1) : '';
  const name = (place === '' ? head : head.slice(0, open)).trim();
  if (name === '' || name.length > LONGEST_NAME || isSentence(name)) return null;
  return { ...emptyRow(), name, purpose: rest, location: place, url: webUrl(url) };
}

/** "Acme Inc." ends with a full stop too; a sentence has more words. */
const isSentence = (text: string): boolean => /[.!?]$/.test(text) && text.split(' ').length > 5;
