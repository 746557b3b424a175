import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type ConfigFlags, readConfig } from '../config.ts';
import { fileOrFolder } from '../imports/radar-folder.ts';
import { callRunning, type RunningNote, readRunningNote } from '../running.ts';
import { ScanError } from '../scan/errors.ts';

export interface ImportFlags {
  release?: string;
  asOf?: string;
  vendor?: string;
  enter?: boolean;
  preview?: boolean;
  reason: string;
  json?: boolean;
}

interface Source {
  source: string;
  label: string;
  vendors: number;
  domains: number;
  answers: number;
  left: { what: string; count: number }[];
}
interface Taken {
  import: Source;
  isNew: boolean;
  counts: { new: number; changed: number; gone: number; same: number };
}
interface Entered {
  counts: { new: number; changed: number; same: number };
  unread: string[];
}

const sources: ReadonlyMap<string, string> = new Map([
  ['tracker-radar', 'tracker_radar'],
  ['trackerdb', 'trackerdb'],
  ['probo', 'probo'],
  ['gvl', 'gvl'],
  ['caiq', 'caiq'],
]);
const registerFormats: ReadonlySet<string> = new Set(['csv', 'json', 'probo']);

const running = (flags: ConfigFlags): Promise<RunningNote> => {
  const { dataDir, keysDir } = readConfig(process.env, flags);
  return readRunningNote(dataDir, keysDir);
};

/** `drawbridge vendors import`: what others say of vendors, or vendors into the register. Throws ScanError. */
export async function importVendorsCommand(
  flags: ConfigFlags,
  kind: string,
  path: string,
  options: ImportFlags,
): Promise<void> {
  const source = sources.get(kind);
  const isRegister = registerFormats.has(kind) && (source === undefined || options.enter === true);
  if (source === undefined && !isRegister) {
    throw new ScanError('bad_option', `${kind}: is none of ${[...sources.keys()].join(', ')}, csv, json`);
  }
  if (kind === 'caiq' && options.vendor === undefined) {
    throw new ScanError('bad_option', 'caiq: say with --vendor who answered');
  }
  const note = await running(flags);
  const done = isRegister
    ? await enter(note, kind, path, options)
    : await take(note, kind === 'caiq' ? `caiq:${options.vendor}` : String(source), path, options);
  process.stdout.write(options.json ? `${JSON.stringify(done)}\n` : `${textOf(done, options)}\n`);
}

async function take(note: RunningNote, source: string, path: string, options: ImportFlags): Promise<Taken> {
  const { release: version, asOf, preview = false, reason } = options;
  const query = new URLSearchParams({
    file: basename(path),
    preview: String(preview),
    ...(version === undefined ? {} : { version }),
    ...(asOf === undefined ? {} : { asOf }),
  });
  const content = source === 'tracker_radar' ? await fileOrFolder(path) : await readFile(path);
  const address = `/vendor-imports/${encodeURIComponent(source)}?${query}`;
  return callRunning<Taken>(note, 'PUT', address, content, reason);
}

async function enter(
  note: RunningNote,
  format: string,
  path: string,
  options: ImportFlags,
): Promise<Entered> {
  const { asOf = new Date().toISOString().slice(0, 10), preview = false, reason } = options;
  const content = await readFile(path, 'utf8');
  const given = { format, content, source: basename(path), asOf, preview, reason };
  return callRunning<Entered>(note, 'POST', '/register/imports', given);
}

function textOf(done: Taken | Entered, { preview }: ImportFlags): string {
  const { counts } = done;
  const gone = 'gone' in counts ? `, ${counts.gone} gone` : '';
  const what = `${counts.new} new, ${counts.changed} changed${gone}, ${counts.same} as before`;
  const would = preview ? 'It would be: ' : '';
  if (!('import' in done)) {
    const unread = done.unread.length === 0 ? '' : `\nNothing is made of: ${done.unread.join(', ')}`;
    return `${would}${what}.${unread}`;
  }
  const { label, left } = done.import;
  const rest = left.map(({ what: of, count }) => `\nLeft out: ${count} ${of}`).join('');
  return `${label}\n${would}${done.isNew ? what : 'it is what is there already'}.${rest}`;
}

/** `drawbridge vendors imports`: what was taken in, one source a line. */
export async function listImportsCommand(flags: ConfigFlags, options: { json?: boolean }): Promise<void> {
  const note = await running(flags);
  const all: Source[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
    const found: { items: Source[]; next: string | null } = await callRunning(
      note,
      'GET',
      `/vendor-imports?limit=200${cursor}`,
    );
    all.push(...found.items);
    next = found.next;
  }
  const lines = all.map(
    ({ source, label, vendors, domains, answers }) =>
      `${source}: ${label}. ${vendors} vendors, ${domains} domains, ${answers} answers.\n`,
  );
  process.stdout.write(
    options.json ? `${JSON.stringify(all)}\n` : lines.join('') || 'Nothing was taken in.\n',
  );
}

/** `drawbridge vendors remove`: takes all of a source out. */
export async function removeImportCommand(
  flags: ConfigFlags,
  source: string,
  { reason }: { reason: string },
): Promise<void> {
  const path = `/vendor-imports/${encodeURIComponent(source)}`;
  await callRunning(await running(flags), 'DELETE', path, undefined, reason);
  process.stdout.write(`${source} was taken out.\n`);
}
