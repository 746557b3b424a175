import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, type Sealer } from '../platform/index.ts';
import { type Sheet, SheetSchema } from './sheet.ts';

/** What people wrote, and whom it goes to, lies sealed, each bound to where it stands. */

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const placeOfSheet = (incident: string, version: number) => ['fact sheet', incident, version] as const;
export const sealSheet = (sealer: Sealer, incident: string, version: number, sheet: Sheet): Buffer =>
  sealer.seal(placeOfSheet(incident, version), bytesOf(sheet));
export const openSheet = (sealer: Sealer, incident: string, version: number, sealed: Buffer): Sheet =>
  SheetSchema.parse(JSON.parse(sealer.open(placeOfSheet(incident, version), sealed).toString()));

const TextSchema = z.object({ subject: z.string(), text: z.string() });
export type NoticeText = z.infer<typeof TextSchema>;
const placeOfText = (notice: string, version: number) => ['notice text', notice, version] as const;
export const sealText = (sealer: Sealer, notice: string, version: number, text: NoticeText): Buffer =>
  sealer.seal(placeOfText(notice, version), bytesOf(text));
export const openText = (sealer: Sealer, notice: string, version: number, sealed: Buffer): NoticeText =>
  TextSchema.parse(JSON.parse(sealer.open(placeOfText(notice, version), sealed).toString()));

const ReaderSchema = z.object({ name: z.string(), scope: z.string() });
export type Reader = z.infer<typeof ReaderSchema>;
export const sealReader = (sealer: Sealer, notice: string, reader: Reader): Buffer =>
  sealer.seal(['notice reader', notice], bytesOf(reader));
export const openReader = (sealer: Sealer, notice: string, sealed: Buffer): Reader =>
  ReaderSchema.parse(JSON.parse(sealer.open(['notice reader', notice], sealed).toString()));

const RecipientSchema = z.object({ address: z.string(), name: z.string().nullable() });
export type Recipient = z.infer<typeof RecipientSchema>;
export const sealRecipient = (sealer: Sealer, notice: string, n: number, recipient: Recipient): Buffer =>
  sealer.seal(['notice recipient', notice, n], bytesOf(recipient));
export const openRecipient = (sealer: Sealer, notice: string, n: number, sealed: Buffer): Recipient =>
  RecipientSchema.parse(JSON.parse(sealer.open(['notice recipient', notice, n], sealed).toString()));

export const sealAnswer = (sealer: Sealer, notice: string, n: number, answer: string): Buffer =>
  sealer.seal(['notice answer', notice, n], Buffer.from(answer));
export const openAnswer = (sealer: Sealer, notice: string, n: number, sealed: Buffer): string =>
  sealer.open(['notice answer', notice, n], sealed).toString();

const ListSchema = z.array(RecipientSchema);
export const sealDrill = (sealer: Sealer, incident: string, list: readonly Recipient[]): Buffer =>
  sealer.seal(['drill recipients', incident], bytesOf(list));
export const openDrill = (sealer: Sealer, incident: string, sealed: Buffer): Recipient[] =>
  ListSchema.parse(JSON.parse(sealer.open(['drill recipients', incident], sealed).toString()));

/** What readers get, as the log of changes has it: SHA-256 over the canonical JSON (RFC 8785), in lower-case hexadecimal. */
export const hashOf = (text: NoticeText): string =>
  createHash('sha256')
    .update(canonicalJson({ subject: text.subject, text: text.text }))
    .digest('hex');
