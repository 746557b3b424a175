import type { AuthPlacement } from '@drawbridge/protocol';
import { afterEach, expect, test } from 'vitest';
import { startTestGateway } from '../testing/gateway.ts';
import { answerJson, bearer, send } from '../testing/send.ts';
import { aiService } from '../testing/services.ts';
import { startStandIn } from '../testing/standin.ts';

/** Services whose requests are signed: what can't be signed is refused before anything goes out. */

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Scheme = Extract<AuthPlacement, { in: 'signature' }>['scheme'];

/** Asks through a connection to a service that wants to be asked under this scheme. */
async function asked(scheme: Scheme, credential: string | null) {
  const vendor = await startStandIn((_request, response) => answerJson(response, {}));
  closing.push(() => vendor.close());
  const gateway = await startTestGateway();
  closing.push(() => gateway.close());
  const { port, deployment, worker, entries } = gateway;
  const auth: AuthPlacement[] = [...aiService.auth, { in: 'signature', scheme, service: 'made-up' }];
  await deployment.connect({
    slug: 'signed',
    service: { ...aiService, id: 'signed', auth },
    upstream: { scheme: 'http', host: '127.0.0.1', port: vendor.port, private: true },
    credential,
  });
  const key = deployment.issue({ connections: ['signed'] });
  await worker.apply(await deployment.snapshot());
  const body = JSON.stringify({ model: 'made-up-1', messages: [{ role: 'user', content: 'Hello?' }] });
  const {
    status,
    headers,
    body: text,
  } = await send(port, '/signed/v1/chat/completions', {
    headers: bearer(key),
    body,
  });
  return { status, headers, text, received: vendor.received, entries: await entries() };
}

test.each<[Scheme, string, string | null]>([
  ['google-oauth', 'with a credential', 'made-up-credential'],
  ['google-oauth', 'without a credential', null],
  ['entra-oauth', 'with a credential', 'made-up-credential'],
  ['entra-oauth', 'without a credential', null],
])(
  '%s, %s: 501, not to be tried again, and nothing reaches the vendor',
  async (scheme, _what, credential) => {
    const { status, headers, text, received, entries } = await asked(scheme, credential);
    expect([status, JSON.parse(text).error.code]).toEqual([501, 'signer_not_supported']);
    expect(headers['x-should-retry']).toBe('false');
    expect(text).not.toContain('made-up-credential');
    expect(received).toEqual([]);
    expect(entries).toMatchObject([{ reason: 'signer_not_supported', stage: 'admit' }]);
  },
);

test.each<[string, string | null, string]>([
  ['no credential', null, 'credential_missing'],
  ['a credential that is no AWS key pair', 'made-up-credential', 'credential_unusable'],
  ['a credential with a part too many', 'AKIDMADEUP:secret:token:more', 'credential_unusable'],
])('aws-sigv4 with %s: kept for later, and nothing reaches the vendor', async (_what, credential, code) => {
  const { status, text, received } = await asked('aws-sigv4', credential);
  expect([status, JSON.parse(text).error.code, received]).toEqual([503, code, []]);
});

test('aws-sigv4 with its credential: the vendor gets a signature, and neither key nor secret', async () => {
  const { status, received } = await asked('aws-sigv4', 'AKIDMADEUP:made-up-secret');
  expect([status, received.length]).toEqual([200, 1]);
  const request = JSON.stringify(received[0]);
  expect(request).toContain('AWS4-HMAC-SHA256 Credential=AKIDMADEUP/');
  expect(request).not.toMatch(/made-up-secret|dbk_/);
});
