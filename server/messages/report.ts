import { type Judgement, type Verdict, verdicts } from '@drawbridge/authenticity';

/** How judging would do on somebody's own mail: counts alone, and a few file names to look at. Nothing of it leaves the machine. */
export interface MailReport {
  verdicts: Record<Verdict, number>;
  unread: number;
  /** Of vendors of the register, by name. */
  vendors: Record<string, Record<Verdict, number>>;
  /** Domains that proved themselves and that the register does not know, most messages first. Gaps of the register, and everybody else. */
  unknown: { domain: string; messages: number }[];
  /** Different ones, also those that are not listed. */
  unknownDomains: number;
  /** Who would be accused, by what decided it. */
  accused: { vendor: string; signal: string; text: string; messages: number; files: string[] }[];
}

const LISTED = 20;
const EXAMPLES = 3;
/** A mailbox of years has fewer senders. */
const MOST_DOMAINS = 100_000;

const none = (): Record<Verdict, number> => ({
  'verified-authentic': 0,
  unverified: 0,
  'likely-impersonation': 0,
});

export interface Reporter {
  add(file: string, judged: Judgement): void;
  addUnread(): void;
  report(): MailReport;
}

export function createReporter(): Reporter {
  const counts = none();
  let unread = 0;
  const vendors = new Map<string, Record<Verdict, number>>();
  const unknown = new Map<string, number>();
  const accused = new Map<string, MailReport['accused'][number]>();
  return {
    add: (file, judged) => {
      counts[judged.verdict]++;
      const name = judged.vendor?.name;
      if (name !== undefined) {
        const of = vendors.get(name) ?? none();
        of[judged.verdict]++;
        vendors.set(name, of);
      }
      const domain = unknownDomain(judged);
      if (domain !== null && (unknown.has(domain) || unknown.size < MOST_DOMAINS))
        unknown.set(domain, (unknown.get(domain) ?? 0) + 1);
      const [why] = judged.evidence.filter(({ weighs }) => weighs === 'against');
      if (judged.verdict !== 'likely-impersonation' || why === undefined) return;
      const key = `${name} ${why.signal}`;
      const known = accused.get(key) ?? {
        vendor: name ?? '',
        signal: why.signal,
        text: why.text,
        messages: 0,
        files: [],
      };
      known.messages++;
      if (known.files.length < EXAMPLES) known.files.push(file);
      accused.set(key, known);
    },
    addUnread: () => {
      unread++;
    },
    report: () => ({
      verdicts: counts,
      unread,
      vendors: Object.fromEntries([...vendors].sort(([a], [b]) => a.localeCompare(b))),
      unknown: [...unknown]
        .map(([domain, messages]) => ({ domain, messages }))
        .sort((a, b) => b.messages - a.messages || a.domain.localeCompare(b.domain))
        .slice(0, LISTED),
      unknownDomains: unknown.size,
      accused: [...accused.values()].sort((a, b) => b.messages - a.messages),
    }),
  };
}

/** Null: its domain is not proven, or the register knows who sends from it. */
function unknownDomain({ review, vendor, evidence, from }: Judgement): string | null {
  if (review !== null) return review.domain;
  const proven = evidence.some(({ signal }) => signal === 'dkim_aligned' || signal === 'dmarc_pass');
  if (vendor !== null || !proven || from === null) return null;
  return from.address.slice(from.address.lastIndexOf('@') + 1).toLowerCase();
}

const number = (count: number): string => String(count).padStart(12);

export function reportInWords({
  verdicts: all,
  unread,
  vendors,
  unknown,
  unknownDomains,
  accused,
}: MailReport): string {
  const line = (name: string, of: Record<Verdict, number>) =>
    `  ${name.padEnd(28)}${verdicts.map((verdict) => number(of[verdict])).join('')}`;
  return [
    `  ${''.padEnd(28)}${['verified', 'unverified', 'likely not'].map((head) => head.padStart(12)).join('')}`,
    line('All', all),
    ...Object.entries(vendors).map(([name, of]) => line(name, of)),
    ...(unread === 0 ? [] : [`  ${unread} could not be read.`]),
    '',
    accused.length === 0 ? '  Nobody would be accused.' : '  Would be accused, and by what:',
    ...accused.map(
      ({ vendor, text, messages, files }) => `${number(messages)}  ${vendor}: ${text} (${files.join(', ')})`,
    ),
    '',
    unknownDomains === 0
      ? '  The register knows all who proved themselves.'
      : `  ${unknownDomains} ${unknownDomains === 1 ? 'domain' : 'domains'} proved themselves, and the register does not know them. No accusation; most mail first:`,
    ...unknown.map(({ domain, messages }) => `${number(messages)}  ${domain}`),
    '',
  ].join('\n');
}
