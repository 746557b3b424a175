import { Problem } from '../platform/index.ts';
import type { VaultErrorCode } from './failure.ts';

/** What trying again does not mend. */
const ours: ReadonlySet<VaultErrorCode> = new Set([
  'unreadable',
  'bad_recipient',
  'wrong_log',
  'log_would_go_back',
  'failed',
]);

const statusOf = (code: VaultErrorCode): number => {
  if (code === 'too_large') return 413;
  return ours.has(code) ? 500 : 503;
};

/**
 * Why the vault did not do what it was asked: answered as it is to whoever asked the API. The message never holds a
 * secret, a context or a key.
 */
export class VaultError extends Problem {
  declare readonly code: VaultErrorCode;
  constructor(code: VaultErrorCode, message: string) {
    super(statusOf(code), code, message);
    this.name = 'VaultError';
  }
}
