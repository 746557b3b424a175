import {
  AuthenticityError,
  compileRegister,
  type Judgement,
  judgeMail,
  type Verdict,
} from '@drawbridge/authenticity';
import { registerOf } from '@drawbridge/control/packs';
import { messagesIn } from '../messages/files.ts';
import { createReporter, reportInWords } from '../messages/report.ts';
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
  const reporter = createReporter();
  // Nothing was proven of it, and nothing is said against it: a line like the others, with why.
  const unread = (file: string, code: string, why: string): void => {
    reporter.addUnread();
    if (flags.json === true && flags.report !== true)
      process.stdout.write(
        `${JSON.stringify({ file, verdict: 'unverified', vendor: null, reasons: [], error: code, why })}\n`,
      );
    else process.stderr.write(`${file}: ${why}\n`);
  };
  const judgeAll = async (): Promise<void> => {
    for await (const found of messagesIn(paths)) {
      const { file } = found;
      if ('problem' in found) {
        unread(file, found.problem.code, found.problem.message);
        continue;
      }
      try {
        const { raw } = found;
        const judged = await judgeMail(raw, { register, resolver, now: new Date(), arrival: 'file' });
        reporter.add(file, judged);
        if (flags.report === true) continue;
        process.stdout.write(flags.json === true ? jsonLine(file, judged) : words(file, judged, dashboards));
      } catch (error) {
        if (!(error instanceof AuthenticityError)) throw error;
        unread(file, error.code, error.message);
      }
    }
  };
  // Whoever reads may have read enough.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  await judgeAll();
  const report = reporter.report();
  if (flags.report === true)
    process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : reportInWords(report));
  process.exitCode = report.unread > 0 ? 2 : report.verdicts['likely-impersonation'] > 0 ? 1 : 0;
}

/** What weighs; where nothing does and nothing is proven either, what was noted. */
function told({ evidence, verdict }: Judgement): Judgement['evidence'] {
  const weighing = evidence.filter(({ weighs }) => weighs !== 'note');
  const speaking = verdict === 'verified-authentic' || weighing.some(({ weighs }) => weighs === 'against');
  return (speaking ? weighing : [...weighing, ...evidence.filter(({ weighs }) => weighs === 'note')]).slice(
    0,
    REASONS,
  );
}

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
