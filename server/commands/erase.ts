import { text } from 'node:stream/consumers';
import type { Erasure, ErasurePreview } from '@drawbridge/control';
import { ConfigError, type ConfigFlags, readConfig } from '../config.ts';
import { callRunning, type RunningNote, readRunningNote } from '../running.ts';

export interface EraseOptions {
  subject?: string;
  request?: string;
  kind?: string;
  only?: boolean;
  reason?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** Whom a command is about, as the API takes it. `-` reads the subject from standard input. Throws ConfigError. */
export async function askedSubject(options: { subject: string; kind?: string; only?: boolean }) {
  const { kind, only = false } = options;
  if (kind !== undefined && !['user', 'email', 'device', 'group'].includes(kind)) {
    throw new ConfigError('--kind', `"${kind}" is no kind of identifier`, 'user, email, device or group');
  }
  const subject = options.subject === '-' ? (await text(process.stdin)).trim() : options.subject;
  return { subject, only, ...(kind === undefined ? {} : { kind }) };
}

/**
 * `drawbridge erase`: shows whom it is about and what would go; then, unless it is a dry run, erases, and says what
 * persists.
 */
export async function eraseCommand(flags: ConfigFlags, options: EraseOptions): Promise<void> {
  const { request, reason, dryRun = false, json = false } = options;
  if ((options.subject === undefined) === (request === undefined)) {
    throw new ConfigError('--subject', 'give it, or --request, and not both', '--subject user-42');
  }
  if (!dryRun && reason === undefined) {
    throw new ConfigError('--reason', 'is missing: it is recorded', '--reason "asked for by letter"');
  }
  const config = readConfig(process.env, flags);
  const note = await readRunningNote(config.dataDir, config.keysDir);
  if (request !== undefined) {
    if (dryRun) throw new ConfigError('--dry-run', 'is for --subject', '--subject user-42 --dry-run');
    const done = await callRunning<Erasure>(
      note,
      'POST',
      `/erasures/${encodeURIComponent(request)}/carry-out`,
      { reason },
    );
    process.stdout.write(json ? `${JSON.stringify(done)}\n` : doneText(done));
    return;
  }
  await eraseSubject(note, { ...options, subject: options.subject ?? '', dryRun, json });
}

async function eraseSubject(
  note: RunningNote,
  options: EraseOptions & { subject: string; dryRun: boolean; json: boolean },
): Promise<void> {
  const asked = await askedSubject(options);
  const preview = await callRunning<ErasurePreview>(note, 'POST', '/erasures/preview', asked);
  if (options.dryRun) {
    process.stdout.write(options.json ? `${JSON.stringify(preview)}\n` : previewText(preview));
    return;
  }
  process.stderr.write(subjectsText(preview));
  const done = await callRunning<Erasure>(note, 'POST', '/erasures', { ...asked, reason: options.reason });
  process.stdout.write(options.json ? `${JSON.stringify(done)}\n` : doneText(done));
}

type Report = NonNullable<Erasure['report']>;

function subjectsText({ subjects, shared, counts }: ErasurePreview): string {
  const line = ({ pseudonym, about, kind }: ErasurePreview['subjects'][number]) =>
    `  ${pseudonym}  ${kind ?? (about === 'organisation' ? 'group' : 'seen beside others only')}\n`;
  const isUnknown = counts.items + counts.remainders === 0;
  return [
    ...(isUnknown
      ? [
          'Nothing that is recorded here names it. Is it written as apps send it? Erasing records that it was asked for.\n',
        ]
      : []),
    'These go together, by their pseudonyms in the ledger:\n',
    ...subjects.map(line),
    ...(shared.length === 0
      ? []
      : ['Seen beside them and beside others too, so it stays (erase it by itself if it is to go):\n']),
    ...shared.map(line),
  ].join('');
}

function previewText(preview: ErasurePreview): string {
  const held =
    preview.holds.length === 0 ? '' : `Legal holds stand against it: ${preview.holds.join(', ')}.\n`;
  return `${subjectsText(preview)}${held}Nothing was erased. It would be:\n${reportText(preview)}`;
}

function doneText(done: Erasure): string {
  return `Erased, recorded as ${done.id}.\n${done.report === null ? '' : reportText(done.report)}`;
}

function reportText({ counts, vendors, persists }: Report): string {
  return [
    `  ${counts.items} payload items in ${counts.crossings} crossings, and the name in ${counts.remainders} items of others.\n`,
    'What vendors got, to ask them to delete it:\n',
    ...(vendors.length === 0 ? ['  none is listed; below is said why\n'] : []),
    ...vendors.map(
      (one) =>
        `  ${one.vendor}, connection ${one.connection.name}: ${one.class} (${one.treatment}) in ${one.crossings} crossings, ${one.firstSeenAt.slice(0, 10)} to ${one.lastSeenAt.slice(0, 10)}\n`,
    ),
    'What persists, and why:\n',
    ...persists.map(({ text: why, until }) => `  - ${why}${until === null ? '' : ` Until ${until}.`}\n`),
  ].join('');
}
