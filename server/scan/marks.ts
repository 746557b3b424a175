import { createHash, createHmac } from 'node:crypto';
import { type KnownValues, knownRun } from '@drawbridge/scan';
import type { Marks } from './found.ts';

/**
 * What a control plane gave out for one run. Kept credentials are known by HMAC-SHA256 of their longest run under `key`;
 * that one was found is shown by the same under `proofKey`, of which the hashes were not given out. Base64url.
 */
export interface ReportKeys {
  key: string;
  known: readonly { length: number; hash: string }[];
  proofKey: string;
}

/** Kept credentials, which need no telling form. Which of them it is, is not known here. */
export function keptValues({ key, known }: ReportKeys): KnownValues | null {
  if (known.length === 0) return null;
  const secret = Buffer.from(key, 'base64url');
  const hashes = new Set(known.map(({ hash }) => hash));
  return {
    lengths: new Set(known.map(({ length }) => length)),
    around: false,
    lookup: (candidate) =>
      hashes.has(hmac(secret, candidate)) ? { id: 'kept', class: 'secret.api_key' } : null,
  };
}

/** Makes the marks of values. */
export function marksUnder({ known, proofKey }: ReportKeys): (value: string, isGuessable: boolean) => Marks {
  const secret = Buffer.from(proofKey, 'base64url');
  const lengths = new Set(known.map(({ length }) => length));
  return (value, isGuessable) => {
    const run = knownRun(value)?.run;
    return {
      sha256: isGuessable ? null : createHash('sha256').update(value).digest('base64url'),
      proof: run !== undefined && lengths.has(run.length) ? hmac(secret, run) : null,
    };
  };
}

const hmac = (key: Buffer, value: string): string =>
  createHmac('sha256', key).update(value).digest('base64url');
