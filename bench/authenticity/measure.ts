import {
  type CompiledRegister,
  compileRegister,
  type Judgement,
  judgeMail,
  type Register,
  type Verdict,
} from '@drawbridge/authenticity';
import { type Crafted, RECEIVED, recordedDns } from './craft.ts';

/** What became of a set of messages, and how long each took. */
export interface Measured {
  counts: Record<Verdict, number>;
  byKind: Map<string, Record<Verdict, number>>;
  /** Milliseconds, in order of length. */
  took: number[];
  /** What was not as it should be, with its reasons. */
  each: { crafted: Crafted; judged: Judgement }[];
}

const none = (): Record<Verdict, number> => ({
  'verified-authentic': 0,
  unverified: 0,
  'likely-impersonation': 0,
});

/** Vendors' own domains want what is not proven refused; others want nothing. */
export const strictDomains = (register: Register): ReadonlySet<string> =>
  new Set(
    register.vendors.flatMap(({ domains, senders }) => [
      ...domains,
      ...senders.map(({ is }) => is.slice(is.indexOf('@') + 1)),
    ]),
  );

export async function measure(
  set: readonly Crafted[],
  register: Register,
  compiled: CompiledRegister = compileRegister(register),
): Promise<Measured> {
  const resolver = recordedDns(strictDomains(register));
  const measured: Measured = { counts: none(), byKind: new Map(), took: [], each: [] };
  for (const crafted of set) {
    const started = performance.now();
    const judged = await judgeMail(crafted.raw, {
      register: compiled,
      resolver,
      now: RECEIVED,
      arrival: crafted.envelope === null ? 'file' : 'fetched',
      envelope: crafted.envelope,
    });
    measured.took.push(performance.now() - started);
    measured.counts[judged.verdict]++;
    const kind = measured.byKind.get(crafted.kind) ?? none();
    kind[judged.verdict]++;
    measured.byKind.set(crafted.kind, kind);
    measured.each.push({ crafted, judged });
  }
  measured.took.sort((a, b) => a - b);
  return measured;
}

export const percentile = (took: readonly number[], share: number): number =>
  took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
