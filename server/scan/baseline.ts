import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { ScanError } from './errors.ts';
import { type Found, historyPath } from './found.ts';

/**
 * What was found before and is known. A value that can't be guessed is named by a hash under the file's own key, and is
 * known wherever it stands; all else (passwords, personal data), which a hash would give away to who tries them all, is
 * counted by file, class and detector.
 */
const BaselineSchema = z.strictObject({
  format: z.literal('drawbridge.baseline/1'),
  key: z.base64().length(44),
  values: z.array(z.string().regex(/^[A-Za-z0-9_-]{16}$/)),
  counts: z.array(
    z.strictObject({
      path: z.string(),
      class: z.string(),
      detector: z.string(),
      count: z.int().min(1),
      /** Found in the history, where each change of the file brings it once more. */
      history: z.boolean(),
    }),
  ),
});
export type Baseline = z.infer<typeof BaselineSchema>;

export const newBaseline = (): Baseline => ({
  format: 'drawbridge.baseline/1',
  key: randomBytes(32).toString('base64'),
  values: [],
  counts: [],
});

/** Null where there is no such file. Throws ScanError `bad_baseline`. */
export async function readBaseline(file: string): Promise<Baseline | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  try {
    return BaselineSchema.parse(JSON.parse(text));
  } catch (error) {
    const what = error instanceof z.ZodError ? (error.issues[0]?.path.join('.') ?? '') : 'no JSON';
    throw new ScanError(
      'bad_baseline',
      `${file} is no baseline (${what}): write it anew with --write-baseline`,
    );
  }
}

export async function writeBaseline(
  file: string,
  baseline: Baseline,
  found: readonly Found[],
): Promise<void> {
  const values = new Set<string>();
  const counts = new Map<string, Baseline['counts'][number]>();
  for (const one of found) {
    if (one.print !== null) {
      values.add(one.print);
      continue;
    }
    const key = keyOf(one);
    const entry = counts.get(key);
    if (entry !== undefined) entry.count++;
    else {
      const { class: cls, detector } = one;
      counts.set(key, { path: pathOf(one), class: cls, detector, count: 1, history: isOfHistory(one) });
    }
  }
  const sorted: Baseline = {
    ...baseline,
    values: [...values].sort(),
    counts: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry),
  };
  await writeFile(file, `${JSON.stringify(sorted, null, 1)}\n`, { mode: 0o644 });
}

/** What the baseline does not know, and how many it does. Of what is counted, the first ones are the known ones. */
export function newAgainst(baseline: Baseline, found: readonly Found[]): { fresh: Found[]; known: number } {
  const values = new Set(baseline.values);
  const left = new Map(baseline.counts.map((entry) => [keyText(entry.path, entry), entry.count]));
  const fresh = found.filter((one) => {
    if (one.print !== null) return !values.has(one.print);
    const key = keyOf(one);
    const count = left.get(key) ?? 0;
    if (!isOfHistory(one) && count > 0) left.set(key, count - 1);
    return count === 0;
  });
  return { fresh, known: found.length - fresh.length };
}

const isOfHistory = ({ path }: Found): boolean => historyPath(path).isOfHistory;
/** Without the commit, which is another one after each change. */
const pathOf = ({ path }: Found): string => historyPath(path).within;
const keyOf = (one: Found): string =>
  keyText(pathOf(one), { class: one.class, detector: one.detector, history: isOfHistory(one) });

function keyText(
  path: string,
  { class: cls, detector, history }: { class: string; detector: string; history: boolean },
): string {
  return JSON.stringify([path, cls, detector, history]);
}
