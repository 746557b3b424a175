import { type CompiledRegister, compileRegister, type Register } from '@drawbridge/authenticity';
import type { VendorFacts } from '../vendors/index.ts';
import type { MailLists } from './pack.ts';
import type { SenderClass } from './tables.ts';

/** A sender as the organisation says it: before what the packs say of the same domain or address. */
export interface OwnSender {
  vendor: string;
  is: string;
  class: SenderClass;
}

/** The register that messages are judged by: who sends what for which vendor, from what is publicly known and what the organisation says. */
export function registerOf(
  vendors: readonly VendorFacts[],
  lists: MailLists,
  own: readonly OwnSender[] = [],
): Register {
  const counts = countsBeside(own);
  return {
    vendors: vendors.map((one) => ({
      id: one.id,
      name: one.name,
      aliases: (one.aliases ?? []).map(({ is }) => is),
      domains: one.domains.map(({ is }) => is),
      senders: [
        ...own.flatMap(({ vendor, is, class: kind }) =>
          vendor === one.id && kind !== 'not_theirs' ? [{ is, class: kind }] : [],
        ),
        ...(one.mail ?? []).flatMap(({ is, kind }) => (counts(is, kind) ? [{ is, class: kind }] : [])),
      ],
    })),
    trackers: lists.trackers.domains,
    shorteners: lists.shorteners.domains,
    sealers: lists.sealers.domains,
  };
}

/**
 * Which senders of the packs count beside what the organisation says: not those that it names itself, and no address that the packs
 * believe at a domain that it does not.
 */
export function countsBeside(own: readonly OwnSender[]): (is: string, kind: SenderClass) => boolean {
  const said = new Map(own.map((one) => [one.is, one.class]));
  return (is, kind) => {
    if (said.has(is)) return false;
    const ofDomain = is.includes('@') ? said.get(is.slice(is.indexOf('@') + 1)) : undefined;
    if (ofDomain === 'not_theirs') return false;
    return ofDomain === undefined || ofDomain === 'vendor' || kind !== 'vendor';
  };
}

/** The register, compiled once for each state of what the organisation says: whichever control plane changed it. */
export function keptRegister(
  own: () => Promise<readonly OwnSender[]>,
  read: (own: readonly OwnSender[]) => Promise<Register>,
): () => Promise<CompiledRegister> {
  let kept: { of: string; compiled: Promise<CompiledRegister> } | null = null;
  return async () => {
    const senders = await own();
    const of = JSON.stringify(senders);
    if (kept?.of !== of) {
      const compiled = read(senders).then(compileRegister);
      const mine = { of, compiled };
      kept = mine;
      // What failed once may be there the next time.
      compiled.catch(() => {
        if (kept === mine) kept = null;
      });
    }
    return kept.compiled;
  };
}
