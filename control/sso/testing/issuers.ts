import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import Provider, { type AdapterFactory, type AdapterPayload } from 'oidc-provider';
import { certificate } from '../../export/testing-receiver.ts';

/** Issuers for tests, over TLS on this machine. All people are made up. */
export interface TestIssuer {
  issuer: string;
  close(): Promise<void>;
}

export { certificate };

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestIssuer & { server: Server }> {
  const server = createServer({ key: certificate.key, cert: certificate.cert }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    issuer: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Who signs in next at the real one, and how. */
export interface NextSignIn {
  sub: string;
  email?: string;
  verified?: boolean;
  name?: string;
  acr?: string;
  amr?: string[];
}

export interface RealIssuer extends TestIssuer {
  /** The client of this id comes back to this address. */
  register(redirectUri: string): void;
  next: NextSignIn;
}

export const CLIENT = 'drawbridge-console';

/** What a provider keeps, in memory. Its one client comes back to all addresses that were registered. */
function memory(redirectUris: readonly string[]): AdapterFactory {
  const client = () => ({
    client_id: CLIENT,
    redirect_uris: [...redirectUris],
    response_types: ['code'],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'none',
  });
  return (kind) => {
    const kept = new Map<string, AdapterPayload>();
    const found = (is: (payload: AdapterPayload) => boolean) => [...kept.values()].find(is);
    return {
      upsert: async (id, payload) => void kept.set(id, payload),
      find: async (id) => (kind === 'Client' ? (client() as AdapterPayload) : kept.get(id)),
      findByUid: async (uid) => found((payload) => payload.uid === uid),
      findByUserCode: async (code) => found((payload) => payload.userCode === code),
      async consume(id) {
        const payload = kept.get(id);
        if (payload !== undefined) payload.consumed = true;
      },
      destroy: async (id) => void kept.delete(id),
      async revokeByGrantId(grant) {
        for (const [id, payload] of kept) if (payload.grantId === grant) kept.delete(id);
      },
    };
  };
}

/** A whole provider, whose page for signing in lets in at once whoever is next. */
export async function realIssuer(): Promise<RealIssuer> {
  let handle: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end();
  const served = await serve((request, response) => handle(request, response));
  const redirectUris: string[] = [];
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(served.issuer, {
    adapter: memory(redirectUris),
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'made-up', alg: 'RS256', use: 'sig' }] },
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      Grant: 300,
      IdToken: 300,
      Interaction: 300,
      Session: 300,
    },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    acrValues: ['urn:example:mfa', 'urn:example:password'],
    claims: { openid: ['sub', 'acr', 'amr'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['made up for tests'] },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    findAccount: async (_, sub) => ({
      accountId: sub,
      async claims() {
        const { email, verified = true, name } = real.next;
        return {
          sub,
          ...(email === undefined ? {} : { email, email_verified: verified }),
          ...(name === undefined ? {} : { name }),
        };
      },
    }),
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({ clientId: CLIENT, accountId: oidc.session?.accountId ?? '' });
      grant.addOIDCScope('openid email profile');
      grant.addOIDCClaims(['acr', 'amr']);
      await grant.save();
      return grant;
    },
  });
  const callback = provider.callback();
  handle = (request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return void callback(request, response);
    const { sub, acr, amr } = real.next;
    const login = {
      accountId: sub,
      remember: false,
      ...(acr === undefined ? {} : { acr }),
      ...(amr === undefined ? {} : { amr }),
    };
    void provider.interactionFinished(request, response, { login });
  };
  const real: RealIssuer = {
    issuer: served.issuer,
    close: served.close,
    register: (uri) => void redirectUris.push(uri),
    next: { sub: 'nobody' },
  };
  return real;
}

export interface ForgingIssuer extends TestIssuer {
  /** Makes the ID token of the next answer. */
  forge(make: (claims: JWTPayload) => Promise<string> | string): void;
  /** What its discovery document says beside the truth. */
  say(more: Record<string, unknown>): void;
  /** A token as it should be. */
  sign(claims: JWTPayload): Promise<string>;
  /** The challenge of the flow is not looked at; what was sent is kept. */
  exchanged: URLSearchParams[];
  /** Signs with another key from now on, and publishes that alone. */
  rotate(): Promise<void>;
  /** Paths that it was asked for. */
  asked: string[];
}

/** An issuer that answers whatever a test wants it to. */
export async function forgingIssuer(nonceOf: () => string): Promise<ForgingIssuer> {
  const newKey = async (kid: string) => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    return { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' } };
  };
  let key = await newKey('first');
  const asked: string[] = [];
  let more: Record<string, unknown> = {};
  const exchanged: URLSearchParams[] = [];
  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(key.privateKey);
  let forge: (claims: JWTPayload) => Promise<string> | string = sign;
  const served = await serve((request, response) => {
    const send = (body: unknown) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    asked.push(request.url ?? '');
    if (request.url === '/.well-known/openid-configuration') {
      return send({
        issuer: served.issuer,
        authorization_endpoint: `${served.issuer}/authorize`,
        token_endpoint: `${served.issuer}/token`,
        jwks_uri: `${served.issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256', 'none', 'HS256'],
        ...more,
      });
    }
    if (request.url === '/jwks') return send({ keys: [key.jwk] });
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      exchanged.push(new URLSearchParams(body));
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        iss: served.issuer,
        aud: CLIENT,
        sub: 'someone',
        nonce: nonceOf(),
        iat: now,
        exp: now + 300,
        email: 'someone@corp.example',
        email_verified: true,
      };
      void Promise.resolve(forge(claims)).then((idToken) =>
        send({ access_token: 'made-up', token_type: 'Bearer', id_token: idToken }),
      );
    });
  });
  return {
    issuer: served.issuer,
    close: served.close,
    forge: (make) => {
      forge = make;
    },
    say: (given) => {
      more = given;
    },
    sign,
    exchanged,
    asked,
    async rotate() {
      key = await newKey(`${key.kid}-next`);
    },
  };
}
