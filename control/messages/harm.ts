import type { Evidence, Judgement } from '@drawbridge/authenticity';

/**
 * How much a message could do, 0 to 100, so that the worst is looked at first: what it asks for, how sure it is that it is not
 * genuine, whether the vendor is one of ours, and how many got it. It orders a queue and decides nothing.
 */
const asks: Readonly<Record<string, number>> = {
  asks_credential: 25,
  asks_payment: 25,
  asks_code: 25,
  asks_key: 25,
  asks_install: 20,
  asks_call: 15,
  asks_reply: 5,
};

export interface HarmInput {
  judgement: Pick<Judgement, 'verdict' | 'vendor'> & { evidence: readonly Evidence[] };
  /** The vendor is one that we use. */
  isUsed: boolean;
  /** A leaked fact is quoted: it was written for us. */
  quotes: boolean;
  contradicted: boolean;
  alike: number;
  /** Somebody looked, and it was not there. */
  notThere: boolean;
}

export function harmOf({ judgement, isUsed, quotes, contradicted, alike, notThere }: HarmInput): number {
  if (judgement.verdict === 'verified-authentic' && !notThere) return 0;
  const base = judgement.verdict === 'likely-impersonation' ? 40 : 10;
  const asked = Math.max(0, ...judgement.evidence.map(({ signal }) => asks[signal] ?? 0));
  const parts = [
    base,
    asked,
    isUsed ? 10 : 0,
    quotes ? 10 : 0,
    contradicted ? 10 : 0,
    Math.min(10, alike * 2),
    notThere ? 25 : 0,
  ];
  return Math.min(
    100,
    parts.reduce((sum, part) => sum + part, 0),
  );
}
