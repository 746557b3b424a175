import { type DetectorRule, phraseTable } from '@drawbridge/protocol';
import {
  compileScanner,
  type Finding,
  type DetectorRule as FormRule,
  type KnownValue,
  type KnownValues,
  type Scanner,
} from '@drawbridge/scan';
import type { Platform, Tx } from '../platform/index.ts';
import type { Registered } from './registered.ts';
import type { Sealing } from './sealing.ts';
import type { OwnDetectors } from './snapshot.ts';

interface TryDeps {
  platform: Platform;
  rules: readonly DetectorRule[];
  sealing: () => Promise<Sealing>;
  read: (tx: Tx) => Promise<OwnDetectors>;
  registered: Pick<Registered, 'hashOf'>;
}

/** Runs of one text that are compared with registered secrets; more are not. */
const MOST_RUNS = 512;

/**
 * Finds in a text what gateways would find: by shipped detectors, own patterns, lists and registered secrets. Keeps
 * nothing of it. Credentials of connections are compared in gateways only. Throws ScanBudgetError.
 */
export function textTrier(deps: TryDeps): (text: string) => Promise<Finding[]> {
  const { platform, rules, sealing, read, registered } = deps;
  let kept: { name: string; scanner: Scanner } | null = null;
  /** What was asked for in this scan, with its answer where that is known. */
  let asked = new Map<string, KnownValue | null>();

  async function scannerOf(own: OwnDetectors): Promise<Scanner> {
    const lists = own.phrases.map(({ list, class: of, hash }) => [list, of, hash]);
    const name = JSON.stringify([own.custom, lists, own.known]);
    if (kept?.name === name) return kept.scanner;
    const { hasher } = await sealing();
    const scanner = compileScanner({
      rules: rules.map(formRule),
      custom: own.custom.map(({ flags, ...rest }) => ({
        ...rest,
        ...(flags === undefined ? {} : { flags }),
      })),
      phrases: own.phrases.length === 0 ? null : phraseTable(own.phrases, hasher),
      known: knownOf(own),
      personal: 'all',
    });
    kept = { name, scanner };
    return scanner;
  }

  function knownOf({ known }: OwnDetectors): KnownValues | null {
    if (known.length === 0) return null;
    return {
      lengths: new Set(known.map(({ length }) => length)),
      around: false,
      lookup(run) {
        const found = asked.get(run);
        if (found === undefined && asked.size < MOST_RUNS) asked.set(run, null);
        return found ?? null;
      },
    };
  }

  return async (text) => {
    const own = await platform.db.transaction().execute((tx) => read(tx));
    const scanner = await scannerOf(own);
    // Hashes are made in the vault, which no scan waits for: the first one only says which runs to ask about.
    const runs = new Map<string, KnownValue | null>();
    asked = runs;
    const first = scanner.scan(text);
    if (runs.size === 0) return first;
    const byHash = new Map(own.known.map(({ id, class: name, hash }) => [hash, { id, class: name }]));
    await Promise.all(
      [...runs.keys()].map(async (run) =>
        runs.set(run, byHash.get((await registered.hashOf(run)).toString('base64url')) ?? null),
      ),
    );
    asked = runs;
    return scanner.scan(text);
  };
}

function formRule({ min_entropy, keywords, checksum, ...rule }: DetectorRule): FormRule {
  return {
    ...rule,
    ...(keywords === undefined ? {} : { keywords }),
    ...(checksum === undefined ? {} : { checksum }),
    ...(min_entropy === undefined ? {} : { minEntropy: min_entropy }),
  };
}
