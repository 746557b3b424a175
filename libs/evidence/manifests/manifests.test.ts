import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readText, told } from '../testing/read-text.ts';
import { manifests } from './index.ts';

const folder = new URL('../testing/nordlicht/', import.meta.url);
const text = (file: string) => readFileSync(new URL(file, folder), 'utf8');

function read(file: string, size?: number) {
  const best = manifests
    .map((format) => ({ format, fit: format.fits(file, text(file)) }))
    .sort((a, b) => b.fit - a.fit);
  const [first] = best;
  if (first === undefined || first.fit < 0.3) throw new Error(`nothing fits ${file}`);
  return readText(first.format, text(file), size);
}

/** Per file of the made-up company: all that it says, with lines. */
const says: Record<string, string[]> = {
  'app/package.json': [
    'capable @sentry/nextjs 5',
    'capable mixpanel 6',
    'capable posthog-js 8',
    'capable typescript (dev) 11',
  ],
  'app/package-lock.json': [
    'capable @sentry/nextjs 9',
    'capable mixpanel 10',
    'capable typescript (dev) 13',
    'capable stripe 17',
    'transitive @sentry/core 21',
    'transitive https-proxy-agent 23',
  ],
  'worker/pnpm-lock.yaml': [
    'capable @anthropic-ai/sdk 10',
    'capable openai 16',
    'capable vitest (dev) 20',
    'transitive zod 36',
  ],
  'legacy/yarn.lock': ['transitive @segment/analytics-node 5', 'transitive node-fetch 11'],
  'portal/yarn.lock': ['capable @sentry/browser 25', 'transitive @sentry/core 15'],
  'api/requirements.txt': [
    'capable boto3 3',
    'transitive botocore 6',
    'capable sentry-sdk 10',
    'capable nordlicht-tools 11',
  ],
  'api/pyproject.toml': [
    'capable fastapi 5',
    'capable google-genai 6',
    'capable weaviate-client 10',
    'capable pytest (dev) 13',
    'capable wandb 17',
    'capable ruff (dev) 20',
  ],
  'api/uv.lock': ['capable boto3 5', 'capable pytest (dev) 31', 'transitive botocore 13'],
  'api/poetry.lock': ['transitive pinecone-client 2', 'transitive urllib3 7'],
  'api/Pipfile.lock': ['transitive stripe 4', 'transitive pytest 7'],
  'ingest/go.mod': [
    'capable github.com/scaleway/scaleway-sdk-go 6',
    'capable google.golang.org/genai 7',
    'transitive golang.org/x/net 8',
    'capable github.com/getsentry/sentry-go 11',
  ],
  'ingest/go.sum': ['transitive github.com/getsentry/sentry-go 1', 'transitive golang.org/x/net 3'],
  'legacy/Gemfile.lock': ['capable configcat 17', 'transitive concurrent-ruby 9'],
  'legacy/composer.json': ['capable stripe/stripe-php 5', 'capable phpunit/phpunit (dev) 7'],
  'legacy/composer.lock': ['transitive stripe/stripe-php 3', 'transitive phpunit/phpunit 6'],
  'edge/Cargo.toml': ['capable sentry 6', 'capable insta (dev) 10', 'capable nix 13'],
  'edge/Cargo.lock': ['capable sentry 11', 'transitive serde 19'],
  'mobile/pom.xml': [
    'capable com.google.genai:google-genai 12',
    'capable org.junit.jupiter:junit-jupiter (dev) 17',
  ],
  'mobile/build.gradle.kts': [
    'capable com.configcat:configcat-java-client 3',
    'capable com.google.firebase:firebase-bom 4',
    'capable junit:junit (dev) 6',
  ],
  'mobile/gradle.lockfile': [
    'transitive com.configcat:configcat-java-client 2',
    'transitive com.squareup.okhttp3:okhttp 3',
  ],
  'legacy/Nordlicht.Billing.csproj': ['capable Google.GenAI 3', 'capable StyleCop.Analyzers (dev) 4'],
  'legacy/packages.lock.json': ['capable Google.GenAI 5', 'transitive System.Text.Json 6'],
  'bom.cdx.json': [
    'capable @sentry/nextjs 7',
    'transitive voyageai 8',
    'transitive com.google.genai:google-genai 13',
    'configured Algolia 17',
    'configured nordlicht-dsn.algolia.net 21',
  ],
};

describe('manifests of a made-up company', () => {
  for (const [file, expected] of Object.entries(says)) {
    it(`${file}: its packages, how strongly it asks for each, and where`, () => {
      expect(told(read(file))).toEqual(expected);
      expect(told(read(file, 7))).toEqual(expected);
    });
  }

  it('says of what else has to be read', () => {
    expect(read('api/requirements.txt').unread).toEqual([
      { line: 2, field: 'requirement', why: 'it refers to another file: read that too' },
    ]);
  });

  it('keeps what a bill of materials says of a service, and no password, path or query of its address', () => {
    const traces = read('bom.cdx.json').list();
    expect(traces.find(({ kind }) => kind === 'service')?.detail).toEqual({
      service: 'Search',
      data: 'outbound PII',
      x_trust_boundary: 'true',
    });
    expect(JSON.stringify(traces)).not.toMatch(/secret|indexes|abc/);
  });
});
