import { z } from 'zod';
import { invalid, Problem } from '../../platform/index.ts';
import type { AccountState, Level } from '../levels.ts';

/** One account as an export tells of it. What it does not say is null. */
export interface ImportedAccount {
  /** What the vendor knows it by, within this vendor. */
  externalId: string;
  email: string | null;
  name: string | null;
  /** As the vendor calls it. */
  role: string | null;
  admin: boolean | null;
  kind: 'person' | 'service';
  state: AccountState;
  level: Level;
  /** What the level was read from, in words; no person's data. */
  basis: string;
  addedAt: Date | null;
  lastActiveAt: Date | null;
}

/** An export, read. */
export interface Read {
  accounts: ImportedAccount[];
  /** False: more pages follow, or it names only some; what is not in it may be there all the same. */
  complete: boolean;
}

const MOST_ACCOUNTS = 20_000;
/** Of addresses and names: what is longer is not one. */
export const ShortText = z.string().max(320);
export const nullable = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? null);

/** Reads JSON of the documented shape. Throws Problem 422 `not_this_export` that says where it differs. */
export function readJson<T>(content: string, schema: z.ZodType<T>, shape: string): T {
  const parsed = schema.safeParse(parseJson(content));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined || issue.path.length === 0 ? 'the whole' : issue.path.join('.');
  throw new Problem(
    422,
    'not_this_export',
    `content: not the export that was named. It should be ${shape}; at ${where}: ${issue?.message ?? 'it differs'}.`,
    [{ field: 'content', message: `${where}: ${issue?.message ?? 'differs'}` }],
  );
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // Its own message quotes what stands there.
    throw invalid('content', 'is not JSON. Hand in what the vendor answered, unchanged');
  }
}

/** Refuses what is too many, and what is there twice. */
export function checked(read: Read): Read {
  if (read.accounts.length > MOST_ACCOUNTS) {
    throw invalid('content', `has more than ${MOST_ACCOUNTS} accounts; hand it in in parts`);
  }
  const seen = new Set<string>();
  for (const [index, { externalId }] of read.accounts.entries()) {
    if (externalId === '') throw invalid('content', `account ${index + 1} has no id`);
    if (seen.has(externalId)) throw invalid('content', `account ${index + 1} is there twice`);
    seen.add(externalId);
  }
  return read;
}

/** Unix seconds, as OpenAI writes times. */
export const UnixSeconds = nullable(z.number().int().min(0).max(253_402_300_799)).transform((value) =>
  value === null ? null : new Date(value * 1000),
);

/** RFC 3339, as most others do; null for what is none. */
export const IsoTime = nullable(z.string().max(40)).transform(timeOf);

export function timeOf(text: string | null): Date | null {
  if (text === null || !/^\d{4}-\d\d-\d\d/.test(text)) return null;
  const time = new Date(text);
  // Google and AWS write 1970 for never.
  return Number.isNaN(time.getTime()) || time.getTime() <= 0 ? null : time;
}
