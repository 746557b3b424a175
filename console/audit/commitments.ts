import { sha256 } from '@drawbridge/tlog/reading';
import type { ChangeDetail } from '../api/audit-types.ts';
import type { CrossingPayload } from '../api/log-types.ts';
import type { CrossingDetail } from '../api/types.ts';
import { base64, bytesOf } from './checking.ts';
import { membersOf, says } from './entry-checking.ts';

/** Whether entries of Drawbridge's logs say, and commit to, what a page shows. */

const text = new TextDecoder();
const utf8 = new TextEncoder();

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Whether a change's entry commits to its payload, and the payload says what the page shows. */
export function changeHolds(entry: Uint8Array, change: ChangeDetail): boolean {
  const committed = base64(sha256(joined(bytesOf(change.salt), utf8.encode(change.payload))));
  const { id, at, actor, reason, act, subject, detail } = change;
  return (
    membersOf(text.decode(entry))?.commit === committed &&
    says(membersOf(change.payload), { id, at, actor, reason, act, subject, detail })
  );
}

/** Whether a leaf says what the page shows of its crossing. */
export function leafSays(entry: Uint8Array, crossing: CrossingDetail): boolean {
  const leaf = membersOf(text.decode(entry));
  if (leaf === null) return false;
  const { id, vendor, service, endpoint, method, decision, reason, stage, fields, bytes, snapshot } =
    crossing;
  return (
    says(leaf, { id, vendor, service, endpoint, class: crossing.class, method, decision, reason, stage }) &&
    says(leaf, { fields, bytes, snapshot, contract: crossing.contract, at: Date.parse(crossing.at) }) &&
    says(leaf, { connection: crossing.connection.id, app: crossing.app.id, type: 'crossing' }) &&
    says(
      { mode: leaf.mode ?? 'enforce', would: leaf.would ?? null, breakGlass: leaf.break_glass ?? null },
      { mode: crossing.mode, would: crossing.would, breakGlass: crossing.breakGlass },
    )
  );
}

/** Whether a settlement says what the page shows of its crossing. */
export function settlementSays(entry: Uint8Array, { id, settlement }: CrossingDetail): boolean {
  if (settlement === null) return false;
  const { at, ...rest } = settlement;
  const said = membersOf(text.decode(entry));
  if (said === null) return false;
  return says(
    { ...said, tokens: said.tokens ?? null },
    { type: 'settlement', crossing: id, at: Date.parse(at), ...rest },
  );
}

/** SHA-256 of an item's exact bytes, as a leaf commits to it. */
export const itemHash = (bytes: Uint8Array): Uint8Array =>
  sha256(joined(utf8.encode('drawbridge item 1\n'), bytes));

/** What a leaf commits to: the number and the hashes of its items. */
function payloadCommitment(hashes: readonly Uint8Array[]): string {
  const head = utf8.encode(`drawbridge payload 1\n${hashes.length}\n`);
  const hash = base64(sha256(joined(head, ...hashes)));
  return hash.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Whether a leaf commits to these items, and those that were not erased are what the page shows. */
export function payloadHolds(entry: Uint8Array, payload: CrossingPayload, crossing: CrossingDetail): boolean {
  const leaf = membersOf(text.decode(entry));
  const hashes = payload.items.map(({ hash }) => bytesOf(hash));
  return (
    leaf?.items === hashes.length &&
    leaf.payload === payloadCommitment(hashes) &&
    payload.items.every(({ hash, bytes }, at) => {
      if (bytes === null) return true;
      const item = bytesOf(bytes);
      return base64(itemHash(item)) === hash && itemSays(item, crossing.items[at]);
    })
  );
}

function itemSays(bytes: Uint8Array, shown: CrossingDetail['items'][number] | undefined): boolean {
  if (shown === undefined) return false;
  const f = shown.fields.map((field) => [field.path, field.class, field.treatment, field.shape, field.count]);
  return says(membersOf(text.decode(bytes)), { s: shown.subject, k: shown.kind, f });
}
