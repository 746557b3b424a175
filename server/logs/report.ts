import type { FsckReport, OpenedCheckpoint, ProblemCode } from '@drawbridge/tlog';
import type { ComparedEarlier } from './earlier.ts';

/** Text that came out of a log, for a terminal: nothing in it moves the cursor or turns the line around. */
export function plain(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`,
  );
}

export function timeOf(seconds: number): string {
  // A witness may have written any number.
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime()) ? `second ${seconds}` : date.toISOString().replace('.000Z', 'Z');
}

/** What could not be looked at, which says nothing about the log. */
const unlookedAt: ReadonlySet<ProblemCode> = new Set(['unreadable', 'gave_up']);

/** 0: every byte was accounted for. 1: something does not verify. 2: nothing of that, and not all could be read. */
export function exitCodeOf({ ok, problems, more }: FsckReport): 0 | 1 | 2 {
  if (ok) return 0;
  return more === 0 && problems.every(({ code }) => unlookedAt.has(code)) ? 2 : 1;
}

/** As one object of JSON. */
export function reportJson(
  directory: string,
  report: FsckReport,
  earlier: readonly ComparedEarlier[],
): object {
  const { checkpoint, ...rest } = report;
  return { directory, ...rest, earlier, checkpoint: checkpoint === null ? null : checkpointJson(checkpoint) };
}

export function checkpointJson({ checkpoint, cosignatures }: OpenedCheckpoint): object {
  const { origin, size, root } = checkpoint;
  const cosigned = cosignatures.map(({ name, time }) => ({ name, time: timeOf(time) }));
  return { origin, size, root: root.toString('base64'), cosignatures: cosigned };
}

/** For people: what was checked, what is wrong, and what can't be known. */
export function reportLines(
  directory: string,
  report: FsckReport,
  earlier: readonly ComparedEarlier[],
): string[] {
  const { ok, checkpoint, checked, stated, problems, more, unknown } = report;
  const count = problems.length + more;
  const how = exitCodeOf(report) === 2 ? 'could not be checked' : 'does NOT verify';
  return [
    ok
      ? `${directory} is in order: every byte was accounted for.`
      : `${directory} ${how}: ${count} ${count === 1 ? 'problem' : 'problems'}.`,
    ...(checkpoint === null ? [] : checkpointLines(checkpoint)),
    ...(checkpoint === null
      ? []
      : [
          `  Checked     ${checked.entries} entries in ${checked.bundles} bundles, ${checked.tiles} tiles, ` +
            `${checked.files ?? 'unknown'} files; ${checked.bytes} bytes read`,
        ]),
    ...earlier
      .filter(({ isBeginning }) => isBeginning)
      .map(({ file, size }) => `  Earlier     ${plain(file)}: still begins with its ${size} entries`),
    ...(stated === null
      ? []
      : [`  Pruning     its holder says, unsigned: below ${stated.minimumIndex}: ${plain(stated.policy)}`]),
    ...problems.map(({ code, message }) => `  Problem     ${code}: ${plain(message)}`),
    ...(more > 0 ? [`  Problem     and ${more} more`] : []),
    ...unknown.map((sentence) => `  Not known   ${sentence}`),
  ];
}

export function checkpointLines({ checkpoint, cosignatures }: OpenedCheckpoint): string[] {
  const { origin, size, root } = checkpoint;
  return [
    `  Log         ${plain(origin)}`,
    `  Checkpoint  ${size} entries, root ${root.toString('base64')}`,
    ...cosignatures.map(({ name, time }) => `  Cosigned    ${plain(name)} at ${timeOf(time)}`),
  ];
}
