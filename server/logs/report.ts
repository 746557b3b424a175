import type { FsckReport, OpenedCheckpoint } from '@drawbridge/tlog';

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

/** As one object of JSON. */
export function reportJson(directory: string, report: FsckReport): object {
  const { checkpoint, ...rest } = report;
  return { directory, ...rest, checkpoint: checkpoint === null ? null : checkpointJson(checkpoint) };
}

export function checkpointJson({ checkpoint, cosignatures }: OpenedCheckpoint): object {
  const { origin, size, root } = checkpoint;
  const cosigned = cosignatures.map(({ name, time }) => ({ name, time: timeOf(time) }));
  return { origin, size, root: root.toString('base64'), cosignatures: cosigned };
}

/** For people: what was checked, what is wrong, and what can't be known. */
export function reportLines(directory: string, report: FsckReport): string[] {
  const { ok, checkpoint, checked, stated, problems, more, unknown } = report;
  const count = problems.length + more;
  return [
    ok
      ? `${directory} is in order: every byte was accounted for.`
      : `${directory} does NOT verify: ${count} ${count === 1 ? 'problem' : 'problems'}.`,
    ...(checkpoint === null ? [] : checkpointLines(checkpoint)),
    ...(checkpoint === null
      ? []
      : [
          `  Checked     ${checked.entries} entries in ${checked.bundles} bundles, ${checked.tiles} tiles, ` +
            `${checked.files ?? 'unknown'} files; ${checked.bytes} bytes read`,
        ]),
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
