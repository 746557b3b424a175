import { defang, hostOfAddress, isWithin } from './domains.ts';
import { note, speaksFor, strongly, weakly } from './evidence.ts';
import { lookalikeOf } from './lookalike.ts';
import type { Mail } from './mail.ts';
import { carries, type Proof } from './proof.ts';
import { type CompiledRegister, isSameOrganisation, type KnownSender } from './register.ts';
import { hasHidden } from './skeleton.ts';
import type { Evidence } from './types.ts';

/** Who a mail says it is from, and what of that is proven. */

export interface SenderFindings {
  evidence: Evidence[];
  /** Who it is from, or says it is from. */
  vendor: { id: string; name: string } | null;
  /** The register's entry for the sender's address. */
  sender: KnownSender | null;
  /** The domain of the sender is proven, by a signature that carries or by DMARC of a message that we took in ourselves. */
  proven: boolean;
  /** It is proven that the address is just the one that it says: all that it needs for an address at a domain from which others write. */
  provenAddress: boolean;
  /** A domain that is proven, that the register does not know, and that speaks for a vendor. */
  unknownDomain: string | null;
}

const bySpelling: Record<string, string> = {
  homoglyph: 'is written with characters that look like those of',
  idn: 'is written with letters of another script that look like',
  combination: 'puts other words to the name of',
  subdomain: 'carries the name of another domain in front:',
  other_suffix: 'has the name, and another ending, of',
  misspelt: 'is one letter away from',
};

export function senderFindings(mail: Mail, proof: Proof, register: CompiledRegister): SenderFindings {
  const evidence: Evidence[] = [];
  const [from] = mail.from;
  if (mail.fromHeaders !== 1 || mail.from.length !== 1) {
    evidence.push(
      strongly(
        'from_not_one',
        'It names more than one sender, or none: which one is shown differs by program.',
        {
          value: String(Math.max(mail.fromHeaders, mail.from.length)),
        },
      ),
    );
  }
  const address = from?.address ?? '';
  const host = hostOfAddress(address);
  const sender = host === null ? null : register.senderOf(address);
  const owner = host === null ? null : register.ownerOf(host);
  const named = register.namedIn(from?.name ?? '');
  const like = host === null ? null : lookalikeOf(host, register.domains);
  // Signed by the domain itself, or one above: the key of a name below it may be a customer's.
  const provenAddress =
    host !== null && proof.signatures.some((one) => carries(one) && isWithin(host, one.domain));
  const proven =
    host !== null &&
    (proof.signatures.some(carries) || (proof.spf?.aligned === true && proof.dmarc.result === 'pass'));
  evidence.push(...proofEvidence(proof, host));
  if (hasHidden(`${from?.name ?? ''}${address}`))
    evidence.push(
      strongly('hidden_characters', 'Its sender holds characters that show nothing or turn others around.'),
    );
  // Tried once for each run of letters, and to a domain's longest: a name of signs alone takes no time.
  const inName = /(?<![^\s<>"@])[^\s<>"@]+@([^\s<>"@]{1,253}\.[a-z]{2,24})/i.exec(from?.name ?? '');
  const shownHost = inName?.[1] === undefined ? null : hostOfAddress(`x@${inName[1]}`);
  if (shownHost !== null && host !== null && !isSameOrganisation(shownHost, host))
    evidence.push(
      strongly('address_in_name', 'The name that is shown is an address of somebody else.', {
        value: defang(shownHost),
      }),
    );

  const ofRegister = sender?.vendor ?? owner;
  if (ofRegister !== null && host !== null) {
    if (sender?.isOneOfMany === true && proven && !provenAddress)
      evidence.push(
        note(
          'address_not_signed',
          `Others write from ${defang(host)} too, and no signature of it says that ${defang(sender.entry)} wrote this.`,
          { source: 'verified', value: defang(sender.entry) },
        ),
      );
    else if (sender !== null && proven)
      evidence.push(
        speaksFor(
          'registered_sender',
          `${defang(sender.entry)} is known to send ${wordsOfClass(sender)} of ${sender.vendor.name}.`,
          {
            source: 'verified',
            value: sender.entry,
          },
        ),
      );
    else if (sender === null && proven)
      evidence.push(
        note(
          'own_domain',
          `The domain is ${ofRegister.name}’s own; that it sends mail is not in the register.`,
          {
            source: 'verified',
            value: defang(host),
          },
        ),
      );
    if (named !== null && named.vendor.id !== ofRegister.id)
      evidence.push(
        weakly('name_of_other', `It calls itself ${named.vendor.name}, and comes from ${ofRegister.name}.`, {
          value: defang(host),
        }),
      );
    if (!proven) evidence.push(...unproven(proof, register, ofRegister.name, host));
    const unknownDomain = sender === null && proven ? host : null;
    return { evidence, vendor: ofRegister, sender, proven, provenAddress, unknownDomain };
  }

  const claims = named === null ? null : named.vendor;
  if (like !== null) {
    const say = like.strong ? strongly : weakly;
    evidence.push(
      say(
        `lookalike_${like.kind}`,
        `The sender’s domain ${bySpelling[like.kind] ?? 'looks like'} ${defang(like.like)}.`,
        {
          value: host === null ? null : defang(host),
        },
      ),
    );
  }
  if (claims !== null) {
    const say = named?.whole === true ? strongly : weakly;
    evidence.push(
      say(
        'name_of_vendor',
        `It calls itself ${claims.name}, and its address is not known to be ${claims.name}’s.`,
        {
          value: host === null ? null : defang(host),
        },
      ),
    );
  }
  const shown = shownHost === null ? null : register.ownerOf(shownHost);
  const vendor = claims ?? like?.vendor ?? shown;
  return {
    evidence,
    vendor,
    sender: null,
    proven,
    provenAddress,
    unknownDomain: proven && vendor !== null ? host : null,
  };
}

const wordsOfClass = ({ class: kind }: KnownSender): string =>
  kind === 'vendor'
    ? 'messages'
    : kind === 'relayed'
      ? 'messages of its users, which it passes on,'
      : 'news and offers';

function proofEvidence({ signatures, spf, dmarc, sealedBy }: Proof, host: string | null): Evidence[] {
  const found: Evidence[] = [];
  const whose = host === null ? 'the sender’s domain' : defang(host);
  if (signatures.some(carries))
    found.push(
      note('dkim_aligned', `A signature of ${whose} holds over the whole message.`, { source: 'verified' }),
    );
  for (const one of signatures.filter(({ aligned }) => aligned)) {
    const value = `${one.selector}._domainkey.${one.domain}`;
    if (one.result === 'fail')
      found.push(
        note(
          'dkim_broken',
          'A signature of the sender’s domain does not hold: the message is not as it was signed.',
          { source: 'verified', value },
        ),
      );
    if (one.result === 'no_key')
      found.push(
        note('dkim_no_key', 'The key of a signature is not published any more; it can’t be checked.', {
          source: 'verified',
          value,
        }),
      );
    if (one.expired)
      found.push(
        note('dkim_expired', 'The signature’s time is over, or has not come.', { source: 'verified', value }),
      );
    if (one.result !== 'pass') continue;
    if (one.partial)
      found.push(
        note('dkim_partial', 'The signature covers a part of the message alone.', {
          source: 'verified',
          value,
        }),
      );
    if (one.testing)
      found.push(
        note('dkim_testing', 'The domain says that it only tries its signatures out.', {
          source: 'verified',
          value,
        }),
      );
    if (!one.covers)
      found.push(
        note('dkim_uncovered', 'The signature does not cover the sender and the subject.', {
          source: 'verified',
          value,
        }),
      );
  }
  if (dmarc.result === 'pass')
    found.push(
      note(
        'dmarc_pass',
        `DMARC of ${whose} is met: the mail comes from that domain. That says nothing of who owns it.`,
        { source: 'verified' },
      ),
    );
  if (spf !== null && spf.result !== 'pass' && spf.result !== 'none')
    found.push(note('spf', `SPF of the envelope’s sender: ${spf.result}.`, { source: 'verified' }));
  if (sealedBy !== null)
    found.push(
      note('sealed', `${defang(sealedBy)} sealed it on the way.`, { source: 'verified', value: sealedBy }),
    );
  return found;
}

/**
 * From a vendor's domain, and not proven to be. Of a message that we took in ourselves DMARC is decisive. Of others it is not: keys are
 * changed, servers on the way alter messages, and a signature that can't be checked is quickly hung on; so all of these weigh the same.
 */
function unproven(proof: Proof, register: CompiledRegister, name: string, host: string): Evidence[] {
  const value = defang(host);
  if (proof.sealedBy !== null && register.isSealer(proof.sealedBy))
    return [
      note('forwarded', 'It was forwarded and changed on the way, by a service that is believed.', {
        source: 'verified',
      }),
    ];
  const strict = proof.dmarc.policy === 'reject' || proof.dmarc.policy === 'quarantine';
  if (strict && proof.spf !== null && proof.dmarc.result === 'fail')
    return [
      strongly(
        'forged_domain',
        `It says that it comes from ${value}; that domain proves all its mail, and this one is not proven.`,
        {
          source: 'verified',
          value,
        },
      ),
    ];
  const missing = weakly('not_proven', `Nothing proves that it comes from ${name}.`, {
    source: 'verified',
    value,
  });
  if (!strict) return [missing];
  return [
    missing,
    weakly(
      'domain_proves_all',
      `${value} says that all its mail can be proven; this one can’t, or not any more.`,
      {
        source: 'verified',
        value,
      },
    ),
  ];
}
