import { count, plural } from '../../design/format.ts';

/** The gateways' journals on the page Audit. */
export const gatewayLogs = {
  title: 'Journals of the gateways',
  lead: 'One per worker: what crossed. A checkpoint counts only when the entries that are stored here give its root.',
  name: (gateway: string, origin: string) => `${gateway}, log ${origin.split('/').at(-1) ?? origin}`,
  notSigned: 'no checkpoint has come yet',
  signed: 'signed',
  verified: 'verified here',
  preparing: (tiled: number, size: number) =>
    `proofs of older entries are being prepared: ${count(tiled)} of ${count(size)}`,
  pruned: (entries: number) => `entries before ${count(entries)} are pruned; their hashes are kept`,
  keyHint:
    'As this control plane first saw it. Give it to those who verify, by another way than the log itself.',

  contradicts: (evidence: number) =>
    `What this log has signed does not fit what is stored of it: ${plural(evidence, 'piece', 'pieces')} of evidence`,
  last: 'The last one came',
  contradictsDo:
    'One of the two was changed: the gateway’s files, or the database. Keep both as they are, and find out who could write there.',
  evidence: 'Evidence',
  found: 'Found',
  times: (times: number) => `${count(times)} times, the last`,
  note: 'The checkpoint as it was posted',
  signedBy: 'Posted with key',
  ourRoot: 'Root of what is stored',
  noRoot: 'not computed',
  by: (who: string) => `Acknowledged by ${who},`,
  acknowledged: (evidence: number) =>
    `${plural(evidence, 'acknowledged piece', 'acknowledged pieces')} of evidence`,
  acknowledge: 'Acknowledge',
  acknowledgeTitle: 'Acknowledge the evidence',
  acknowledgeLead:
    'It says that a person has looked. From then on nobody is warned of it. The evidence stays, the log does not get right by it, and what comes anew is warned of again.',
} as const;
