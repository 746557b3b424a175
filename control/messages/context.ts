import type { Evidence, Judgement, Topic } from '@drawbridge/authenticity';
import { type Claim, checkClaim, claimsIn, type VendorRecords } from './claims.ts';
import type { Findings } from './findings.ts';

/** What the organisation knows beside the message. It can lower a verdict; nothing in it raises one. */

/** An incident that is open at a vendor, or at a vendor behind it. */
export interface OpenIncident {
  id: string;
  number: number;
  title: string;
  /** Since when outsiders can know what was taken; null: nobody knows. */
  since: Date | null;
  /** It is at a vendor behind this one. */
  behind: boolean;
}

export interface Known {
  /** We use it: null, nobody can say. */
  isUsed: boolean | null;
  records: VendorRecords;
  incidents: readonly OpenIncident[];
  /** One of the recipients has an account there; null: there is no list of accounts at this vendor. */
  holds: boolean | null;
  /** One of the recipients is an address at which we are registered there; null: none is entered, or the message names nobody. */
  registeredAddress: boolean | null;
  /** The notice of ours that was sent under its Message-ID, with what it says. */
  ours: (NonNullable<Findings['ours']> & { text: string }) | null;
}

export interface Told {
  evidence: Evidence[];
  claims: Claim[];
  quoted: Findings['quoted'];
  account: Findings['account'];
  ours: Findings['ours'];
}

type First = Pick<Judgement, 'verdict' | 'topic'> & { vendor: { id: string; name: string } | null };

const against = (
  signal: string,
  strength: 'strong' | 'weak',
  text: string,
  value: string | null = null,
): Evidence => ({
  signal,
  source: 'recorded',
  weighs: 'against',
  strength,
  text,
  value,
});
const note = (signal: string, text: string): Evidence => ({
  signal,
  source: 'recorded',
  weighs: 'note',
  strength: 'weak',
  text,
  value: null,
});

/** What thieves of metadata write about. */
const themes: ReadonlySet<Topic> = new Set<Topic>([
  'security',
  'account',
  'billing',
  'subscription',
  'usage',
]);

/** `first`: how the message is judged without it. `text`: what a person reads. */
export function contextOf(
  first: First,
  text: string,
  recipients: readonly string[],
  known: Known,
  now: Date,
): Told {
  const { vendor } = first;
  const quoted = quotedIn(text, recipients, known.incidents);
  const ours = oursIn(text, known.ours);
  if (vendor === null)
    return {
      evidence: ours.evidence,
      claims: [],
      quoted: [],
      account: { holds: null, registeredAddress: null, text: 'It speaks for no vendor that we know.' },
      ours: ours.is,
    };
  const evidence: Evidence[] = [...ours.evidence];
  const isProven = first.verdict === 'verified-authentic';
  const claims = claimsIn(text).map((claim) => checkClaim(claim, vendor, known.records, now));
  for (const { claim, result, text: said } of claims) {
    if (result === 'contradicted') evidence.push(against('claim_contradicted', 'weak', said, claim));
    if (result === 'consistent') evidence.push(note('claim_consistent', `${said} That proves nothing.`));
  }
  if (known.registeredAddress === false)
    evidence.push(
      against(
        'not_our_address',
        'strong',
        `It came to an address that is not the one at which we are registered at ${vendor.name}.`,
      ),
    );
  if (known.isUsed === false) {
    const said = `We use nothing of ${vendor.name}.`;
    evidence.push(isProven ? note('not_our_vendor', said) : against('not_our_vendor', 'weak', said));
  }
  if (known.holds === false) {
    const said = `None of its recipients has an account at ${vendor.name} that we know of.`;
    evidence.push(isProven ? note('no_account', said) : against('no_account', 'weak', said));
  }
  const [incident] = known.incidents;
  if (incident !== undefined && themes.has(first.topic)) {
    const place = incident.behind ? `a vendor behind ${vendor.name}` : vendor.name;
    const said = `Incident ${incident.number} at ${place} is open: letters that misuse it are to be expected.`;
    evidence.push(isProven ? note('incident_open', said) : against('incident_open', 'weak', said));
  }
  for (const one of quoted.filter(({ since }) => since !== null))
    evidence.push(note('quotes_leaked', one.text));
  return { evidence, claims, quoted, account: accountOf(vendor.name, known), ours: ours.is };
}

const words = (text: string): string => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ');

/** Ours with our words alone: whoever got one can send another under its number. */
function oursIn(text: string, ours: Known['ours']): { is: Findings['ours']; evidence: Evidence[] } {
  if (ours === null) return { is: null, evidence: [] };
  const { text: sent, ...is } = ours;
  const same = words(text);
  const said = words(sent);
  // A subject before it, and what mail servers put below, are few words.
  if (said !== '' && same.includes(said) && same.length <= said.length + 600)
    return {
      is,
      evidence: [note('our_notice', `It says what our own notice of ${is.title} says, word for word.`)],
    };
  return {
    is: null,
    evidence: [
      against(
        'not_our_notice',
        'strong',
        `It bears the number of a notice of ours (${is.title}) and says something else.`,
      ),
    ],
  };
}

function accountOf(name: string, { holds, registeredAddress }: Known): Findings['account'] {
  const parts = [
    holds === null
      ? `Whether its recipients have accounts at ${name} is not known.`
      : holds
        ? `One of its recipients has an account at ${name}.`
        : `None of its recipients has an account at ${name} that we know of.`,
    registeredAddress === null
      ? ''
      : registeredAddress
        ? ' It came to the address at which we are registered there.'
        : ' It came to another address than the one at which we are registered there.',
  ];
  return { holds, registeredAddress, text: parts.join('') };
}

const fields: readonly { field: string; name: string; in: RegExp }[] = [
  { field: 'organisation_id', name: 'an organisation’s id', in: /\borg[-_][A-Za-z0-9]{8,}\b/u },
  {
    field: 'browser',
    name: 'a browser or operating system',
    in: /\b(?:Chrome|Firefox|Safari|Edge)\b.{0,20}\b(?:on|auf|unter)\b.{0,20}\b(?:Windows|mac ?OS|Linux|iOS|Android)\b/iu,
  },
  { field: 'address_ip', name: 'an IP address', in: /\b(?:\d{1,3}\.){3}\d{1,3}\b/u },
  { field: 'location', name: 'a place', in: /\b(?:location|near|ort|standort)\s*:\s*\p{Lu}\p{L}+/iu },
  {
    field: 'greeting',
    name: 'a name',
    in: /\b(?:hi|hello|dear|hallo|liebe[r]?|guten tag)\s+(?!(?:there|team|customer|user|kunde|nutzer)\b)\p{Lu}\p{L}+/iu,
  },
];

/** Facts that a message quotes, and since when outsiders can know them. Whoever quotes them has proven nothing. */
function quotedIn(
  text: string,
  recipients: readonly string[],
  incidents: readonly OpenIncident[],
): Findings['quoted'] {
  const read = text.slice(0, 20_000);
  const lower = read.toLowerCase();
  const found = fields
    .filter(({ in: pattern }) => pattern.test(read))
    .map(({ field, name }) => ({ field, name }));
  if (recipients.some((address) => lower.includes(address)))
    found.push({ field: 'email', name: 'the recipient’s address' });
  const known = incidents.find(({ since }) => since !== null);
  return found.map(({ field, name }) => ({
    field,
    text:
      known?.since == null
        ? `It quotes ${name}. Whoever has seen it can write it.`
        : `It quotes ${name}, which outsiders may know since ${known.since.toISOString().slice(0, 10)} (incident ${known.number}).`,
    since: known?.since?.toISOString() ?? null,
    incident: known === undefined ? null : { id: known.id, number: known.number, title: known.title },
  }));
}
