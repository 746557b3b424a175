/** What a message is handed in as. */
export const messageTypes = [
  'message/rfc822',
  'application/vnd.ms-outlook',
  'text/plain',
  'image/png',
  'image/jpeg',
  'image/webp',
] as const;
export type MessageType = (typeof messageTypes)[number];

/** Bytes that one message may have. */
export const MOST_BYTES = 25 * 1024 * 1024;

const byEnding: Readonly<Record<string, MessageType>> = {
  eml: 'message/rfc822',
  msg: 'application/vnd.ms-outlook',
  txt: 'text/plain',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
};

/** As what a file is handed in, by its ending, else by what the browser says of it; null: as nothing that is taken. */
export function typeOfFile({ name, type }: { name: string; type: string }): MessageType | null {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return byEnding[ending] ?? messageTypes.find((one) => one === type) ?? null;
}

/** Head lines that a mail has and a text that somebody pastes hardly begins with. */
const telling =
  /^(?:received|dkim-signature|message-id|mime-version|return-path|delivered-to|date|from|to|subject):/i;
const enough = 3;
/** Of a pasted text this many characters are looked at. */
const looked = 20_000;

/**
 * Whether a pasted text is a whole mail with its head, as "show original" gives it: it begins with lines of a head of
 * which at least three are telling. Anything else is text alone.
 */
export function typeOfText(text: string): 'message/rfc822' | 'text/plain' {
  let found = 0;
  for (const line of text.slice(0, looked).trimStart().split(/\r?\n/)) {
    if (line === '') break;
    if (telling.test(line)) found += 1;
    else if (!/^[ \t]|^[!-9;-~]+:/.test(line)) return 'text/plain';
  }
  return found >= enough ? 'message/rfc822' : 'text/plain';
}
