import { readdirSync, readFileSync } from 'node:fs';
import { compileScanner, type DetectorRule, ScanRuleError } from '@drawbridge/scan';
import { parse } from 'yaml';

interface Written extends Omit<DetectorRule, 'minEntropy'> {
  min_entropy?: number;
}

/** The rules of `packs/detectors`, and how many of them the scanner does not take. */
export function packRules(folder: string): { rules: DetectorRule[]; refused: number } {
  const rules: DetectorRule[] = [];
  let refused = 0;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const { detectors } = parse(readFileSync(`${folder}/${file}`, 'utf8')) as { detectors: Written[] };
    for (const { id, class: cls, forms, keywords, checksum, min_entropy } of detectors) {
      const rule: DetectorRule = {
        id,
        class: cls,
        forms,
        ...(keywords === undefined ? {} : { keywords }),
        ...(checksum === undefined ? {} : { checksum }),
        ...(min_entropy === undefined ? {} : { minEntropy: min_entropy }),
      };
      try {
        compileScanner({ rules: [rule] });
        rules.push(rule);
      } catch (error) {
        if (!(error instanceof ScanRuleError)) throw error;
        refused++;
      }
    }
  }
  return { rules, refused };
}
