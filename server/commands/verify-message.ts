import {
  AuthenticityError,
  compileRegister,
  type Judgement,
  judgeMail,
  type Verdict,
  verdicts,
} from '@drawbridge/authenticity';
import { registerOf } from '@drawbridge/control/packs';
import { messagesIn } from '../messages/files.ts';
import { systemResolver, withoutNetwork } from '../messages/resolver.ts';
import { shippedMailLists, shippedVendorFacts } from '../shipped-packs.ts';

export interface VerifyFlags {
  json?: boolean;
  report?: boolean;
  offline?: boolean;
}

const REASONS = 3;

/**
 * `drawbridge verify-message`: whether messages are from whom they say, by the packs alone. Nothing leaves the machine but questions for
 * DNS records of the senders' domains; with `--offline` not even these. Exit code 0; 1 where one is likely an impersonation; 2 where
 * one could not be read.
 */
export async function verifyMessageCommand(paths: readonly string[], flags: VerifyFlags): Promise<void> {
  const vendors = await shippedVendorFacts();
  const register = compileRegister(registerOf(vendors, await shippedMailLists()));
  const dashboards = new Map(vendors.map(({ id, urls }) => [id, urls?.admin?.is ?? null]));
  const resolver = flags.offline === true ? withoutNetwork : systemResolver();
  const counts = new Map<Verdict, number>(verdicts.map((verdict) => [verdict, 0]));
  const perVendor = new Map<string, Map<Verdict, number>>();
  let unread = 0;
  for await (const { file, raw } of messagesIn(paths)) {
    try {
      const judged = await judgeMail(raw, { register, resolver, now: new Date(), arrival: 'file' });
      counts.set(judged.verdict, (counts.get(judged.verdict) ?? 0) + 1);
      if (judged.vendor !== null) {
        const of = perVendor.get(judged.vendor.name) ?? new Map<Verdict, number>();
        of.set(judged.verdict, (of.get(judged.verdict) ?? 0) + 1);
        perVendor.set(judged.vendor.name, of);
      }
      if (flags.report === true) continue;
      process.stdout.write(flags.json === true ? jsonLine(file, judged) : words(file, judged, dashboards));
    } catch (error) {
      if (!(error instanceof AuthenticityError)) throw error;
      unread++;
      if (flags.json === true)
        process.stdout.write(`${JSON.stringify({ file, error: error.code, why: error.message })}\n`);
      else process.stderr.write(`${file}: ${error.message}\n`);
    }
  }
  if (flags.report === true) process.stdout.write(report(counts, perVendor, unread, flags.json === true));
  process.exitCode = unread > 0 ? 2 : (counts.get('likely-impersonation') ?? 0) > 0 ? 1 : 0;
}

const told = ({ evidence }: Judgement) =>
  evidence.filter(({ weighs }) => weighs !== 'note').slice(0, REASONS);

const jsonLine = (file: string, judged: Judgement): string =>
  `${JSON.stringify({
    file,
    verdict: judged.verdict,
    vendor: judged.vendor?.id ?? null,
    reasons: told(judged).map(({ signal, source, text, value }) => ({ signal, source, text, value })),
    review: judged.review,
    topic: judged.topic,
  })}\n`;

const sentences: Record<Verdict, string> = {
  'verified-authentic': 'It is proven to come from',
  unverified: 'It can’t be said whether it comes from',
  'likely-impersonation': 'It is likely not from',
};

function words(file: string, judged: Judgement, dashboards: ReadonlyMap<string, string | null>): string {
  const { vendor, verdict } = judged;
  const dashboard = vendor === null ? null : (dashboards.get(vendor.id) ?? null);
  return [
    `${file}: ${verdict}`,
    vendor === null
      ? '  We don’t know this sender. That is no accusation.'
      : `  ${sentences[verdict]} ${vendor.name}.`,
    ...told(judged).map(({ text }) => `  - ${text}`),
    ...(judged.forwardAsAttachment ? ['  Forwarded as an attachment, more could be said.'] : []),
    ...(vendor === null || verdict === 'verified-authentic'
      ? []
      : [
          dashboard === null
            ? `  Confirm it at ${vendor.name}’s own dashboard, by your own bookmark.`
            : `  Confirm it at ${dashboard}`,
        ]),
    '',
  ].join('\n');
}

function report(
  counts: ReadonlyMap<Verdict, number>,
  perVendor: ReadonlyMap<string, ReadonlyMap<Verdict, number>>,
  unread: number,
  json: boolean,
): string {
  if (json)
    return `${JSON.stringify({
      verdicts: Object.fromEntries(counts),
      unread,
      vendors: Object.fromEntries([...perVendor].map(([name, of]) => [name, Object.fromEntries(of)])),
    })}\n`;
  const line = (name: string, of: ReadonlyMap<Verdict, number>) =>
    `  ${name.padEnd(28)}${verdicts.map((verdict) => String(of.get(verdict) ?? 0).padStart(10)).join('')}`;
  return [
    `  ${''.padEnd(28)}${['verified', 'unverified', 'likely not'].map((head) => head.padStart(10)).join('')}`,
    line('All', counts),
    ...[...perVendor].sort(([a], [b]) => a.localeCompare(b)).map(([name, of]) => line(name, of)),
    unread === 0 ? '' : `  ${unread} could not be read.`,
    '',
  ].join('\n');
}
