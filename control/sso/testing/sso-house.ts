import { request as overTls } from 'node:https';
import { expect } from 'vitest';
import { type Enrolled, headersOf, secretIn } from '../../identity/testing.ts';
import { identityHouse } from '../../identity/testing-house.ts';
import { createSso, issuerRoutes, oidcRoutes } from '../index.ts';
import { CLIENT, certificate, forgingIssuer, realIssuer } from './issuers.ts';

export interface Entry {
  id: string;
  redirectUri: string;
}
interface Came {
  /** Where the browser is led. */
  to: string;
  secret: string | null;
}
interface Shown {
  stage: string;
  level: number | null;
  person: { id: string } | null;
  steppedUpAt: string | null;
}

/** One step of a browser at the real issuer. */
function visit(url: URL, cookies: Map<string, string>): Promise<URL | null> {
  return new Promise((resolve, reject) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const asked = overTls(url, { ca: certificate.cert, headers: { cookie } }, (answer) => {
      for (const set of answer.headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        cookies.set(name, value);
      }
      answer.resume();
      const { location } = answer.headers;
      answer.on('end', () => resolve(location === undefined ? null : new URL(location, url)));
    });
    asked.on('error', reject);
    asked.end();
  });
}

export type SsoHouse = Awaited<ReturnType<typeof ssoHouse>>;

/** Signing in through a real provider, and through issuers that answer what they like. All people are made up. */
export async function ssoHouse() {
  let nonce = '';
  const real = await realIssuer();
  const forging = await forgingIssuer(() => nonce);
  const house = await identityHouse(undefined, ({ platform, approvals, reached, throttle }) => {
    const network = { ca: certificate.cert, resolve: async () => [{ address: '127.0.0.1', family: 4 }] };
    const sso = createSso({ platform, approvals, reached, throttle, base: '', network });
    return {
      outside: oidcRoutes(sso.signIn, reached),
      routes: issuerRoutes(sso, approvals),
    };
  });
  let owner = await house.first();

  async function add(issuer: string, given: object = {}): Promise<Entry> {
    await fresh();
    const { status, body } = await house.ask(
      'POST',
      '/issuers',
      {
        name: 'Corp',
        issuer,
        clientId: CLIENT,
        domains: ['corp.example'],
        private: true,
        reason: 'a test',
        ...given,
      },
      owner.secret,
    );
    expect(status, JSON.stringify(body)).toBe(201);
    const entry = body as Entry;
    if (issuer === real.issuer) real.register(entry.redirectUri);
    return entry;
  }

  let freshUntil = 0;
  /** The owner, signed in anew where it is needed: a factor was used just now. */
  async function fresh(): Promise<void> {
    if (house.platform.clock.now() < freshUntil) return;
    house.platform.advance(30_000);
    freshUntil = house.platform.clock.now() + 4 * 60_000;
    const { email, password } = owner;
    const first = await house.ask('POST', '/session/password', { email, password });
    const code = owner.codeAt(house.platform.clock.now());
    const { secret } = await house.ask('POST', '/session/totp', { code }, first.secret ?? '');
    owner = { ...owner, secret: secret ?? '' };
  }
  let invited = 0;
  /** Somebody with an account here, a password and an authenticator app. */
  async function someone(): Promise<Enrolled & { id: string }> {
    invited += 1;
    await fresh();
    return house.person(`someone-${invited}@corp.example`, ['security'], owner);
  }

  /** Begins in a browser: where it is sent, and what it keeps. */
  async function begin(entry: Entry, path?: string): Promise<{ url: URL; kept: string }> {
    const answer = await house.request(`/session/oidc/${entry.id}`, {
      method: 'POST',
      headers: headersOf(undefined, {}),
      body: JSON.stringify(path === undefined ? {} : { path }),
    });
    expect(answer.status, await answer.clone().text()).toBe(200);
    const [cookie = ''] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-drawbridge-oidc=.+; Path=\/; HttpOnly; Secure; SameSite=Lax$/i);
    const { url } = (await answer.json()) as { url: string };
    nonce = new URL(url).searchParams.get('nonce') ?? '';
    return { url: new URL(url), kept: cookie.split(';')[0] ?? '' };
  }

  async function comeBack(entry: Entry, query: URLSearchParams | string, kept: string): Promise<Came> {
    const answer = await house.request(`/session/oidc/${entry.id}/callback?${query}`, {
      headers: { cookie: kept },
    });
    expect(answer.status, await answer.text()).toBe(303);
    return { to: answer.headers.get('location') ?? '', secret: secretIn(answer.headers.getSetCookie()) };
  }

  /** Through the real issuer, and not back yet. */
  async function there(entry: Entry, path?: string): Promise<{ query: URLSearchParams; kept: string }> {
    const { url, kept } = await begin(entry, path);
    const cookies = new Map<string, string>();
    let at: URL | null = url;
    for (let steps = 0; at !== null && !at.href.startsWith(entry.redirectUri); steps += 1) {
      if (steps > 8) throw new Error('the issuer leads in circles');
      at = await visit(at, cookies);
    }
    if (at === null) throw new Error('the issuer leads nowhere');
    return { query: at.searchParams, kept };
  }

  /** The whole way through the real issuer. */
  async function through(entry: Entry, path?: string): Promise<Came> {
    const { query, kept } = await there(entry, path);
    return comeBack(entry, query, kept);
  }

  /** Straight back from an issuer that forges. */
  async function forged(entry: Entry, more: Record<string, string> = {}): Promise<Came> {
    const { url, kept } = await begin(entry);
    const state = url.searchParams.get('state') ?? '';
    return comeBack(entry, new URLSearchParams({ code: 'made-up', state, ...more }), kept);
  }

  async function session(secret: string | null) {
    const { body } = await house.ask('GET', '/session', undefined, secret ?? '');
    return body as Shown;
  }

  return {
    ...{ house, real, forging, add, fresh, someone, begin, comeBack, there, through, forged, session },
    /** As `fresh` left them. */
    owner: () => owner,
    async reset(): Promise<void> {
      await house.platform.pool.query('TRUNCATE oidc_issuer, oidc_identity, oidc_flow, throttle CASCADE');
      real.next = { sub: 'nobody' };
      forging.forge((claims) => forging.sign(claims));
      forging.say({});
    },
    async close(): Promise<void> {
      await house.close();
      await real.close();
      await forging.close();
    },
  };
}
