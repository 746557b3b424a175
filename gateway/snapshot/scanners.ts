import { hash, randomBytes } from 'node:crypto';
import type { ScanConfig, TextScan } from '@drawbridge/protocol';
import {
  compileSecretScanner,
  compileTextScanner,
  type Found,
  knownPhrasesOf,
  knownValues,
  type SecretScanner,
  type TextScanner,
} from '../scan/index.ts';
import { SnapshotError } from './errors.ts';

/** The scanners of one snapshot, each compiled when a connection first wants it. */
export interface ScannersOf {
  /** Null where the snapshot does not say what to look for, or nothing is to be looked for. */
  of(level: TextScan): TextScanner | null;
  /** Finds secrets alone; null as above. */
  secrets(): SecretScanner | null;
  /** Finds nothing: for contracts that make tokens of whole values alone. */
  none: TextScanner;
}

const nothing: readonly Found[] = [];
const none: TextScanner = {
  find: () => nothing,
  // biome-ignore lint/correctness/useYield: there is nothing to be looked through
  *steps() {
    return nothing;
  },
  secrets: () => nothing,
};

/** Keeps scanners from one snapshot to the next, with what they remember, as long as they look for the same. */
export class ScannerKeeper {
  readonly #secret = randomBytes(32);
  #current = new Map<string, TextScanner>();
  #next = new Map<string, TextScanner>();
  #secrets: { name: string; scanner: SecretScanner } | null = null;

  /** `canaries`: ids by the SHA-256 of their text in hexadecimal. `of` throws SnapshotError for rules that can't be read. */
  for(
    config: ScanConfig | undefined,
    hashKey: Buffer | null,
    canaries: ReadonlyMap<string, string> | null,
  ): ScannersOf {
    if (config === undefined || hashKey === null) return { none, of: () => null, secrets: () => null };
    const told = JSON.stringify([
      config.rules,
      config.known,
      [...(canaries ?? [])],
      hashKey.toString('hex'),
      config.custom ?? [],
      // Their words are megabytes: each list says by a hash which they are.
      (config.phrases ?? []).map(({ list, class: name, hash: which }) => [list, name, which]),
    ]);
    const name = hash('sha256', told, 'base64');
    return {
      none,
      of: (level) => {
        if (level === 'off') return null;
        const key = `${level} ${name}`;
        const known = this.#next.get(key) ?? this.#current.get(key);
        const scanner = known ?? compiled(config, hashKey, canaries, level, this.#secret);
        this.#next.set(key, scanner);
        return scanner;
      },
      secrets: () => {
        if (this.#secrets?.name !== name) {
          const known = knownValues(config.known, hashKey, canaries);
          // Marks of confidentiality are kept from coming back, as secrets are; other words of ours are not.
          const marks = (config.phrases ?? []).filter(({ class: of }) => of === 'business.marker');
          const scanner = compiling(() =>
            compileSecretScanner(config.rules, known, knownPhrasesOf(marks, hashKey)),
          );
          this.#secrets = { name, scanner };
        }
        return this.#secrets.scanner;
      },
    };
  }

  /** Forgets the scanners that were not asked for since the last call. */
  turn(): void {
    this.#current = this.#next;
    this.#next = new Map();
  }
}

function compiled(
  config: ScanConfig,
  hashKey: Buffer,
  canaries: ReadonlyMap<string, string> | null,
  level: Exclude<TextScan, 'off'>,
  secret: Buffer,
): TextScanner {
  const known = knownValues(config.known, hashKey, canaries);
  // What is asked to be looked through for secrets alone is not changed because of people in it.
  const lists = (config.phrases ?? []).filter(
    ({ class: name }) => level !== 'secrets' || name.startsWith('business.'),
  );
  const custom = (config.custom ?? []).map(({ flags, ...rest }) => ({
    ...rest,
    ...(flags === undefined ? {} : { flags }),
  }));
  return compiling(() => {
    const phrases = knownPhrasesOf(lists, hashKey);
    return compileTextScanner({ rules: config.rules, known, phrases, custom }, level, secret);
  });
}

function compiling<Compiled>(compile: () => Compiled): Compiled {
  try {
    return compile();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.slice(0, 500) : 'unknown';
    throw new SnapshotError(
      'inconsistent',
      `A rule of the scanner can't be read: ${said}`,
      cause,
      'scan.rules',
    );
  }
}
