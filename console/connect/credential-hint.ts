import type { ServiceDetail } from '../api/types.ts';
import { m } from '../messages/en.ts';

/** How a vendor's credential is written, where that is more than pasting what the vendor shows; and who will read it. */
export function credentialHint({ auth }: Pick<ServiceDetail, 'auth'>): string {
  const isAws = auth.some((placement) => placement.in === 'signature' && placement.scheme === 'aws-sigv4');
  return isAws ? `${m.connect.credentialAws} ${m.connect.credentialHint}` : m.connect.credentialHint;
}
