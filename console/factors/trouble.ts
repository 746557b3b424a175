import { ApiError } from '../api/client.ts';
import { PasskeyError } from '../api/passkey.ts';
import { m } from '../messages/en.ts';

/** What goes beside the field or button of a factor: what the device, the throttle or the control plane said. */
export function factorTrouble(error: unknown): string | undefined {
  if (error instanceof PasskeyError) return m.factors.passkey.trouble[error.code];
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 429) return m.signIn.tooMany(waitText(error.retryAfter ?? 60));
  return error.status < 500 ? error.message : undefined;
}

/** So many seconds from now, in the unit that somebody would say. */
export function waitText(seconds: number): string {
  if (seconds < 90) return m.signIn.whenSeconds(Math.max(1, seconds));
  if (seconds < 5400) return m.signIn.whenMinutes(Math.ceil(seconds / 60));
  return m.signIn.whenHours(Math.ceil(seconds / 3600));
}
