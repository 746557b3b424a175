import { Problem, readCsv } from '../../platform/index.ts';
import type { Level } from '../levels.ts';
import { type ImportedAccount, type Read, timeOf } from './account.ts';

const NEEDED = ['user', 'arn', 'password_enabled', 'mfa_active'] as const;
const ROOT = '<root_account>';

/**
 * The IAM credential report. A user without a password does not sign in at all: it is a service account here, and nothing is
 * said of its second factor. The root account always can.
 */
export function readAwsCredentialReport(content: string): Read {
  const { columns, rows } = readCsv(content, 'content');
  const missing = NEEDED.filter((name) => !columns.includes(name));
  if (missing.length > 0) {
    throw new Problem(
      422,
      'not_this_export',
      `content: not the IAM credential report: it has no column ${missing.join(', ')}.`,
      [{ field: 'content', message: `no column ${missing.join(', ')}` }],
    );
  }
  const accounts = rows.map((row): ImportedAccount => {
    const isRoot = row.get('user') === ROOT;
    const signsIn = isRoot || row.get('password_enabled')?.toLowerCase() === 'true';
    const guarded = row.get('mfa_active')?.toLowerCase();
    const level: Level = !signsIn
      ? 'unknown'
      : guarded === 'true'
        ? 'enrolled'
        : guarded === 'false'
          ? 'none'
          : 'unknown';
    return {
      externalId: row.get('arn') ?? '',
      email: null,
      name: row.get('user') ?? null,
      role: isRoot ? 'root' : null,
      admin: isRoot ? true : null,
      kind: signsIn ? 'person' : 'service',
      state: 'active',
      level,
      basis: signsIn ? 'mfa_active of the IAM credential report' : 'it has no password to sign in with',
      addedAt: timeOf(row.get('user_creation_time') ?? null),
      lastActiveAt: timeOf(row.get('password_last_used') ?? null),
    };
  });
  return { complete: true, accounts };
}
