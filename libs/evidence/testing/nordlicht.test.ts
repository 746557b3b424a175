import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dns } from '../dns/index.ts';
import type { Format } from '../format.ts';
import { grants } from '../grants/index.ts';
import { names } from '../names/index.ts';
import { infrastructure } from '../terraform/index.ts';
import type { Traces } from '../trace.ts';
import { readText } from './read-text.ts';

const folder = new URL('./nordlicht/', import.meta.url);
const text = (file: string) => readFileSync(new URL(file, folder), 'utf8');

function read(formats: readonly Format[], file: string, size?: number): Traces {
  const [first] = formats
    .map((format) => ({ format, fit: format.fits(file, text(file)) }))
    .sort((a, b) => b.fit - a.fit);
  if (first === undefined || first.fit < 0.3) throw new Error(`nothing fits ${file}`);
  return readText(first.format, text(file), size);
}

const short = (traces: Traces): string[] =>
  traces.list().map(({ kind, value, detail, lines }) => {
    const about = [
      kind === 'dns' ? `${detail.record} ${detail.name}` : kind,
      value,
      detail.region,
      detail.client_id,
      detail.scopes,
    ];
    return `${about.filter((part) => part !== undefined).join(' ')} ${lines.join(',')}`;
  });

const says: [readonly Format[], Record<string, string[]>][] = [
  [
    names,
    {
      '.env.example': [
        'variable OPENAI_API_KEY 2',
        'variable DD_SITE 3',
        'variable SENTRY_DSN 4',
        'host o1.ingest.de.sentry.io 4',
        'variable PRIVATE_KEY 5',
        'variable ANTHROPIC_API_KEY 8',
      ],
      'compose.yaml': [
        'variable GROQ_API_KEY 6',
        'variable SEARCH_URL 7',
        'host nordlicht-dsn.algolia.net 7',
        'variable GEMINI_API_KEY 10',
        'variable BRAINTRUST_API_KEY 11',
      ],
      '.github/workflows/release.yml': [
        'variable CHROMA_TENANT 4',
        'variable AIRTABLE_API_KEY 9',
        'variable TOKEN 11',
      ],
      '.gitlab-ci.yml': ['variable AI21_API_KEY 2', 'variable CEREBRAS_API_KEY 4'],
      'deploy/web.yaml': [
        'variable OPENAI_API_KEY 5',
        'variable AA_TOKEN 15',
        'variable DD_LOGS_INJECTION 17',
        'variable aleph-token 16',
      ],
      'deploy/values.yaml': ['variable CHROMA_API_KEY 3'],
    },
  ],
  [
    dns,
    {
      'dns/nordlicht.example.zone': [
        'ns @ helium.ns.hetzner.de 6',
        'mx @ mxa.mailgun.org 7',
        'spf @ mailgun.org 8',
        'spf @ spf.mtasv.net 10',
        'txt @ openai-domain-verification= 12',
        'dmarc_rua _dmarc dmarc.postmarkapp.com 14',
        'cname news dkim.mcsv.net 15',
      ],
      'dns/nordlicht.example.yaml': [
        'mx @ mxb.mailgun.org 4',
        'txt @ stripe-verification= 7',
        'dmarc_rua @ rua.dmarcian.example 8',
        'cname mail sparkpostmail.com 11',
      ],
      'dns/route53.json': [
        'spf @ mailgun.org 11',
        'cname * x.resend-dns.com 16',
        'cname @ d1.cloudfront.net 18',
      ],
    },
  ],
  [
    grants,
    {
      'grants/google-token.json': ['oauth_app Drift 1.apps.googleusercontent.com email openid 9'],
      'grants/sign-ins.json': ['oauth_app Miro 0000-1 3'],
      'grants/service-principals.json': ['oauth_app Notion 0000-3 3'],
      'grants/permission-grants.json': ['oauth_app 0000-5 0000-5 Mail.Read User.Read 4'],
    },
  ],
  [
    infrastructure,
    {
      'infra/main.tf': [
        'provider registry.terraform.io/cloudflare/cloudflare 3,28',
        'provider registry.terraform.io/datadog/datadog 7',
        'provider registry.terraform.io/hashicorp/aws eu-central-1 12',
        'variable datadog_api_key 16',
        'provider registry.terraform.io/hashicorp/aws 21',
        'spf nordlicht.example mailgun.org 25',
        'cname docs dkim.mcsv.net 31',
      ],
      'infra/.terraform.lock.hcl': ['provider registry.terraform.io/cloudflare/cloudflare 2'],
    },
  ],
];

describe('a made-up company: names, zones, grants, infrastructure', () => {
  for (const [formats, files] of says) {
    for (const [file, expected] of Object.entries(files)) {
      it(`${file}: what it names, and where, and nothing of what is secret or of people`, () => {
        const traces = read(formats, file);
        expect(short(traces)).toEqual(expected);
        expect(short(read(formats, file, 5))).toEqual(expected);
        expect(JSON.stringify([traces.list(), traces.unread])).not.toMatch(
          /not-a-|person|publickey|user:|abc|192\.0\.2|c2Vjc|bm90/,
        );
      });
    }
  }

  it('dates what is observed', () => {
    const [drift] = read(grants, 'grants/google-token.json').list();
    expect(drift).toMatchObject({ grade: 'observed', first: Date.UTC(2026, 9, 2, 8) });
  });

  it('tells what has to be read too, and what is not written out', () => {
    expect(read(dns, 'dns/nordlicht.example.zone').unread).toEqual([
      { line: 18, field: '$INCLUDE', why: 'it includes another file: read that too' },
    ]);
    expect(read(infrastructure, 'infra/main.tf').unread).toEqual([
      { line: 25, field: 'records', why: 'a value is not written out' },
    ]);
    expect(read(names, 'compose.yaml').unread).toEqual([
      { line: 4, field: 'env_file', why: 'it refers to another file: read that too' },
    ]);
  });
});
