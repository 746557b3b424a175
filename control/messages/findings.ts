import { z } from 'zod';
import type { Sealer } from '../platform/index.ts';

/** What was found in a message and what it says, as it lies sealed beside it. */

const EvidenceShape = z.object({
  signal: z.string(),
  source: z.enum(['verified', 'recorded', 'claimed']),
  weighs: z.enum(['for', 'against', 'note']),
  strength: z.enum(['strong', 'weak']),
  text: z.string(),
  value: z.string().nullable(),
});
const VendorShape = z.object({ id: z.string(), name: z.string() });
const DnsShape = z.object({
  name: z.string(),
  type: z.string(),
  /** What came: records, or the error's code. */
  answer: z.union([z.array(z.array(z.string())), z.array(z.string()), z.object({ error: z.string() })]),
  at: z.string(),
});
export type DnsRecord = z.infer<typeof DnsShape>;

export const FindingsShape = z.object({
  from: z.object({ name: z.string(), address: z.string() }).nullable(),
  to: z.array(z.string()),
  subject: z.string(),
  messageId: z.string(),
  sentence: z.string(),
  reasons: z.array(z.string()),
  vendor: VendorShape.nullable(),
  messageClass: z.enum(['vendor', 'relayed', 'marketing']).nullable(),
  evidence: z.array(EvidenceShape),
  review: z.object({ domain: z.string(), vendor: z.string() }).nullable(),
  forwardAsAttachment: z.boolean(),
  links: z.array(z.string()),
  attachments: z.array(z.object({ name: z.string(), kind: z.string(), bytes: z.number() })),
  domains: z.array(z.string()),
  claims: z.array(
    z.object({
      claim: z.string(),
      result: z.enum(['contradicted', 'consistent', 'cannot_tell']),
      text: z.string(),
      href: z.string().nullable(),
    }),
  ),
  quoted: z.array(
    z.object({
      field: z.string(),
      text: z.string(),
      since: z.string().nullable(),
      incident: z.object({ id: z.string(), number: z.number(), title: z.string() }).nullable(),
    }),
  ),
  account: z.object({
    holds: z.boolean().nullable(),
    registeredAddress: z.boolean().nullable(),
    text: z.string(),
  }),
  ours: z.object({ incident: z.string(), notice: z.string(), title: z.string() }).nullable(),
  dns: z.array(DnsShape),
  /** Of a text: the number or name that it came from. */
  sender: z.string().nullable(),
  envelope: z.object({ ip: z.string(), helo: z.string(), mailFrom: z.string() }).nullable(),
  /** Where it may be addressed to, of a mail that came by itself. */
  mailboxes: z.array(z.string()).default([]),
  /** Of somebody who is none of our people: where an answer would go. */
  reporterAddress: z.string().nullable(),
});
export type Findings = z.infer<typeof FindingsShape>;

export const sealFindings = (sealer: Sealer, message: string, findings: Findings): Buffer =>
  sealer.seal(['message findings', message], Buffer.from(JSON.stringify(findings)));
export const openFindings = (sealer: Sealer, message: string, sealed: Buffer): Findings =>
  FindingsShape.parse(JSON.parse(sealer.open(['message findings', message], sealed).toString()));

export const sealRaw = (sealer: Sealer, message: string, raw: Uint8Array): Buffer =>
  sealer.seal(['message', message], raw);
export const openRaw = (sealer: Sealer, message: string, sealed: Buffer): Buffer =>
  Buffer.from(sealer.open(['message', message], sealed));

export const sealAddress = (sealer: Sealer, id: string, address: string): Buffer =>
  sealer.seal(['vendor address', id], Buffer.from(address));
export const openAddress = (sealer: Sealer, id: string, sealed: Buffer): string =>
  sealer.open(['vendor address', id], sealed).toString();
