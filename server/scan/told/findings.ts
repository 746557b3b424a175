import { compileScanner, type Finding, ScanBudgetError, type Scanner } from '@drawbridge/scan';
import { type Found, historyPath } from '../found.ts';
import { isOlder, type Origin } from '../git.ts';
import type { Setup } from '../jobs.ts';
import { keptValues, type ReportKeys } from '../marks.ts';
import { plainText } from './source.ts';

/** A finding as it is reported: where, which kind, and hashes; never the value. */
export interface ToldFinding {
  path: string;
  line: number;
  column: number;
  history: boolean;
  commit?: string;
  since?: { commit: string; at: string };
  class: string;
  detector: string;
  confidence: Found['confidence'];
  nth: number;
  sha256?: string;
  proof?: string;
}

/** Longer ones lose their beginning. */
const LONGEST_PATH = 1_000;

/**
 * Findings of secrets as they are reported: paths within `root` (as reports name it; '' for the working folder), in
 * histories one for all versions of a file that have the value, since its oldest one. What in a path looks like a secret is
 * left out of it.
 */
export function toldFindings(
  found: readonly Found[],
  root: string,
  origins: ReadonlyMap<string, Origin>,
  scanner: Pick<Scanner, 'scan'>,
): ToldFinding[] {
  const told = new Map<string, ToldFinding>();
  const oldest = new Map<string, Origin>();
  const counts = new Map<string, number>();
  const paths = new Map<string, string>();
  for (const one of found) {
    if (one.marks === null) continue;
    const { sha256, proof } = one.marks;
    const { isOfHistory, within } = historyPath(one.path);
    const identity = sha256 ?? `${one.class} ${one.detector}`;
    const nth = counts.get(`${one.path}\0${identity}`) ?? 0;
    counts.set(`${one.path}\0${identity}`, nth + 1);
    let path = paths.get(within);
    if (path === undefined) {
      path = toldPath(within, root, scanner);
      paths.set(within, path);
    }
    const origin = one.object === null ? undefined : origins.get(one.object);
    const key = JSON.stringify([isOfHistory, path, identity, nth]);
    const known = oldest.get(key);
    const since = origin === undefined ? undefined : { commit: origin.commit, at: origin.at.toISOString() };
    const isSince = origin !== undefined && (known === undefined || isOlder(origin, known));
    if (isSince) oldest.set(key, origin);
    const before = told.get(key);
    if (before !== undefined) {
      if (isSince && since !== undefined) before.since = since;
      continue;
    }
    told.set(key, {
      path,
      line: one.start.line,
      column: one.start.column,
      history: isOfHistory,
      ...(isOfHistory ? { commit: one.path.slice(0, 12) } : {}),
      ...(since === undefined ? {} : { since }),
      class: one.class,
      detector: one.detector,
      confidence: one.confidence,
      nth,
      ...(sha256 === null ? {} : { sha256 }),
      ...(proof === null ? {} : { proof }),
    });
  }
  return [...told.values()];
}

/** Finds in paths what is left out of them: what looks like a secret, and credentials that are kept. */
export const pathScanner = (rules: Setup['rules'], keys: ReportKeys): Pick<Scanner, 'scan'> =>
  compileScanner({ rules, known: keptValues(keys) });

/** A path that can't be looked through is left out whole: who named a file must not keep others from being told. */
function secretsIn(
  path: string,
  scanner: Pick<Scanner, 'scan'>,
): readonly Pick<Finding, 'class' | 'start' | 'end'>[] {
  try {
    return scanner.scan(path);
  } catch (error) {
    if (!(error instanceof ScanBudgetError)) throw error;
    return [{ class: 'secret.token', start: 0, end: path.length }];
  }
}

function toldPath(within: string, root: string, scanner: Pick<Scanner, 'scan'>): string {
  const below =
    within === root
      ? within.slice(within.lastIndexOf('/') + 1)
      : root !== '' && within.startsWith(`${root}/`)
        ? within.slice(root.length + 1)
        : within;
  let path = '';
  let at = 0;
  for (const { class: name, start, end } of secretsIn(below, scanner)) {
    if (!name.startsWith('secret.') || start < at) continue;
    path += `${below.slice(at, start)}…`;
    at = end;
  }
  const whole = path + below.slice(at);
  return plainText(whole.length > LONGEST_PATH ? `…${whole.slice(1 - LONGEST_PATH)}` : whole);
}
