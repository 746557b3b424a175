import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Pack, PackSchema, writeOutLists } from '@drawbridge/protocol';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { completePack } from './complete.ts';
import { type FieldMaps, fieldMapsOf, refersToMaps, writeOutMaps } from './like.ts';
import { findNonsense } from './meaning.ts';
import { type Position, positionOf, positionOfName } from './position.ts';

/** What is wrong in a pack, and where: file name, line and column (from 1), and the field as a dot path. */
export interface PackProblem extends Position {
  file: string;
  field: string;
  message: string;
}

/** Packs that can't be used. The message lists every problem, one per line, as `file:line:column field: message`. */
class PackError extends Error {
  readonly code = 'pack_invalid';
  readonly problems: readonly PackProblem[];
  constructor(problems: readonly PackProblem[]) {
    super(`The vendor packs can not be used:\n${problems.map(problemLine).join('\n')}`);
    this.name = 'PackError';
    this.problems = problems;
  }
}

/** A problem as one line that editors can jump to. */
export function problemLine({ file, line, column, field, message }: PackProblem): string {
  return `${file}:${line}:${column} ${field}: ${message}`;
}

export const LARGEST_PACK = 1024 * 1024;

/** Reads every `*.yaml` of a folder, in order of file names. Throws PackError with all problems of all of them. */
export async function loadPacks(folder: string): Promise<Pack[]> {
  const { packs, problems } = await lintPacks(folder);
  if (problems.length > 0) throw new PackError(problems);
  return packs;
}

/**
 * The same, giving the packs that are right and the problems of the others. `others`: packs beside them, to whose field
 * maps they may refer, and of whose vendors they may not speak.
 */
export async function lintPacks(
  folder: string,
  others: readonly Pack[] = [],
): Promise<{ packs: Pack[]; problems: PackProblem[] }> {
  const found = new Map<string, Pack>();
  const problems: PackProblem[] = [];
  const files = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name)).sort();
  const later: [file: string, text: string][] = [];
  const vendors = new Set(others.map(({ vendor }) => vendor));
  const take = (file: string, read: ReturnType<typeof readPack>): void => {
    if ('problems' in read) {
      problems.push(...read.problems);
    } else if (vendors.has(read.pack.vendor)) {
      problems.push({ ...whole(file, 'another pack speaks of this vendor'), field: 'vendor' });
    } else {
      vendors.add(read.pack.vendor);
      found.set(file, read.pack);
    }
  };
  for (const file of files) {
    const { size } = await stat(join(folder, file));
    if (size > LARGEST_PACK) {
      problems.push(whole(file, `has ${size} bytes; a pack has at most ${LARGEST_PACK}`));
      continue;
    }
    const text = await readFile(join(folder, file), 'utf8');
    const read = readPack(file, text);
    // What refers to other packs waits until they are read.
    if ('refers' in read) later.push([file, text]);
    else take(file, read);
  }
  const maps = fieldMapsOf([...others, ...found.values()]);
  for (const [file, text] of later) take(file, readPack(file, text, maps));
  const packs = files.flatMap((file) => found.get(file) ?? []);
  return { packs, problems };
}

/**
 * Reads one pack from its text. `file` names it in problems. `maps`: field maps that it may refer to; where it does and
 * none are given, the problem says so, and `refers` is true.
 */
export function readPack(
  file: string,
  text: string,
  maps: FieldMaps | null = null,
): { pack: Pack } | { problems: PackProblem[]; refers?: true } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
  });
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { file, line, column: col, field: '(yaml)', message: error.message };
      }),
    };
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 200 });
  } catch (error) {
    // yaml gives up on aliases that unfold to more than a file this size can mean.
    if (!(error instanceof ReferenceError)) throw error;
    return { problems: [whole(file, error.message)] };
  }
  writeOutLists(value);
  completePack(value);
  const at = (path: PropertyKey[]) => positionOf(document, lines, path);
  const refers = maps === null && refersToMaps(value) ? ({ refers: true } as const) : {};
  const missing = writeOutMaps(value, maps ?? new Map()).map(({ path, name }) => ({
    file,
    ...at(path),
    field: fieldName(path),
    message: `no pack beside this one has the field map "${name}" (<vendor>/<service>/<endpoint>) written out`,
  }));
  if (missing.length > 0) return { problems: missing, ...refers };
  const parsed = PackSchema.safeParse(value);
  if (!parsed.success) {
    return {
      problems: parsed.error.issues.flatMap((issue) =>
        spread(issue).map(({ path, name, message }) => ({
          file,
          ...(name === undefined ? at(path) : positionOfName(document, lines, path, name)),
          field: fieldName(name === undefined ? path : [...path, name]),
          message,
        })),
      ),
    };
  }
  const nonsense = findNonsense(parsed.data);
  if (nonsense.length === 0) return { pack: parsed.data };
  return {
    problems: nonsense.map(({ path, message }) => ({ file, ...at(path), field: fieldName(path), message })),
  };
}

/** One zod issue as one or more places: unknown members are each named where they stand. */
export function spread(issue: z.core.$ZodIssue): { path: PropertyKey[]; name?: string; message: string }[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => ({ path: issue.path, name, message: 'is not a member that packs have' }));
  }
  return [{ path: issue.path, message: issue.message }];
}

export function fieldName(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(pack)';
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`,
    )
    .join('');
}

export const whole = (file: string, message: string): PackProblem => ({
  file,
  line: 1,
  column: 1,
  field: '(pack)',
  message,
});
