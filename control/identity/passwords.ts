import { hash as argonHash, verify as argonVerify, type Options } from '@node-rs/argon2';
import { invalid, Problem } from '../platform/index.ts';
import { commonPasswords } from './common-passwords.ts';

/** argon2id with 19 MiB, two passes, one lane: OWASP's Password Storage Cheat Sheet. The algorithm is the library's default. */
const parameters: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** What turns a password into what is kept, so that tests can count how often. */
export interface Hashing {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}
const argon2id: Hashing = {
  hash: (password) => argonHash(password, parameters),
  verify: (hash, password) => argonVerify(hash, password),
};

/** A hash takes a core and 19 MiB for tens of milliseconds: whoever reaches the port must not have them all. */
const AT_ONCE = 2;
const WAITING = 32;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** Whether it is this one. With no hash to compare with it takes as long, and is wrong. */
  verify(hash: string | null, password: string): Promise<boolean>;
}

/** Throws a Problem 503 `busy` where too many passwords wait to be looked at. */
export function createPasswords(hashing: Hashing = argon2id): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];
  let nobody: Promise<string> | null = null;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= AT_ONCE) {
      if (waiting.length >= WAITING)
        throw new Problem(503, 'busy', 'Too many sign-ins at once. Try again in a few seconds.');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Whose turn it is takes over the place of who is done.
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    hash: (password) => inTurn(() => hashing.hash(password.normalize('NFKC'))),
    async verify(hash, password) {
      nobody ??= hashing.hash('the password of nobody');
      const against = hash ?? (await nobody);
      const isRight = await inTurn(() => hashing.verify(against, password.normalize('NFKC')));
      return hash !== null && isRight;
    },
  };
}

const SHORTEST = 12;
/** Longer ones only cost time. */
export const LONGEST_PASSWORD = 200;
const FEWEST_CHARACTERS = 5;

/** What everybody knows of who sets a password. */
interface Known {
  name: string;
  email: string | null;
  /** What the deployment is called. */
  organisation: string;
}

/** Words that are in everybody's mind here, and those that stand in the most common passwords. */
const OWN_WORDS = ['drawbridge', 'password', 'passwort', 'welcome', 'qwerty', 'letmein', 'iloveyou'];

/**
 * Throws a Problem that names `password` for one that is guessed first: too short, of few characters, common, or made of what
 * everybody knows of its owner. No kinds of characters are asked for (NIST SP 800-63B-4 §3.1.1.2).
 */
export function expectGoodPassword(password: string, { name, email, organisation }: Known): void {
  const plain = password.normalize('NFKC').toLowerCase();
  if ([...plain].length < SHORTEST)
    throw invalid('password', `has fewer than ${SHORTEST} characters; a few words in a row are a good one`);
  if (new Set(plain).size < FEWEST_CHARACTERS || isRow(plain))
    throw invalid('password', 'is a repetition or a row, which is tried first; take a few words instead');
  if (isCommon(plain))
    throw invalid('password', 'is one that many people took, which is tried first; take a few words instead');
  const known = [
    ...name.toLowerCase().split(/\s+/),
    ...(email ?? '').toLowerCase().split(/[@.+_-]/),
    ...organisation.toLowerCase().split(/\s+/),
  ];
  const left = [...known, ...OWN_WORDS]
    .filter((word) => word.length > 2)
    .sort((one, other) => other.length - one.length)
    .reduce((text, word) => text.replaceAll(word, ''), plain)
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
  if (new Set(left).size < FEWEST_CHARACTERS || isRow(left))
    throw invalid('password', 'is made of your name or of words that are tried first; take a few others');
}

const LIKE: Readonly<Record<string, string>> = {
  ...{ '0': 'o', '1': 'i', '3': 'e', '4': 'a', '5': 's', '7': 't', '@': 'a', $: 's', '!': 'i' },
};

/**
 * Whether it is a common one, or one or two of them with figures and signs around: where programs that guess begin. Also
 * where figures stand for letters.
 */
function isCommon(plain: string): boolean {
  const letters = [...plain].map((character) => LIKE[character] ?? character).join('');
  return [plain, letters].some((text) => {
    if (commonPasswords.has(text)) return true;
    const core = text.replaceAll(/[^\p{L}\p{N}]/gu, '').replaceAll(/^\p{N}+|\p{N}+$/gu, '');
    if (commonPasswords.has(core)) return true;
    return Array.from(core, (_, at) => at).some(
      (at) => commonPasswords.has(core.slice(0, at)) && commonPasswords.has(core.slice(at)),
    );
  });
}

/** Characters that follow each other, up or down, all the way: 123456789012. */
function isRow(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  const steps = new Set(codes.slice(1).map((code, at) => (code - (codes[at] ?? 0) + 10) % 10));
  return steps.size === 1;
}
