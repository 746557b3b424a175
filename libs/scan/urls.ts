import { IS_DIGIT, IS_LOWER, IS_SPACE, IS_UPPER, kinds } from './alphabets.ts';
import { entropy, isPlaceholder, isWordy } from './entropy.ts';
import type { Place } from './place.ts';

/** Name and password before a host are no longer than this. */
const MAX_USER = 512;
const ENDS = new Set([...'/\\"\'`<>?#(){}[]|^'].map((one) => one.charCodeAt(0)));
const AT = 64;
const COLON = 58;

/** `scheme://user:password@host`: the password; `https://token@host`: the token. */
export function urlCredentials(place: Place): void {
  const { text } = place;
  let mark = text.indexOf('://', Math.max(0, place.from - MAX_USER - 3));
  for (; mark !== -1 && mark < place.to; mark = text.indexOf('://', mark + 3)) {
    place.work.spend(1);
    const before = kinds[text.charCodeAt(mark - 1)] ?? 0;
    if (mark === 0 || (before & (IS_LOWER | IS_UPPER | IS_DIGIT)) === 0) continue;
    credentials(place, mark + 3);
  }
}

function credentials(place: Place, from: number): void {
  const { text } = place;
  const limit = Math.min(text.length, from + MAX_USER);
  let colon = -1;
  let last = -1;
  let at = from;
  for (; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (((kinds[code] ?? 0) & IS_SPACE) !== 0 || ENDS.has(code)) break;
    if (code === AT) last = at;
    else if (code === COLON && colon === -1) colon = at;
  }
  place.work.spend(at - from);
  if (last === -1) return;
  if (colon !== -1 && colon < last) {
    const password = text.slice(colon + 1, last);
    if (password.length < 3 || standsFor(password)) return;
    place.add('secret.password', 'likely', colon + 1, last, 'secret.url_password', 'password in a URL');
    return;
  }
  const user = text.slice(from, last);
  if (user.length < MIN_TOKEN || !/^[\w.~+-]+$/.test(user) || !/\d/.test(user)) return;
  if (standsFor(user) || isWordy(user) || entropy(user, 0, user.length) < 3) return;
  place.add('secret.token', 'likely', from, last, 'secret.url_token', 'token in a URL');
}

const MIN_TOKEN = 16;

const standsFor = (value: string): boolean =>
  isPlaceholder(value) ||
  /^(?:pass(?:word|wd)?|pwd|secret|token|user(?:name)?|x+|\*+|\.+)$/i.test(value) ||
  /^[$%*:]/.test(value);
