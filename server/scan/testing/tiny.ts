import type { Finding, Scanner } from '@drawbridge/scan';
import type { Found, ScanContext, Skipped } from '../found.ts';

const FORM = /TINY-[0-9a-f]{8}/g;

/** A scanner that knows one made-up form, so that what stands around a scanner is tested without one. */
export function tinyScanner(): Scanner {
  const scan = (text: string): Finding[] =>
    [...text.matchAll(FORM)].map((match) => ({
      class: 'secret.api_key',
      confidence: 'certain',
      start: match.index,
      end: match.index + match[0].length,
      detector: 'tiny',
      why: 'form',
    }));
  return {
    scan,
    scanValue: (name, value) => (name === 'tiny' ? scan(value) : []),
    stream() {
      // Holds back as much as a value that is cut may have.
      let passed = 0;
      let held = '';
      const give = (text: string, keep: number) => {
        const whole = held + text;
        const cut = Math.max(0, whole.length - keep);
        const isCut = (finding: Finding): boolean => finding.start < cut && finding.end > cut;
        const border = scan(whole).find(isCut)?.start ?? cut;
        const findings = scan(whole.slice(0, border)).map((one) => ({
          ...one,
          start: one.start + passed,
          end: one.end + passed,
        }));
        held = whole.slice(border);
        passed += border;
        return { text: whole.slice(0, border), findings };
      };
      return {
        push: (text) => give(text, 12),
        end: () => give('', 0),
        get held() {
          return held.length;
        },
      };
    },
  };
}

/** A context that keeps what it is told. */
export function collecting(scanner: Scanner = tinyScanner()): {
  context: ScanContext;
  found: Found[];
  skipped: Skipped[];
} {
  const found: Found[] = [];
  const skipped: Skipped[] = [];
  const context: ScanContext = {
    scanner,
    printKey: null,
    marksOf: null,
    found: (one) => found.push(one),
    skipped: (one) => skipped.push(one),
    read: () => undefined,
  };
  return { context, found, skipped };
}

/** A value of the tiny form. Put together, as scanners of repositories read this file too. */
export const tiny = (digits = '00c0ffee'): string => ['TINY', digits].join('-');
