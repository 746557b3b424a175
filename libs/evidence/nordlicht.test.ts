import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formats } from './formats.ts';
import { readPieces, values } from './testing.ts';

const folder = new URL('./testing/nordlicht/', import.meta.url);
const bytesOf = (file: string): Buffer => readFileSync(new URL(file, folder));
const own = ['nordlicht.example'];

/** What stands in each file, by hand. */
const expected: Record<string, { format: string; values: string[] }> = {
  'squid-access.log.gz': {
    format: 'squid',
    values: [
      'api-eu.mixpanel.com',
      'api.anthropic.com',
      'api.datadoghq.eu',
      'api.github.com',
      'api.linear.app',
      'api.openai.com',
      'api.personio.de',
      'api.stripe.com',
      'github.com',
      'nordlicht.zoom.us',
      'shop.buerobedarf.example',
      'slack.com',
      'wss-primary.slack.com',
      'www.figma.com',
      'www.notion.so',
      'www.wetterbericht.example',
    ],
  },
  'zeek-ssl.tsv': {
    format: 'zeek',
    values: [
      'api.openai.com',
      'api.sendgrid.com',
      'api.twilio.com',
      'cloud.langfuse.com',
      'eu.i.posthog.com',
      'nordlicht-docs.svc.pinecone.io',
      'o4507.ingest.de.sentry.io',
      'updates.drucker.example',
    ],
  },
  'zeek-dns.ndjson': {
    format: 'zeek',
    values: [
      'api.eu.deepgram.com',
      'api.hetzner.com',
      'api.mistral.ai',
      'nordlicht.eu.auth0.com',
      'zeitserver.example',
    ],
  },
  'zeek-http.ndjson': { format: 'zeek', values: ['api.mixpanel.com'] },
  'route53-resolver.jsonl': {
    format: 'route53',
    values: [
      'api.openai.com',
      'events.eu1.segmentapis.com',
      'events.pagerduty.com',
      'http-intake.logs.datadoghq.eu',
      'sqs.eu-central-1.amazonaws.com',
    ],
  },
  'pihole-dnsmasq.txt': {
    format: 'dnsmasq',
    values: [
      'api-iam.intercom.io',
      'api.hubspot.com',
      'eu.docusign.net',
      'id.atlassian.com',
      'us02web.zoom.us',
      'www.rezepte.example',
    ],
  },
  'firewall-egress.csv': {
    format: 'csv',
    values: [
      'api.figma.com',
      'api.notion.com',
      'claude.ai',
      'gateway.ai.cloudflare.com',
      'xn--bersetzer-p9a.example',
    ],
  },
  'crossings-ocsf.ndjson': { format: 'gateway', values: ['anthropic', 'mixpanel', 'openai'] },
  _headers: {
    format: 'csp',
    values: [
      'api-eu.mixpanel.com',
      'ingest.de.sentry.io',
      'js.stripe.com',
      'nexus-websocket-a.intercom.io',
      'widget.intercom.io',
    ],
  },
  'next.config.mjs': {
    format: 'csp',
    values: [
      'browser-intake-datadoghq.eu',
      'chat.uk.plain.com',
      'eu.i.posthog.com',
      'o4507.ingest.de.sentry.io',
      'posthog.com',
    ],
  },
  'nginx-site.conf': { format: 'csp', values: ['challenges.cloudflare.com', 'js.stripe.com'] },
  'login.html': { format: 'csp', values: ['nordlicht.eu.auth0.com'] },
  'signed-in-visit.har': {
    format: 'har',
    values: [
      'api-iam.intercom.io',
      'api-js.mixpanel.com',
      'js.stripe.com',
      'o4507.ingest.de.sentry.io',
      'platform.openai.com',
    ],
  },
  'archive.mbox': {
    format: 'mbox',
    values: [
      'billig-angebote.example',
      'eumail.docusign.net',
      'github.com',
      'hetzner.com',
      'linear.app',
      'mixpanel.com',
      'stripe.com',
    ],
  },
  'welcome.eml': { format: 'mbox', values: ['deepgram.com'] },
  'payments-2026-10.csv': {
    format: 'payments',
    values: [
      'ANTHROPIC PBC',
      'Amazon Web Services EMEA SARL',
      'Bäckerei Krume',
      'Datadog, Inc.',
      'FIGMA MONTHLY RENEWAL',
      'Hetzner Online GmbH',
      'Notion Labs, Inc.',
      'OPENAI *CHATGPT SUBSCR',
      'Personio SE & Co. KG',
      'SLACK TECHNOLOGIES LIMITED',
      'Stadtwerke Nordhafen',
    ],
  },
  'card-export.csv': {
    format: 'payments',
    values: [
      'GITHUB, INC.',
      'HOTEL HAFENBLICK',
      'LINEAR ORBIT INC',
      'TWILIO SENDGRID',
      'ZOOM.US 888-799-9666',
    ],
  },
};

test('every file that the truth speaks of is there and read', () => {
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(Object.keys(expected)));
  const truth = JSON.parse(bytesOf('truth.json').toString()) as Record<string, Record<string, string[]>>;
  expect(Object.keys(truth).length).toBeGreaterThan(25);
  for (const files of Object.values(truth))
    for (const file of Object.keys(files)) expect(expected).toHaveProperty([file]);
});

describe.each(Object.entries(expected))('%s', (file, { format, values: names }) => {
  test('is known by name and first bytes, and gives these names', async () => {
    const read = await readPieces(`exports/${file}`, bytesOf(file), { own });
    expect(read.format).toBe(format);
    expect(values(read).sort()).toEqual(names);
    for (const { count, lines } of read.traces) {
      expect(count).toBeGreaterThan(0);
      expect(lines.length).toBeGreaterThan(0);
      expect(Math.max(...lines)).toBeLessThanOrEqual(read.lines);
    }
  });

  test('gives the same however it is cut', async () => {
    const whole = await readPieces(file, bytesOf(file), { own });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 60 }), async (sizes) => {
        expect(await readPieces(file, bytesOf(file), { own }, sizes)).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });

  test('broken anywhere, it is read or refused with a reason, and nothing else is thrown', async () => {
    const bytes = bytesOf(file);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 12 }),
        fc.nat(bytes.length),
        async (changes, length) => {
          const broken = Buffer.from(bytes);
          for (const [at, byte] of changes) broken[at] = byte;
          await refusedOrRead(file, broken.subarray(0, length), format);
        },
      ),
      { numRuns: 40 },
    );
  });
});

test.each(formats.map(({ id }) => [id]))(
  '%s takes any bytes, and throws nothing but its own errors',
  async (id) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), (bytes) =>
        refusedOrRead('x', Buffer.from(bytes), id),
      ),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), (text) =>
        refusedOrRead('x', Buffer.from(text), id),
      ),
      { numRuns: 150 },
    );
  },
);

async function refusedOrRead(name: string, bytes: Buffer, format: string): Promise<void> {
  try {
    await readPieces(name, bytes, { own, format });
  } catch (error) {
    expect(error).toMatchObject({ name: 'EvidenceError' });
  }
}
