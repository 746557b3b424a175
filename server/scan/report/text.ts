import type { Found, Skipped } from '../found.ts';
import type { Detector } from '../pack.ts';

const MOST_SHOWN = 4;

/** For people: a line for each finding, then what was not scanned, then the sums. No value is shown. */
export function textReport(
  found: readonly Found[],
  skipped: readonly Skipped[],
  detectors: readonly Detector[],
  sums: readonly string[],
): string {
  const known = new Map(detectors.map((detector) => [detector.id, detector]));
  const lines = found.map((one) => {
    const detector = known.get(one.detector);
    const what =
      detector === undefined ? one.detector : `${one.detector}, ${detector.vendor}: ${detector.name}`;
    const begins = detector === undefined ? '' : ` ${publicPrefix(detector.forms)}…`;
    const place = `${printable(one.path)}:${one.start.line}:${one.start.column}`;
    return `${place}: ${one.class}${begins} (${what}; ${one.confidence}: ${one.why})`;
  });
  const revoke = new Set(found.flatMap(({ detector }) => known.get(detector)?.revoke ?? []));
  if (revoke.size > 0)
    lines.push('', 'Where such keys are taken back:', ...[...revoke].sort().map((url) => `  ${url}`));
  lines.push(...skippedLines(skipped), '', ...sums);
  return `${lines.join('\n').replace(/^\n/, '')}\n`;
}

/** What all values of a detector begin with, of which at most four characters are shown: no part of any secret. */
function publicPrefix(forms: readonly string[]): string {
  const starts = forms.map((form) => /^[^{]*/.exec(form)?.[0] ?? '');
  let prefix = starts[0] ?? '';
  while (!starts.every((start) => start.startsWith(prefix))) prefix = prefix.slice(0, -1);
  return prefix.slice(0, MOST_SHOWN);
}

const NAMED = 20;

/** What should have been scanned is named; the rest is counted by reason. */
export function skippedLines(skipped: readonly Skipped[]): string[] {
  const troubles = skipped.filter(({ trouble }) => trouble);
  const counts = new Map<string, number>();
  for (const { reason, trouble } of skipped) if (!trouble) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const lines: string[] = [];
  if (troubles.length > 0) {
    lines.push('', 'Could not be scanned:');
    lines.push(
      ...troubles.slice(0, NAMED).map(({ path, reason }) => `  ${printable(path)}: ${printable(reason)}`),
    );
    if (troubles.length > NAMED) lines.push(`  and ${troubles.length - NAMED} more`);
  }
  if (counts.size > 0) {
    const said = [...counts].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} ${reason}`);
    lines.push('', `Left out: ${said.join(', ')}`);
  }
  return lines;
}

/** Names of files are other people's text: nothing in them may move a terminal's cursor. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
