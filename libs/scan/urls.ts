import { byteKinds, IS_DIGIT, IS_LOWER, IS_SPACE, IS_UPPER, kindIn } from './alphabets.ts';
import { entropy, isPlaceholder, isWordy } from './entropy.ts';
import type { Place } from './place.ts';

/** Name and password before a host are no longer than this. */
const MAX_USER = 512;
/** What ends them. */
const ends = Uint8Array.from(byteKinds, (kind) => ((kind & IS_SPACE) === 0 ? 0 : 1));
for (const one of '/\\"\'`<>?#(){}[]|^') ends[one.charCodeAt(0)] = 1;
const AT = 64;
const COLON = 58;

/** `scheme://user:password@host`: the password; `https://token@host`: the token. */
export function urlCredentials(place: Place): void {
  const { text, bytes } = place;
  let mark = text.indexOf('://', Math.max(0, place.from - MAX_USER - 3));
  for (; mark !== -1 && mark < place.to; mark = text.indexOf('://', mark + 3)) {
    place.work.spend(1);
    if (mark === 0 || (kindIn(bytes, mark - 1) & (IS_LOWER | IS_UPPER | IS_DIGIT)) === 0) continue;
    credentials(place, mark + 3);
  }
}

function credentials(place: Place, from: number): void {
  const { text, bytes } = place;
  const limit = Math.min(text.length, from + MAX_USER);
  let colon = -1;
  let last = -1;
  let at = from;
  for (; at < limit; at++) {
    const code = bytes[at] ?? 0;
    if (ends[code] === 1) break;
    if (code === AT) last = at;
    else if (code === COLON && colon === -1) colon = at;
  }
  place.read(from, at);
  if (last === -1) return;
  if (colon !== -1 && colon < last) {
    if (last - colon < 4 || standsFor(place, colon + 1, last)) return;
    place.add('secret.password', 'likely', colon + 1, last, 'secret.url_password', 'password in a URL');
    return;
  }
  if (last - from < MIN_TOKEN) return;
  const user = text.slice(from, last);
  if (!/^[\w.~+-]+$/.test(user) || !/\d/.test(user)) return;
  if (standsFor(place, from, last) || isWordy(bytes, from, last) || entropy(bytes, from, last) < 3) return;
  place.add('secret.token', 'likely', from, last, 'secret.url_token', 'token in a URL');
}

const MIN_TOKEN = 16;
const STANDS_FOR = /^(?:(?:pass(?:word|wd)?|pwd|secret|token|user(?:name)?|x+|\*+|\.+)$|[$%*:])/i;

const standsFor = ({ text, bytes }: Place, from: number, to: number): boolean =>
  isPlaceholder(bytes, from, to) || STANDS_FOR.test(text.slice(from, to));
