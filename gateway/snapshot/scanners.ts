import { hash, randomBytes } from 'node:crypto';
import type { ScanConfig, TextScan } from '@drawbridge/protocol';
import type { Scanner } from '@drawbridge/scan';
import {
  compileSecretScanner,
  compileTextScanner,
  type Found,
  knownValues,
  type TextScanner,
} from '../scan/index.ts';
import { SnapshotError } from './errors.ts';

/** The scanners of one snapshot, each compiled when a connection first wants it. */
export interface ScannersOf {
  /** Null where the snapshot does not say what to look for, or nothing is to be looked for. */
  of(level: TextScan): TextScanner | null;
  /** Finds secrets alone; null as above. */
  secrets(): Scanner | null;
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
  #secrets: { name: string; scanner: Scanner } | null = null;

  /** `canaries`: ids by the SHA-256 of their text in hexadecimal. `of` throws SnapshotError for rules that can't be read. */
  for(
    config: ScanConfig | undefined,
    hashKey: Buffer | null,
    canaries: ReadonlyMap<string, string> | null,
  ): ScannersOf {
    if (config === undefined || hashKey === null) return { none, of: () => null, secrets: () => null };
    const told = JSON.stringify([config.rules, config.known, [...(canaries ?? [])], hashKey.toString('hex')]);
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
          this.#secrets = { name, scanner: compiling(() => compileSecretScanner(config.rules, known)) };
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
  return compiling(() => compileTextScanner(config.rules, known, level, secret));
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
