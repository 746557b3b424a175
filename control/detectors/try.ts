import { type DetectorRule, phraseHasher, phraseTable } from '@drawbridge/protocol';
import {
  AskedValues,
  compileScanner,
  type Finding,
  type DetectorRule as FormRule,
  type KnownValue,
  type Scanner,
} from '@drawbridge/scan';
import type { OwnScan, Trying } from './trying.ts';

/**
 * Finds in a text what gateways would find: by shipped detectors, own patterns, lists and registered secrets. Keeps
 * nothing of it. Credentials of connections are compared in gateways only. Throws ScanBudgetError.
 */
export function textTrier(
  rules: readonly DetectorRule[],
  trying: () => Promise<Trying>,
): (text: string) => Promise<Finding[]> {
  let kept: { name: string; scanner: Scanner } | null = null;
  /** What the scanner asks just now: a scan waits for nothing, so there is one at a time. */
  let asked = new AskedValues([], new Map());

  function scannerOf(own: OwnScan): Scanner {
    if (kept?.name === own.name) return kept.scanner;
    const { custom, phrases, phraseKey, lengths } = own;
    const scanner = compileScanner({
      rules: rules.map(formRule),
      custom: custom.map(({ flags, ...rest }) => ({ ...rest, ...(flags === undefined ? {} : { flags }) })),
      phrases: phraseKey === null ? null : phraseTable(phrases, phraseHasher(phraseKey)),
      known:
        lengths.length === 0
          ? null
          : { lengths: new Set(lengths), around: false, lookup: (run) => asked.lookup(run) },
      personal: 'all',
    });
    kept = { name: own.name, scanner };
    return scanner;
  }

  return async (text) => {
    const { own, attempt } = await trying();
    const scanner = scannerOf(own);
    const { findings } = await attempt((told: ReadonlyMap<string, KnownValue>) => {
      asked = new AskedValues(own.lengths, told);
      return { findings: scanner.scan(text), asked: [...asked.runs] };
    });
    return findings;
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
