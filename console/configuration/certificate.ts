import type { GatewayRow } from '../api/fleet-types.ts';
import { ago } from '../design/format.ts';
import { m } from '../messages/en.ts';

/** Two weeks: time enough to get another one, whoever issues it. */
const SOON_MS = 14 * 86_400_000;

/** How long a certificate is good for, seen from `now` (milliseconds since 1970). */
export function certificateState(expiresAt: string, now: number): 'good' | 'soon' | 'over' {
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) return 'over';
  return left <= SOON_MS ? 'soon' : 'good';
}

/** What a person has to know of a gateway's certificate; null: nothing. */
export function certificateWarning({ name, about }: GatewayRow, now: number): string | null {
  const expiresAt = about?.tls?.expiresAt;
  if (expiresAt === undefined) return null;
  const state = certificateState(expiresAt, now);
  if (state === 'good') return null;
  const when = ago(Date.parse(expiresAt), now);
  return state === 'over'
    ? m.configuration.about.certificateOver(name, when)
    : m.configuration.about.certificateSoon(name, when);
}

/** In one sentence how apps reach a gateway. */
export function reachedOver({ about }: GatewayRow, now: number): string {
  const words = m.configuration.about;
  if (about === null) return words.reachedUnknown;
  if (about.tls === null) return words.reachedPlain;
  return words.reachedTls(about.tls.subject, ago(Date.parse(about.tls.expiresAt), now));
}
